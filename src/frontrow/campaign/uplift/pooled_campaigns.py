"""What several campaigns caused together: their uplifts pooled, outcome by outcome.

Inverse variance weighs a campaign by how sure its effect is. Counted in the campaign alone, that is a trap: where by
chance nobody bought who was held out, the effect is large and its variance small, so that chance itself gets the
weight. With few buyers the interval of the pooled effect then covers the truth far less often than it says. So the
ratio of the variances of the held-out and of the contacted is taken from all campaigns together, and each campaign
says with everyone in it how much its outcome varies (`even_out_variances`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.campaign.experiment.holdout import CONTACTED
from frontrow.campaign.experiment.power_analysis import detectable_standard_errors
from frontrow.campaign.uplift.groups import FEWEST, Groups, group_means, shares_of_difference
from frontrow.campaign.uplift.intervals import Interval, normal_quantile
from frontrow.campaign.uplift.outcomes import OUTCOMES
from frontrow.campaign.uplift.pooled import FEWEST_CAMPAIGNS, PooledEffect, pool_effects

HALF_A_BUYER: Final = 0.5
"""What counts as held-out buyers where there was none in any campaign: fewer cannot be told from none."""


@dataclass(frozen=True)
class CampaignCustomers:
    """What everyone assigned in a campaign did.

    Attributes:
        name: The campaign's name.
        rows: `customer_id`, `product_id`, `group` and the outcomes, as `customer_outcomes` returns them.
        contact_cost: Cost of one contact.
    """

    name: str
    rows: pl.DataFrame
    contact_cost: float


@dataclass(frozen=True)
class CampaignEffect:
    """The effect of one campaign, as it is pooled.

    Attributes:
        name: The campaign's name.
        contacted: Customers contacted.
        held_out: Customers held out.
        difference: Contacted less held-out, per customer contacted.
        variance: Of the difference, evened out over the campaigns.
        interval: Interval of the difference from that variance.
    """

    name: str
    contacted: int
    held_out: int
    difference: float
    variance: float
    interval: Interval


@dataclass(frozen=True)
class Total:
    """An outcome over everyone contacted in all campaigns, against contacting nobody.

    Attributes:
        value: The figure; of margin, the cost of the contacts is subtracted.
        interval: Its interval.
    """

    value: float
    interval: Interval


@dataclass(frozen=True)
class PooledOutcome:
    """The effect of several campaigns on one outcome.

    Attributes:
        outcome: Name of the outcome.
        effects: One a campaign.
        pooled: All of them together.
        total: Over everyone contacted.
        minimum_detectable_effect: The smallest difference that all campaigns together detect four times in five.
    """

    outcome: str
    effects: tuple[CampaignEffect, ...]
    pooled: PooledEffect
    total: Total
    minimum_detectable_effect: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "pooled": self.pooled.to_dict()}


@dataclass(frozen=True)
class PooledCampaigns:
    """What several campaigns caused together.

    Attributes:
        outcomes: Those that every campaign has; none where fewer than two campaigns can be pooled.
        left_out: Names of campaigns of which nothing can be said: too few in a group, or nobody bought in either.
        customers: Customers assigned in any campaign, each counted once.
        repeated: Those of them assigned in two campaigns or more.
        repeatedly_held_out: Those held out of two campaigns or more.
    """

    outcomes: tuple[PooledOutcome, ...]
    left_out: tuple[str, ...]
    customers: int
    repeated: int
    repeatedly_held_out: int

    def outcome_of(self, name: str) -> PooledOutcome | None:
        """The pooled effect on an outcome; None where it was not pooled.

        Args:
            name: The outcome's.
        """
        return next((outcome for outcome in self.outcomes if outcome.outcome == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "outcomes": [outcome.to_dict() for outcome in self.outcomes]}


@dataclass(frozen=True)
class _Sample:
    """One outcome of one campaign."""

    campaign: CampaignCustomers
    y: NDArray[np.float64]
    groups: Groups

    @property
    def customer_ids(self) -> NDArray[np.int64]:
        return np.asarray(self.campaign.rows["customer_id"].to_numpy()[self.groups.rows])


def pool_campaigns(campaigns: Sequence[CampaignCustomers], *, level: float = 0.95) -> PooledCampaigns:
    """Pool what several campaigns caused.

    Args:
        campaigns: Two or more.
        level: Coverage of the intervals.
    """
    usable = [campaign for campaign in campaigns if _can_be_pooled(campaign)]
    outcomes = []
    if len(usable) >= FEWEST_CAMPAIGNS:
        names = [name for name in OUTCOMES if all(_has_outcome(item, name) for item in usable)]
        outcomes = [_pool_outcome(name, usable, level) for name in names]
    everyone = pl.concat(campaign.rows.select("customer_id", "group") for campaign in campaigns)
    times = everyone.group_by("customer_id").agg(pl.len(), held_out=(pl.col("group") != CONTACTED).sum())
    return PooledCampaigns(
        tuple(outcomes),
        tuple(campaign.name for campaign in campaigns if campaign not in usable),
        times.height,
        int((times["len"] > 1).sum()),
        int((times["held_out"] > 1).sum()),
    )


def _can_be_pooled(campaign: CampaignCustomers) -> bool:
    """Whether a product has two customers in each group, and somebody bought: else the campaign says nothing."""
    sizes = campaign.rows.group_by("product_id").agg(
        contacted=(pl.col("group") == CONTACTED).sum(), held_out=(pl.col("group") != CONTACTED).sum()
    )
    enough = sizes.filter(pl.col("contacted") >= FEWEST, pl.col("held_out") >= FEWEST)["product_id"]
    compared = campaign.rows.filter(pl.col("product_id").is_in(enough.implode()))
    return bool(compared.height) and compared["conversion"].n_unique() > 1


def _has_outcome(campaign: CampaignCustomers, name: str) -> bool:
    return name in campaign.rows.columns and not campaign.rows[name].null_count()


def _pool_outcome(name: str, campaigns: Sequence[CampaignCustomers], level: float) -> PooledOutcome:
    samples = [_to_sample(campaign, name) for campaign in campaigns]
    variances = even_out_variances([(sample.y, sample.groups) for sample in samples])
    covariances = _covariances(samples)
    quantile = normal_quantile(level)
    effects = []
    for sample, variance in zip(samples, variances, strict=True):
        held_out, reached = group_means(sample.y, sample.groups)
        difference, half = reached.mean - held_out.mean, quantile * math.sqrt(variance)
        interval = Interval(difference - half, difference + half)
        effects.append(
            CampaignEffect(
                sample.campaign.name, reached.customers, held_out.customers, difference, float(variance), interval
            )
        )
    differences = [effect.difference for effect in effects]
    pooled = pool_effects(differences, variances, covariances=covariances, level=level)
    total = _add_up(name, campaigns, effects, covariances, quantile)
    return PooledOutcome(
        name, tuple(effects), pooled, total, detectable_standard_errors() * pooled.fixed.standard_error
    )


def _to_sample(campaign: CampaignCustomers, name: str) -> _Sample:
    groups = Groups.of(campaign.rows["group"] == CONTACTED, campaign.rows["product_id"])
    return _Sample(campaign, campaign.rows[name].to_numpy().astype(np.float64), groups)


def even_out_variances(samples: Sequence[tuple[NDArray[np.float64], Groups]]) -> NDArray[np.float64]:
    """The variance of each campaign's difference, with what all campaigns know of it.

    The held-out of one campaign are few. So the ratio of their variance to that of the contacted is taken from all
    campaigns, weighted by the customers held out of whom an outcome other than zero is expected; and the variance of
    a campaign's outcome is estimated from both of its groups with that ratio.

    Args:
        samples: One a campaign: an outcome, shape (customers,), and who was contacted.

    Returns:
        Variances, shape (campaigns,).

    Example:
        >>> groups = Groups.of([True] * 80 + [False] * 20)
        >>> bought = np.array([1.0] * 8 + [0.0] * 72 + [1.0] + [0.0] * 19)
        >>> none_held_out = np.array([1.0] * 8 + [0.0] * 92)
        >>> even_out_variances([(bought, groups), (none_held_out, groups)]).round(4).tolist()
        [0.0029, 0.002]
    """
    cells = [_cell_variances(y, groups) for y, groups in samples]
    ratios, weights = [], []
    for (y, groups), squares in zip(samples, cells, strict=True):
        share = groups.weights**2 / groups.sizes[:, 0]
        held_out, as_contacted = float(share @ squares[:, 0]), float(share @ squares[:, 1])
        if as_contacted > 0:
            ratios.append(held_out / as_contacted)
            weights.append(float(groups.sizes[:, 0].sum()) * float(np.mean(y[groups.rows] != 0)))
    ratio = 1.0
    if weights:
        ratio = max(float(np.average(ratios, weights=weights)), HALF_A_BUYER / max(sum(weights), HALF_A_BUYER))
    return np.array([_variance(groups, squares, ratio) for (_, groups), squares in zip(samples, cells, strict=True)])


def _variance(groups: Groups, squares: NDArray[np.float64], ratio: float) -> float:
    held_out, contacted = groups.sizes[:, 0], groups.sizes[:, 1]
    common = ((contacted - 1) * squares[:, 1] + (held_out - 1) * squares[:, 0] / ratio) / (contacted + held_out - 2)
    return float(groups.weights**2 @ (common * (1 / contacted + ratio / held_out)))


def _cell_variances(y: NDArray[np.float64], groups: Groups) -> NDArray[np.float64]:
    """Unbiased variance of the outcome by stratum and group, held out first; shape (strata, 2)."""
    count = groups.sizes.ravel()
    means = np.bincount(groups.cell, y[groups.rows], len(count)) / count
    squares = np.bincount(groups.cell, (y[groups.rows] - means[groups.cell]) ** 2, len(count))
    return np.asarray((squares / (count - 1)).reshape(-1, 2))


def _covariances(samples: Sequence[_Sample]) -> NDArray[np.float64]:
    """Of each two campaigns' differences, from the customers who are in both; zero where nobody is."""
    covariances = np.zeros((len(samples), len(samples)))
    shares = [shares_of_difference(sample.y, sample.groups) for sample in samples]
    for first, second in combinations(range(len(samples)), 2):
        _, rows_of_first, rows_of_second = np.intersect1d(
            samples[first].customer_ids, samples[second].customer_ids, assume_unique=True, return_indices=True
        )
        shared = float(shares[first][rows_of_first] @ shares[second][rows_of_second])
        covariances[first, second] = covariances[second, first] = shared
    return covariances


def _add_up(
    name: str,
    campaigns: Sequence[CampaignCustomers],
    effects: Sequence[CampaignEffect],
    covariances: NDArray[np.float64],
    quantile: float,
) -> Total:
    contacted = np.array([effect.contacted for effect in effects], dtype=np.float64)
    cost = sum(item.contact_cost * effect.contacted for item, effect in zip(campaigns, effects, strict=True))
    value = float(contacted @ [effect.difference for effect in effects]) - (cost if name == "margin" else 0.0)
    variance = contacted**2 @ [effect.variance for effect in effects] + contacted @ covariances @ contacted
    half = quantile * math.sqrt(max(float(variance), 0.0))
    return Total(value, Interval(value - half, value + half))
