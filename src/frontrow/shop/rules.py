"""What is a product and what is not: rules a shop can see and edit (`product_rules.json`)."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from frontrow.errors import InputError

Column = Literal["title", "product_id", "product_type", "vendor", "skus", "tags"]


@dataclass(frozen=True)
class ProductRule:
    """Products whose `column` matches `pattern` are not products.

    Attributes:
        reason: What such a line is, in the words of the data report: "postage", "gift card".
        column: The product column looked at; for `skus` every SKU has to match.
        pattern: A regular expression, searched anywhere, case-insensitive.
    """

    reason: str
    column: Column
    pattern: str
