"""The rules a shop gives its lists: what is hidden, how often a kind may stand there, what is pinned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from frontrow.errors import RecommendationError
from frontrow.recommend.retrieve.candidates import NOT_FOR_SALE, ON_SALE_DAYS

SHOW, HIDE, WHEN_DUE = "show", "hide", "when due"
ALREADY_BOUGHT: Final = (SHOW, HIDE, WHEN_DUE)
"""Of products a customer has bought: list them, never, or from the product's usual repurchase gap on."""


@dataclass(frozen=True)
class Match:
    """A description of products; a field left empty says nothing.

    Attributes:
        product_types: Any of these, case ignored.
        vendors: Any of these, case ignored.
        tags: Any of these among the product's own, case ignored.
        product_ids: Any of these.
        price_from: This price or more; a product without a price has none.
        price_to: This price or less.
    """

    product_types: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    product_ids: tuple[str, ...] = ()
    price_from: float | None = None
    price_to: float | None = None


@dataclass(frozen=True)
class AtMost:
    """How many products of one kind a list may hold, None for any number; a product without a kind counts nowhere.

    Attributes:
        per_product_type: Of one product type.
        per_vendor: Of one vendor.
    """

    per_product_type: int | None = None
    per_vendor: int | None = None


@dataclass(frozen=True)
class Pin:
    """A product with a place of its own.

    Attributes:
        product_id: It may be new; what another rule forbids is not pinned either.
        rank: From 1. In a list that ends before it, the last place; not pinned where it is above the length asked for.
    """

    product_id: str
    rank: int


@dataclass(frozen=True)
class Rules:
    """What a shop wants of its lists.

    Attributes:
        already_bought: One of `ALREADY_BOUGHT`.
        not_for_sale: Values of `status` in the products table that keep a product out of every list, case ignored.
        sold_within_days: Products not sold for longer are taken to have left the shop; 0 keeps them all.
        out_of_stock: Products that cannot be delivered.
        include: Only products that fit every field given here are listed.
        exclude: Products that fit any field given here are not; the two prices together are one field.
        at_most: How many of a kind.
        diversity: From 0 (the model's order) to 1 (as different as can be): the weight of being unlike what the list
            holds already, against the model's order.
        pinned: Products with a place of their own; no two share a product or a rank.

    Raises:
        RecommendationError: A value is none of these.

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
        most, pins = vars(self.at_most).values(), self.pinned
        for field_name, kept, expected in (
            ("already_bought", self.already_bought in ALREADY_BOUGHT, f"one of {', '.join(ALREADY_BOUGHT)}"),
            ("diversity", 0 <= self.diversity <= 1, "a number from 0 to 1"),
            ("at_most", all(one is None or one >= 1 for one in most), "1 or more"),
            ("pinned", all(pin.rank >= 1 for pin in pins), "ranks of 1 or more"),
            ("pinned", len({pin.product_id for pin in pins}) == len(pins), "a product of its own for each pin"),
            ("pinned", len({pin.rank for pin in pins}) == len(pins), "a rank of its own for each pin"),
        ):
            if not kept:
                raise RecommendationError(
                    f"The rule {field_name} is {getattr(self, field_name)!r}; expected {expected}."
                )
