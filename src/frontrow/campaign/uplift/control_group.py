"""What all campaigns together caused since the global control group was drawn.

Membership is decided by lot, once, by a hash with a secret salt; no campaign contacts a member. So the group and all
other customers differ by chance alone, and after the draw by what the campaigns did. Two things keep it so:

* Who is compared was decided before the draw: customers who had ordered within the days before it. Consent, addresses
  and tags of today do not count, because a campaign may have changed them: whoever was written to can unsubscribe.
* Everyone counts as drawn: the others whether a campaign reached them or not, the members whatever happened.

What the same customers did in the days before the draw is taken into account (CUPED), and that interval decides. The
plain one is too short where a few customers spend a hundred times what others do: on Online Retail II it holds the
truth in 80 of 100 draws of a twentieth of the customers, and the other in 94 (`benchmarks/control_group.py`).

Where the share was raised later, those who joined then were contacted before: they are compared on neither side.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.uplift.groups import FEWEST
from frontrow.campaign.uplift.uplift import USUAL, AdjustedUplift, Uplift, UpliftSettings, estimate_uplift
from frontrow.schema import revenue
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History

OUTCOMES: Final = ("revenue", "orders", "ordered")
"""Of a customer since the draw: revenue of all products, number of orders, and 1 for whoever ordered at all."""


@dataclass(frozen=True)
class ControlGroupEffect:
    """The global control group against all others.

    Attributes:
        drawn_on: The day of the draw, on the shop's calendar; orders from this day on count.
        until: Orders before this instant were known.
        share: Share of all customers who have been held out since the draw.
        active_days: Customers with an order within so many days before the draw are compared.
        currency: Currency of every amount; empty when the shop has none.
        uplifts: One an outcome of `OUTCOMES`: others less control group, per customer; `adjusted` of them decides.
    """

    drawn_on: dt.date
    until: dt.datetime
    share: float
    active_days: int
    currency: str
    uplifts: tuple[Uplift, ...]

    def uplift_of(self, outcome: str) -> Uplift:
        """The uplift of an outcome.

        Args:
            outcome: A name of `OUTCOMES`.
        """
        return next(uplift for uplift in self.uplifts if uplift.outcome == outcome)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "drawn_on": self.drawn_on.isoformat(),
            "until": self.until.isoformat(),
            "share": self.share,
            "active_days": self.active_days,
            "currency": self.currency,
            "others": self.uplifts[0].contacted,
            "control_group": self.uplifts[0].held_out,
            "uplifts": [_describe(uplift) for uplift in self.uplifts],
        }


def measure_control_group(
    history: History,
    group: GlobalControlGroup,
    drawn_on: dt.date,
    *,
    active_days: int,
    seed: int = 0,
    settings: UpliftSettings = USUAL,
) -> ControlGroupEffect | None:
    """Compare the global control group with all other customers since it was drawn.

    Args:
        history: The shop's orders, which reach past the draw.
        group: The group.
        drawn_on: The day of the draw, on the shop's calendar.
        active_days: Customers with an order within so many days before the draw are compared.
        seed: Seed of the bootstraps.
        settings: Level and draws.

    Returns:
        The effect; None where no day has passed since the draw, or one of the two has fewer than two customers.
    """
    if history.cutoff <= history.instant(drawn_on):
        return None
    customers = compare_since_the_draw(history, group, drawn_on, active_days=active_days)
    is_member = customers["is_member"]
    if min(int(is_member.sum()), int((~is_member).sum())) < FEWEST:
        return None
    uplifts = tuple(
        estimate_uplift(
            customers[name],
            ~is_member,
            name=name,
            covariate=customers[f"{name}_before"],
            binary=name == "ordered",
            seed=seed,
            settings=settings,
        )
        for name in OUTCOMES
    )
    first = group.members_since_the_draw
    return ControlGroupEffect(drawn_on, history.cutoff, first.share, active_days, history.settings.currency, uplifts)


def compare_since_the_draw(
    history: History, group: GlobalControlGroup, drawn_on: dt.date, *, active_days: int
) -> pl.DataFrame:
    """What each customer who is compared did since the draw, and before it.

    Args:
        history: The shop's orders.
        group: The group.
        drawn_on: The day of the draw.
        active_days: Customers with an order within so many days before it are compared.

    Returns:
        `customer_id`, `is_member`, `OUTCOMES`, and each of them with `_before`, of the days before the draw.
        `ordered_before` is the number of orders then, since everyone compared ordered.
    """
    day = (drawn_on - EPOCH).days
    since, before = pl.col("day") >= day, pl.col("day").is_between(day - active_days, day - 1)
    earned = revenue(*(pl.col(name) for name in ("quantity", "price", "discount", "refunded")))
    order_ids = pl.col("order_id")
    customers = (
        history.lines.filter(pl.col("customer_id").is_not_null())
        .group_by("customer_id")
        .agg(
            is_eligible=before.any(),
            revenue=earned.filter(since).sum(),
            orders=order_ids.filter(since).n_unique().cast(pl.Float64),
            revenue_before=earned.filter(before).sum(),
            orders_before=order_ids.filter(before).n_unique().cast(pl.Float64),
        )
        .filter("is_eligible")
        .with_columns(ordered=(pl.col("orders") > 0).cast(pl.Float64), ordered_before="orders_before")
        .sort("customer_id")
        .collect()
    )
    is_member = group.members_since_the_draw.contains(customers["customer_id"])
    joined_later = group.contains(customers["customer_id"]) & ~is_member
    compared = customers.with_columns(is_member=is_member).filter(~joined_later)
    return compared.select("customer_id", "is_member", *OUTCOMES, *(f"{name}_before" for name in OUTCOMES))


def adjusted_uplift(uplift: Uplift) -> AdjustedUplift:
    """The uplift that decides: less what the same customers did before the draw.

    Args:
        uplift: One of `ControlGroupEffect.uplifts`.
    """
    if uplift.adjusted is None:
        raise ValueError("an uplift of the control group has a covariate")
    return uplift.adjusted


def _describe(uplift: Uplift) -> dict[str, Any]:
    adjusted = adjusted_uplift(uplift)
    return {
        "outcome": uplift.outcome,
        "others_mean": uplift.contacted_mean,
        "control_group_mean": uplift.held_out_mean,
        "plain_difference": uplift.difference,
        "difference": adjusted.difference,
        "interval": asdict(adjusted.interval),
        "significant": not adjusted.interval.contains(0.0),
    }
