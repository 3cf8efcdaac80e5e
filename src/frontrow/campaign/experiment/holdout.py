"""Who is held out: a random share of each stratum of the list, and the standing control always."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.campaign.experiment.global_control_group import StandingControl
from frontrow.errors import CampaignError

CONTACTED: Final = "contacted"
HELD_OUT: Final = "held out"
STRATA: Final = 10


def hold_out(chosen: pl.DataFrame, share: float, *, seed: int, standing: StandingControl | None = None) -> pl.DataFrame:
    """Divide a list at random into those who are contacted and those who are held out.

    Within each product customers are cut into ten strata by rank. The standing control is held out first; of the
    others, each stratum gives the same share, rounded up or down so that it is right on average and the whole list is
    within one customer of it.

    Args:
        chosen: `product_id`, `customer_id` (each customer once), `rank`, in any order.
        share: To hold out of those who are not in the standing control, 0 to 1.
        seed: The same seed on the same list gives the same division.
        standing: The standing control group.

    Returns:
        The rows by product and rank, with `group` and `stratum` (int32, 1 the likeliest tenth).

    Raises:
        CampaignError: The share is none, or a customer is on the list twice.
    """
    _check_share(share)
    if chosen["customer_id"].is_duplicated().any():
        raise CampaignError("A customer is on the list twice. Give each customer to one product.")
    rows = chosen.sort("product_id", "rank", "customer_id").with_columns(stratum=_stratum())
    rng = np.random.default_rng(seed)
    # drawn first, so that `longest_list` knows it whatever the length
    start = rng.random()
    always = _always_held(rows["customer_id"], standing)
    held = rows.select("product_id", "stratum").with_columns(
        always.alias("standing"), pl.Series("place", rng.random(rows.height))
    )
    return rows.with_columns(
        group=pl.when(pl.Series(_held(held, share, start))).then(pl.lit(HELD_OUT)).otherwise(pl.lit(CONTACTED))
    )


def longest_list(
    customer_ids: pl.Series, contacts: int, share: float, *, seed: int, standing: StandingControl | None = None
) -> int:
    """The longest list, from the top, of which `hold_out` leaves no more than so many to contact.

    Those held out cost nothing, so they come on top of the contacts that capacity and budget allow.

    Args:
        customer_ids: Everyone who may be on the list, in its order.
        contacts: Most customers contacted.
        share: As for `hold_out`, and with the same seed and standing control.
        seed: Of `hold_out`.
        standing: Of `hold_out`.

    Returns:
        How many of the first to choose; 0 where nobody may be contacted.

    Raises:
        CampaignError: The share is none.

    Example:
        >>> longest_list(pl.Series(range(500)), 90, 0.1, seed=0) in (99, 100, 101)
        True
    """
    _check_share(share)
    if contacts < 1:
        return 0
    others = (~_always_held(customer_ids, standing)).cum_sum().to_numpy().astype(np.int64)
    contacted = others - np.floor(share * others + np.random.default_rng(seed).random()).astype(np.int64)
    return int((contacted <= contacts).sum())


def _check_share(share: float) -> None:
    if not 0 <= share < 1:
        raise CampaignError(f"A hold-out of {share:g} is no share. Give 0 for none, or a number below 1.")


def _always_held(customer_ids: pl.Series, standing: StandingControl | None) -> pl.Series:
    return pl.repeat(False, len(customer_ids), eager=True) if standing is None else standing.has(customer_ids)


def _stratum() -> pl.Expr:
    place = pl.int_range(pl.len()).over("product_id")
    return (place * STRATA // pl.len().over("product_id") + 1).cast(pl.Int32)


def _held(rows: pl.DataFrame, share: float, start: float) -> NDArray[np.bool_]:
    """The standing control, and the first of each stratum's others in the order that was drawn.

    How many of a stratum is read off the running total of the share, from a start drawn at random: so each stratum is
    within one of its share, and so is every run of strata, the whole list among them.
    """
    stratum = ["product_id", "stratum"]
    others = ~pl.col("standing")
    counted = rows.group_by(stratum, maintain_order=True).agg(others.sum().alias("others"))
    end = pl.col("others").cum_sum()
    until, before = (share * end + start).floor(), (share * (end - pl.col("others")) + start).floor()
    wanted = rows.join(counted.with_columns(wanted=until - before), on=stratum, how="left", maintain_order="left")
    place = pl.when(others).then("place").rank("ordinal").over(stratum)
    return wanted.select(held=pl.col("standing") | (place <= pl.col("wanted")).fill_null(False))["held"].to_numpy()
