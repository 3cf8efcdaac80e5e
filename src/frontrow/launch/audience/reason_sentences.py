"""The sentences of reasons: which features belong together, and the sentence made of a row's figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from frontrow.features.pair import AFFINITIES
from frontrow.features.vectors import VECTOR_FEATURES

Row = Mapping[str, float | None]
"""`features.launch.FEATURES` of one customer and launch."""

SIMILAR: Final = "similar products"
CLOSE: Final = "products with similar vectors"
CATEGORY: Final = "type"
VENDOR: Final = "vendor"
RHYTHM: Final = "rhythm"
ACTIVITY: Final = "activity"
SPEND: Final = "spend"
NEW_PRODUCTS: Final = "new products"
VARIETY: Final = "variety"
SEASON: Final = "same season"
TENURE: Final = "tenure"
QUANTITY: Final = "quantity"
PRICE: Final = "price"
LAUNCH: Final = "launch"

_WINDOWS = ("30d", "90d", "180d", "365d")

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    SIMILAR: (
        *AFFINITIES,
        *("similar_lines", "closest", "days_since_similar", "affinity_per_product", "affinity_per_line"),
    ),
    CLOSE: tuple(name for name in VECTOR_FEATURES if name != "vector_buyers_of_nearest"),
    CATEGORY: ("category_lines", "category_recent", "category_increment"),
    VENDOR: ("vendor_lines", "vendor_recent", "vendor_increment"),
    RHYTHM: ("days_since_last_order", "days_between_orders", "overdue"),
    ACTIVITY: (
        *(f"{column}_{days}" for column in ("lines", "order_days") for days in _WINDOWS),
        *("lines", "order_days", "lines_decayed", "order_days_decayed", "lines_per_order_day"),
    ),
    SPEND: (*(f"spend_{days}" for days in _WINDOWS), "spend"),
    NEW_PRODUCTS: ("adoptions", "adoptions_90d", "share_of_adoptions"),
    VARIETY: ("products", "firsts_decayed", "share_of_firsts"),
    SEASON: ("lines_same_season",),
    TENURE: ("days_since_first_order",),
    QUANTITY: ("units_per_line",),
    PRICE: ("log_price_mean", "log_price_spread", "log_price_above_usual"),
    LAUNCH: (
        *("log_price", "closeness_of_nearest", "buyers_of_nearest", "season_sine", "season_cosine"),
        "vector_buyers_of_nearest",
    ),
}
"""Every feature in exactly one group, whether a model has it or not.

The features of `LAUNCH` are the same for everyone, so they give no reason.
"""


def write_sentence(group: str, row: Row) -> str | None:
    """The sentence of a group of features for one row; None where its figures say nothing.

    Args:
        group: One of `GROUPS`.
        row: The features of one customer and launch.

    Example:
        >>> write_sentence(SIMILAR, {"similar_lines": 4.0, "days_since_similar": 12.0})
        'bought similar products 4 times, the last time 12 days ago'
        >>> write_sentence(SIMILAR, {"similar_lines": 0.0, "days_since_similar": None}) is None
        True
    """
    write = _SENTENCES.get(group)
    return write(row) if write is not None else None


def _figure(row: Row, name: str) -> float:
    """A feature's value, 0.0 where it is unknown or the model does not have it."""
    value = row.get(name)
    return 0.0 if value is None or not math.isfinite(value) else value


def _count(number: float, singular: str, plural: str) -> str:
    rounded = round(number)
    return f"{rounded:,} {singular if rounded == 1 else plural}"


def _days(number: float) -> str:
    return _count(number, "day", "days")


_TIMES: Final = {1: "once", 2: "twice"}


def _bought(row: Row, what: str, lines: str) -> str | None:
    count = round(_figure(row, lines))
    if count < 1:
        return None
    return f"bought {what} {_TIMES.get(count, f'{count:,} times')}"


def _similar(row: Row) -> str | None:
    once, age = round(_figure(row, "similar_lines")) == 1, _figure(row, "days_since_similar")
    bought = _bought(row, "a similar product" if once else "similar products", "similar_lines")
    if bought is None or age < 1:
        return None
    return f"{bought}, {_days(age)} ago" if once else f"{bought}, the last time {_days(age)} ago"


def _close(row: Row) -> str | None:
    closest = _figure(row, "vector_closest")
    return f"bought a product that resembles it by its vector (similarity {closest:.2f})" if closest >= 0.01 else None


def _rhythm(row: Row) -> str | None:
    gap, age = _figure(row, "days_between_orders"), _figure(row, "days_since_last_order")
    if age < 1:
        return None
    if _figure(row, "order_days") < 2:
        return f"ordered for the first time {_days(age)} ago"
    every = "day" if round(gap) <= 1 else _days(gap)
    return f"orders every {every}, last order {_days(age)} ago"


def _activity(row: Row) -> str | None:
    days, lines = _figure(row, "order_days_365d"), _figure(row, "lines_365d")
    if days < 1:
        return None
    return f"ordered on {_days(days)} in the last year, {_count(lines, 'order line', 'order lines')}"


def _spend(row: Row) -> str | None:
    spend = _figure(row, "spend_365d")
    return f"spent {spend:,.0f} in the last year" if round(spend) >= 1 else None


def _new_products(row: Row) -> str | None:
    adopted, products = round(_figure(row, "adoptions")), round(_figure(row, "products"))
    if adopted < 1 or products < 2:
        return None
    recent = round(_figure(row, "adoptions_90d"))
    sentence = f"bought {adopted:,} of {products:,} products within 30 days of their first sale"
    return f"{sentence}, {recent:,} in the last 90 days" if recent else sentence


def _variety(row: Row) -> str | None:
    products, share = round(_figure(row, "products")), _figure(row, "share_of_firsts")
    if products < 2:
        return None
    return f"bought {products:,} different products; {share:.0%} of order lines were a product new to them"


def _season(row: Row) -> str | None:
    lines = _figure(row, "lines_same_season")
    return f"ordered {_count(lines, 'line', 'lines')} in this season a year ago" if round(lines) >= 1 else None


def _tenure(row: Row) -> str | None:
    age = _figure(row, "days_since_first_order")
    return f"first ordered {_days(age)} ago" if age >= 1 else None


def _quantity(row: Row) -> str | None:
    units = _figure(row, "units_per_line")
    return f"takes {_count(units, 'unit', 'units')} of a product at a time" if units >= 1 else None


def _price(row: Row) -> str | None:
    price, usual = row["log_price"], row["log_price_mean"]
    if price is None or usual is None or not (math.isfinite(price) and math.isfinite(usual)):
        return None
    # features are log(price + 0.01), so that free products have one
    new_price, usual_price = max(math.exp(price) - 0.01, 0.0), max(math.exp(usual) - 0.01, 0.0)
    return f"usually buys at about {usual_price:,.2f}, this one costs {new_price:,.2f}"


_SENTENCES: Final[Mapping[str, Callable[[Row], str | None]]] = {
    SIMILAR: _similar,
    CLOSE: _close,
    CATEGORY: lambda row: _bought(row, "products of the same type", "category_lines"),
    VENDOR: lambda row: _bought(row, "from the same vendor", "vendor_lines"),
    RHYTHM: _rhythm,
    ACTIVITY: _activity,
    SPEND: _spend,
    NEW_PRODUCTS: _new_products,
    VARIETY: _variety,
    SEASON: _season,
    TENURE: _tenure,
    QUANTITY: _quantity,
    PRICE: _price,
}
