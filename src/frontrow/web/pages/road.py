"""The road from a shop's orders to what a campaign earned, as every page of it shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from frontrow.web.pages.addresses import address

STEPS: Final = ("Orders", "New product", "Who", "How many", "Campaign", "Earned")
"""The steps in their order."""


@dataclass(frozen=True)
class Step:
    """One step of the road.

    Attributes:
        title: What it is called.
        href: Its page; None while there is nothing to show there.
        state: Whether it lies behind, is where the reader is, or lies ahead.
    """

    title: str
    href: str | None
    state: Literal["done", "current", "ahead"]


def build_road(shop: str, current: str, *, audience: str = "", campaign: str = "") -> list[Step]:
    """The steps as a page shows them.

    Args:
        shop: Name of the shop.
        current: The step that the page belongs to, one of `STEPS`.
        audience: Id of the audience that the reader works on; empty for none.
        campaign: Id of the campaign that the reader works on; empty for none.

    Example:
        >>> [(step.title, step.state) for step in build_road("garden", "New product")][:3]
        [('Orders', 'done'), ('New product', 'current'), ('Who', 'ahead')]
        >>> build_road("garden", "Who", audience="j1")[3].href
        '/shops/garden/audiences/j1/length'
    """
    audience_parts = ("shops", shop, "audiences", audience)
    campaign_parts = ("shops", shop, "campaigns", campaign)
    pages = (
        address("shops", shop),
        address("shops", shop, "new"),
        address(*audience_parts) if audience else None,
        address(*audience_parts, "length") if audience else None,
        address(*campaign_parts) if campaign else None,
        address(*campaign_parts, "earned") if campaign else None,
    )
    here = STEPS.index(current)
    return [
        Step(title, href, "done" if number < here else "current" if number == here else "ahead")
        for number, (title, href) in enumerate(zip(STEPS, pages, strict=True))
    ]
