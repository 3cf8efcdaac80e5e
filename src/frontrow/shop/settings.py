"""What a shop says about itself: `shop.json`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontrow.errors import ShopError
from frontrow.schema import FORMAT_VERSION, Grain


@dataclass(frozen=True)
class ShopSettings:
    """What holds for the whole shop, decided when it was first imported.

    Attributes:
        time_zone: IANA name; stamps are shown and days are cut in it.
        currency: ISO 4217 code of every amount of money, empty when no source said.
        grain: What one product is: the parent product, or each of its variants.
        parent_sku: A regular expression whose first group takes the parent's code out of a SKU, or None.
        imports: One record a past import: file name, format, rows, kept, dropped by reason, stamp.

    Example:
        >>> ShopSettings(time_zone="Europe/London", currency="GBP").grain
        'product'
    """

    time_zone: str = "UTC"
    currency: str = ""
    grain: Grain = "product"
    parent_sku: str | None = None
    imports: tuple[dict[str, Any], ...] = field(default=())

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ShopError(
                f'"{self.time_zone}" is not a time zone. Give an IANA name such as Europe/London.'
            ) from error

    @property
    def first_import(self) -> str:
        """SHA-256 of the record of the first import, which tells one shop from another; empty where there is none.

        Example:
            >>> ShopSettings(imports=({"file": "orders.csv"},)).first_import[:8]
            '31cdca1c'
        """
        told = [json.dumps(record, sort_keys=True) for record in self.imports[:1]]
        return hashlib.sha256(told[0].encode()).hexdigest() if told else ""

    def to_json(self) -> str:
        """The text of `shop.json`."""
        return json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, *, file: Path) -> ShopSettings:
        """Read `shop.json` back.

        Raises:
            ShopError: The text is no JSON object, or was written by another format version.
        """
        try:
            values = json.loads(text)
            version = values.pop("format_version")
            values["imports"] = tuple(values["imports"])
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ShopError(f"{file} is damaged. Import the shop's exports again into a new folder.") from error
        if version != FORMAT_VERSION:
            raise ShopError(
                f"{file} has format version {version}; this frontrow reads version {FORMAT_VERSION}. "
                "Import the shop's exports again into a new folder."
            )
        return cls(**cast(dict[str, Any], values))
