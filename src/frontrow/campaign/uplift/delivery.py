"""The effect on those whom a message reached, beside the effect on everyone who was to be contacted.

Whom a message reaches is not drawn by lot: an address that no longer works often belongs to somebody who no longer
buys. So two figures stand beside intention to treat, and neither replaces it:

* **per protocol**: those who received the message against all held out. It compares unlike customers;
* **per message received**: the difference over everyone, divided by the share whom the message reached (Bloom, 1984).
  It keeps the lot, and assumes that a message that did not arrive did nothing.

Those who opened or clicked are never compared with those held out: they would have bought more without any message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.record.responses import SHOWN, CampaignResponses
from frontrow.campaign.uplift.groups import FEWEST
from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.uplift import Uplift, UpliftSettings, estimate_uplifts


@dataclass(frozen=True)
class ReceivedEffect:
    """The effect of a message on the share that bought, per message received.

    Attributes:
        difference: The difference over everyone, divided by `share`.
        interval: Its interval, divided likewise.
        share: Share of the contacted who received the message, less that of the held-out.
    """

    difference: float
    interval: Interval
    share: float


@dataclass(frozen=True)
class Delivery:
    """What became of the messages of a campaign, and the effect on those whom they reached.

    Attributes:
        contacted: Number of customers who were to be contacted.
        counts: How many of them by response (`responses.SHOWN`); None for one that no file told of.
        reached_held_out: Held-out customers who received the message nevertheless.
        per_protocol: Who received the message against all held out, one an outcome; empty where it is not known who
            did, or too few are in a group.
        per_message: The effect per message received; None where that is not known.
    """

    contacted: int
    counts: Mapping[str, int | None]
    reached_held_out: int
    per_protocol: tuple[Uplift, ...]
    per_message: ReceivedEffect | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "contacted": self.contacted,
            "responses": dict(self.counts),
            "reached_held_out": self.reached_held_out,
            "per_protocol": [uplift.to_dict() for uplift in self.per_protocol],
            "per_message": None if self.per_message is None else asdict(self.per_message),
        }


def measure_delivery(
    customers: pl.DataFrame,
    responses: CampaignResponses,
    conversion: Uplift,
    outcomes: Sequence[str],
    seed: int,
    settings: UpliftSettings,
) -> Delivery:
    """Count what became of the messages, and estimate the effect on those whom they reached.

    Args:
        customers: Everyone assigned, with outcomes (`outcomes.customer_outcomes`).
        responses: What became of the messages.
        conversion: The effect over everyone on the share that bought.
        outcomes: Those that are known of everyone.
        seed: Seed of the bootstrap.
        settings: Level and draws.
    """
    table = responses.table(customers)
    contacted = table.filter(pl.col("group") == CONTACTED)
    counts = {name: None if contacted[name].null_count() else int(contacted[name].sum()) for name in SHOWN}
    if not responses.knows_delivery:
        return Delivery(contacted.height, counts, 0, (), None)
    held_out = table.filter(pl.col("group") == HELD_OUT)
    reached = int(held_out["delivered"].sum())
    share = (counts["delivered"] or 0) / contacted.height - reached / held_out.height
    received = customers.filter((pl.col("group") == HELD_OUT) | table["delivered"])
    per_message = None
    if share > 0:
        ends = (conversion.interval.low / share, conversion.interval.high / share)
        per_message = ReceivedEffect(conversion.difference / share, Interval(*ends), share)
    return Delivery(contacted.height, counts, reached, _compare(received, outcomes, seed, settings), per_message)


def _compare(
    received: pl.DataFrame, outcomes: Sequence[str], seed: int, settings: UpliftSettings
) -> tuple[Uplift, ...]:
    """The uplifts within each product; none where no product has two customers in each group."""
    sizes = received.group_by("product_id").agg(
        ((pl.col("group") == group).sum() >= FEWEST).alias(group) for group in (CONTACTED, HELD_OUT)
    )
    if not sizes.select((pl.col(CONTACTED) & pl.col(HELD_OUT)).any()).item():
        return ()
    return tuple(estimate_uplifts(received, outcomes, strata="product_id", seed=seed, settings=settings))
