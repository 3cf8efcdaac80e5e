"""Which campaigns of a shop reached the same customers while orders still counted for one of them.

Two overlaps matter. Who was contacted by two campaigns within the window of the first may have bought because of
either. Who was held out of a campaign and contacted by another within its window is no longer left alone; where both
are about the same product, nothing is left to compare with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final

import polars as pl

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.product_matching import match_campaign_products

KEY: Final = pl.when(pl.col("campaign_id") == "").then("campaign").otherwise("campaign_id")
"""What tells campaigns apart: the id, and the name of one that was planned without a shop's folder."""


@dataclass(frozen=True)
class CampaignWindow:
    """A campaign and the days whose orders count for it.

    Attributes:
        key: Its id, or its name where it was planned without a shop's folder.
        start: The first day; None where no folder of the campaign says it.
        until: The first day that no longer counts; None where that is not known.
        campaign: As planned; None where no folder holds it, so that only the shop's logs know of it.
    """

    key: str
    start: dt.date | None
    until: dt.date | None
    campaign: Campaign | None


@dataclass(frozen=True)
class Overlap:
    """Customers of a campaign whom another one contacted within its window.

    Attributes:
        first: Key of the campaign whose window it is.
        second: Key of the other campaign.
        contacted_by_both: Customers contacted by the first, and by the second no earlier.
        held_out_then_contacted: Customers held out of the first and contacted by the second.
        same_product: Those of them whom the second contacted about the product they were held out of; None where no
            folder says what the second was about.
    """

    first: str
    second: str
    contacted_by_both: int
    held_out_then_contacted: int
    same_product: int | None


@dataclass(frozen=True)
class Overlaps:
    """All overlaps of a shop's campaigns.

    Attributes:
        pairs: Each ordered pair of campaigns that has one.
        contacted_twice: Customers contacted by two campaigns or more within a window, each counted once.
        held_out_then_contacted: Customers held out of a campaign and contacted by another within its window.
        same_product: Those of them who were contacted about the product they were held out of.
    """

    pairs: tuple[Overlap, ...]
    contacted_twice: int
    held_out_then_contacted: int
    same_product: int

    def of(self, key: str) -> tuple[Overlap, ...]:
        """The overlaps that a campaign has a part in.

        Args:
            key: The campaign's.
        """
        return tuple(pair for pair in self.pairs if key in (pair.first, pair.second))


@dataclass(frozen=True)
class _Pair:
    overlap: Overlap
    twice: pl.Series
    reached: pl.Series
    same: pl.Series


def list_overlaps(
    contacts: pl.DataFrame, held_out: pl.DataFrame, windows: Sequence[CampaignWindow], products: pl.DataFrame
) -> Overlaps:
    """Compare every two campaigns whose windows may meet.

    Args:
        contacts: Rows of the contact log (`contact_log.CONTACT_LOG_SCHEMA`).
        held_out: Rows of the log of those held out (`contact_log.HELD_OUT_LOG_SCHEMA`).
        windows: The campaigns, the first planned first.
        products: The shop's (`schema.PRODUCT_SCHEMA`), which know a product under its new name.
    """
    days = contacts.with_columns(key=KEY).group_by("key", "customer_id").agg(pl.col("contacted_on").unique().sort())
    contacted = _by_key(days.explode("contacted_on"))
    left_alone = _by_key(held_out.with_columns(key=KEY))
    order = {window.key: position for position, window in enumerate(windows)}
    pairs = []
    for first, second in permutations(windows, 2):
        if second.key in contacted:
            pair = _compare(
                first, second, contacted, left_alone, products, is_earlier=order[first.key] < order[second.key]
            )
            if pair.overlap.contacted_by_both or pair.overlap.held_out_then_contacted:
                pairs.append(pair)
    return Overlaps(
        tuple(pair.overlap for pair in pairs),
        *(_count([getattr(pair, name) for pair in pairs]) for name in ("twice", "reached", "same")),
    )


def _by_key(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(key): part for (key,), part in rows.group_by("key")}


def _count(customers: Sequence[pl.Series]) -> int:
    return pl.concat(customers).n_unique() if customers else 0


def _compare(
    first: CampaignWindow,
    second: CampaignWindow,
    contacted: Mapping[str, pl.DataFrame],
    left_alone: Mapping[str, pl.DataFrame],
    products: pl.DataFrame,
    *,
    is_earlier: bool,
) -> _Pair:
    reached_by_second = contacted[second.key].select("customer_id", second_day="contacted_on")
    nobody = pl.Series("customer_id", [], pl.Int64)
    twice = nobody
    if first.key in contacted and first.until is not None:
        both = contacted[first.key].join(reached_by_second, on="customer_id")
        is_later = pl.col("second_day") > pl.col("contacted_on")
        # on the same day each is within the other's window: counted once, with the one that was planned first
        is_same_day = (pl.col("second_day") == pl.col("contacted_on")) & is_earlier
        within = both.filter(is_later | is_same_day, pl.col("second_day") < first.until)
        twice = within["customer_id"].unique()
    reached, same = nobody, nobody
    if first.key in left_alone:
        rows = left_alone[first.key].join(reached_by_second, on="customer_id")
        rows = rows.filter(pl.col("second_day") < pl.col("until"))
        if first.start is not None:
            rows = rows.filter(pl.col("second_day") >= first.start)
        reached = rows["customer_id"].unique()
        same = _about_the_same(rows, second.campaign, products)
    is_known = second.campaign is not None
    overlap = Overlap(first.key, second.key, len(twice), len(reached), len(same) if is_known else None)
    return _Pair(overlap, twice, reached, same)


def _about_the_same(rows: pl.DataFrame, campaign: Campaign | None, products: pl.DataFrame) -> pl.Series:
    """Customers of whom the second campaign wrote about the product they were held out of."""
    if campaign is None or not rows.height:
        return pl.Series("customer_id", [], pl.Int64)
    earlier = rows.select("product_id", "title").unique().to_dicts()
    same = pl.DataFrame(
        match_campaign_products(_list_products(campaign), earlier, products),
        schema={"contacted_about": pl.String(), "product_id": pl.String(), "title": pl.String()},
        orient="row",
    )
    about = campaign.contacted.select("customer_id", contacted_about="product_id")
    matched = rows.join(about, on="customer_id").join(same, on=["contacted_about", "product_id", "title"])
    return matched["customer_id"].unique()


def _list_products(campaign: Campaign) -> list[dict[str, Any]]:
    return [{"product_id": product["product_id"], "title": product["title"]} for product in campaign.products]


def to_windows(campaigns: Mapping[str, Campaign], untils: Mapping[str, dt.date | None]) -> Iterator[CampaignWindow]:
    """The window of each campaign that was recorded as sent.

    Args:
        campaigns: As planned, by key, of those whose folder is at hand.
        untils: The first day that no longer counts, by key, of all of them.
    """
    for key, until in untils.items():
        campaign = campaigns.get(key)
        yield CampaignWindow(key, None if campaign is None else campaign.as_of.date(), until, campaign)
