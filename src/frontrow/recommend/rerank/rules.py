"""The rules of a shop for its lists: what is hidden, how many products of a kind a list may hold, what is pinned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from frontrow.errors import RecommendationError
from frontrow.recommend.candidates import NOT_FOR_SALE, ON_SALE_DAYS

SHOW, HIDE, WHEN_DUE = "show", "hide", "when due"
ALREADY_BOUGHT: Final = (SHOW, HIDE, WHEN_DUE)
"""What to do with products a customer has bought: list them, hide them, or list them after their repurchase gap."""


@dataclass(frozen=True)
class Match:
    """A description of products; an empty field does not restrict anything.

    Attributes:
        product_types: Any of these, case ignored.
        vendors: Any of these, case ignored.
        tags: The product has at least one of these tags, case ignored.
        product_ids: Any of these.
        price_from: Lowest price; a product without a price does not match.
        price_to: Highest price; a product without a price does not match.
    """

    product_types: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    product_ids: tuple[str, ...] = ()
    price_from: float | None = None
    price_to: float | None = None


@dataclass(frozen=True)
class AtMost:
    """Largest number of products of one kind in a list; None for no limit. Products without a kind are not limited.

    Attributes:
        per_product_type: Largest number of one product type.
        per_vendor: Largest number of one vendor.
    """

    per_product_type: int | None = None
    per_vendor: int | None = None


@dataclass(frozen=True)
class Pin:
    """A product with a fixed rank.

    Attributes:
        product_id: The product, which may be new. It is left out where another rule excludes it.
        rank: From 1. A list that ends before it has the product at its end; a rank above the list's length is ignored.
    """

    product_id: str
    rank: int


@dataclass(frozen=True)
class Rules:
    """The rules of a shop for its lists.

    Attributes:
        already_bought: One of `ALREADY_BOUGHT`.
        not_for_sale: Values of `status` in the products table that keep a product out of every list, case ignored.
        sold_within_days: Products without a sale in so many days are left out; 0 for no such limit.
        out_of_stock: Products that cannot be delivered.
        include: Only products that match every given field are listed.
        exclude: Products that match any given field are not listed; the two prices together are one field.
        at_most: Largest number of products of a kind.
        diversity: From 0 (the model's order) to 1 (as different as possible): the weight of being unlike the products
            already in the list, against the model's order.
        pinned: Products with a fixed rank; no two share a product or a rank.

    Raises:
        RecommendationError: A value is not allowed.

    Example:
        >>> Rules(exclude=Match(tags=("clearance",)), at_most=AtMost(per_vendor=2)).already_bought
        'show'
    """

    already_bought: str = SHOW
    not_for_sale: tuple[str, ...] = NOT_FOR_SALE
    sold_within_days: int = ON_SALE_DAYS
    out_of_stock: tuple[str, ...] = ()
    include: Match = field(default_factory=Match)
    exclude: Match = field(default_factory=Match)
    at_most: AtMost = field(default_factory=AtMost)
    diversity: float = 0.0
    pinned: tuple[Pin, ...] = ()

    def __post_init__(self) -> None:
        limits, pins = vars(self.at_most).values(), self.pinned
        for field_name, is_valid, expected in (
            ("already_bought", self.already_bought in ALREADY_BOUGHT, f"one of {', '.join(ALREADY_BOUGHT)}"),
            ("diversity", 0 <= self.diversity <= 1, "a number from 0 to 1"),
            ("at_most", all(limit is None or limit >= 1 for limit in limits), "1 or more"),
            ("pinned", all(pin.rank >= 1 for pin in pins), "ranks of 1 or more"),
            ("pinned", len({pin.product_id for pin in pins}) == len(pins), "a different product for each pin"),
            ("pinned", len({pin.rank for pin in pins}) == len(pins), "a different rank for each pin"),
        ):
            if not is_valid:
                raise RecommendationError(
                    f"The rule {field_name} is {getattr(self, field_name)!r}; expected {expected}."
                )
