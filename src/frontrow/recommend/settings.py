"""For whom lists are made, and what may be in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from frontrow.recommend.evaluate.window import RETURNING
from frontrow.recommend.rerank.rules import HIDE, SHOW

MODES: Final = {"all": SHOW, "new": HIDE}
"""What a mode does with products that a customer has bought."""


@dataclass(frozen=True)
class RecommendSettings:
    """For whom lists are made, and what may be in them.

    Attributes:
        customers: `RETURNING`, `EVERYONE`, `NEW`, or a file (`customers.read_customers`).
        active_days: Returning customers are those with an order in so many days; others get a list where a file names
            them, or with `EVERYONE`.
        contexts: A file of first orders (`customers.read_contexts`) for new customers; None for one from each country.
        basket: Products that every new customer has in the basket.
        k: Length of the lists.
        mode: One of `MODES`, which takes precedence over the rules; None for what the rules say.
        rules: A file of rules.
        launches: A file of new products (`launch.launch_files.read_new_products`).
        horizon_days: The probability to buy a launch is that within so many days, where the model has no horizon of
            its own.
        seed: Of every fit.
        strict: What looks like a slip in the file of new products is an error.
    """

    customers: str = RETURNING
    active_days: int = 365
    contexts: Path | None = None
    basket: tuple[str, ...] = ()
    k: int = 10
    mode: str | None = None
    rules: Path | None = None
    launches: Path | None = None
    horizon_days: int = 30
    seed: int = 0
    strict: bool = False
