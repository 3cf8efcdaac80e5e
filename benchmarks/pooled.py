"""How often the intervals of pooled campaigns cover the planted effect, over simulated programmes of campaigns.

    python benchmarks/pooled.py
    python benchmarks/pooled.py --programmes 200 --scenarios "few buyers"

A programme is 2 to 12 campaigns of some hundred to some thousand customers, a tenth to three tenths of them held out,
of whom 0.5 to 8 in a hundred buy without a contact. Every customer is simulated, and pooled as `frontrow measure` does.
For each scenario the table says how often

* the fixed effects interval covers the weighted mean of the true effects of the campaigns,
* the random effects interval covers the mean that the campaigns' effects were drawn from,

for buyers and for revenue; and beside them what a plain inverse variance with each campaign's own variance covers, and
what is covered where nobody takes into account that the same customers are in several campaigns. With statsmodels
installed, every pooled effect is compared with it.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.uplift.groups import Groups, group_means
from frontrow.campaign.uplift.pooled import pool_effects
from frontrow.campaign.uplift.pooled_campaigns import CampaignCustomers, PooledOutcome, pool_campaigns

PRICE = 20.0
"""Mean revenue of a buyer."""
MEAN_EFFECT = 0.008
FEWEST, MOST = 2, 12


@dataclass(frozen=True)
class Programme:
    """Campaigns whose true effects are known.

    Attributes:
        campaigns: What everyone did.
        effects: The true effect of each on the share of buyers.
        mean: What the effects were drawn from.
    """

    campaigns: tuple[CampaignCustomers, ...]
    effects: NDArray[np.float64]
    mean: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programmes", type=int, default=1_000)
    parser.add_argument("--scenarios", default=";".join(SCENARIOS))
    arguments = parser.parse_args()
    print(f"{arguments.programmes:,} programmes a scenario; per cent covered by intervals of 95 %")
    for name in arguments.scenarios.split(";"):
        covered = simulate(SCENARIOS[name], arguments.programmes)
        print(f"\n{name}")
        for what, hits in covered.items():
            print(f"  {what:52} {100 * np.mean(hits):6.1f}  of {len(hits):,}", flush=True)


def simulate(scenario: Callable[[np.random.Generator, int], Programme], programmes: int) -> dict[str, list[bool]]:
    """Whether each interval covered what was planted, by the name of the interval."""
    covered: dict[str, list[bool]] = defaultdict(list)
    for seed in range(programmes):
        rng = np.random.default_rng(seed)
        programme = scenario(rng, int(rng.integers(FEWEST, MOST + 1)))
        pooled = pool_campaigns(programme.campaigns)
        for outcome, unit in (("conversion", 1.0), ("revenue", PRICE)):
            result = pooled.outcome_of(outcome)
            if result is None:
                continue
            names = [effect.name for effect in result.effects]
            effects = unit * np.array([programme.effects[int(name)] for name in names])
            target = float(result.pooled.fixed.weights @ effects)
            covered[f"{outcome}, fixed effects"].append(result.pooled.fixed.interval.contains(target))
            covered[f"{outcome}, random effects"].append(result.pooled.random.interval.contains(unit * programme.mean))
            for what, hit in compare(result, programme, effects, unit).items():
                covered[f"{outcome}, {what}"].append(hit)
    return covered


def compare(result: PooledOutcome, programme: Programme, effects: NDArray[np.float64], unit: float) -> dict[str, bool]:
    """What simpler ways would have covered; and that the plain meta-analysis is statsmodels'."""
    differences = [effect.difference for effect in result.effects]
    variances = [effect.variance for effect in result.effects]
    own = []
    for effect in result.effects:
        rows = programme.campaigns[int(effect.name)].rows
        held_out, contacted = group_means(rows[result.outcome].to_numpy(), Groups.of(rows["group"] == CONTACTED))
        own.append(max(held_out.variance + contacted.variance, 1e-12))
    plain, alone = pool_effects(differences, own), pool_effects(differences, variances)
    check_against_statsmodels(differences, variances)
    return {
        "each with its own variance, fixed": plain.fixed.interval.contains(float(plain.fixed.weights @ effects)),
        "each with its own variance, random": plain.random.interval.contains(unit * programme.mean),
        "as if no customer were in two, fixed": alone.fixed.interval.contains(float(alone.fixed.weights @ effects)),
        "as if no customer were in two, random": alone.random.interval.contains(unit * programme.mean),
    }


def check_against_statsmodels(differences: Sequence[float], variances: Sequence[float]) -> None:
    """Stop where the pooled effect is not the one of statsmodels."""
    try:
        from statsmodels.stats.meta_analysis import combine_effects
    except ImportError:
        return
    ours = pool_effects(differences, variances)
    theirs = combine_effects(np.array(differences), np.array(variances), method_re="iterated", use_t=True)
    np.testing.assert_allclose(
        [ours.fixed.value, ours.random.value, ours.q, ours.random.interval.low, ours.random.interval.high],
        [theirs.mean_effect_fe, theirs.mean_effect_re, theirs.q, *theirs.conf_int()[3]],
        # statsmodels stops looking for tau squared a little early
        atol=1e-2 * ours.fixed.standard_error,
    )


def separate_customers(rng: np.random.Generator, count: int, *, deviation: float, size: float) -> Programme:
    """Campaigns to customers of their own, whose effects differ by a deviation."""
    customers = np.exp(rng.normal(np.log(size), 0.6, count)).clip(400, 20_000).astype(int)
    shares = rng.choice([0.1, 0.2, 0.3], count)
    base = np.exp(rng.normal(np.log(0.02), 0.5, count)).clip(0.005, 0.08)
    effects = np.maximum(rng.normal(MEAN_EFFECT, deviation, count), -base)
    campaigns = []
    first = 0
    for number in range(count):
        ids = np.arange(first, first + customers[number])
        first += customers[number]
        held_out = rng.permutation(len(ids)) < round(len(ids) * shares[number])
        rate = base[number] + effects[number] * ~held_out
        campaigns.append(a_campaign(number, ids, held_out, rng.random(len(ids)) < rate, rng))
    return Programme(tuple(campaigns), effects, MEAN_EFFECT)


def same_customers(rng: np.random.Generator, count: int, *, control_share: float, own_share: float) -> Programme:
    """Campaigns all to the same customers, of whom some buy far more often than others; a part is always held out."""
    ids = np.arange(3_000)
    loyalty = rng.gamma(0.5, 2.0, len(ids))
    always = rng.random(len(ids)) < control_share
    base = np.minimum(0.03 * loyalty, 0.7)
    campaigns, effects = [], []
    for number in range(count):
        held_out = always | (rng.random(len(ids)) < own_share)
        rate = base * np.where(held_out, 1.0, 1.3)
        campaigns.append(a_campaign(number, ids, held_out, rng.random(len(ids)) < rate, rng))
        effects.append(0.3 * float(base.mean()))
    return Programme(tuple(campaigns), np.array(effects), effects[0])


def a_campaign(
    number: int,
    ids: NDArray[np.int64],
    held_out: NDArray[np.bool_],
    bought: NDArray[np.bool_],
    rng: np.random.Generator,
) -> CampaignCustomers:
    spread = 0.8
    baskets = PRICE * np.exp(rng.normal(-(spread**2) / 2, spread, len(ids)))
    rows = pl.DataFrame(
        {
            "customer_id": ids,
            "product_id": "new",
            "group": np.where(held_out, HELD_OUT, CONTACTED),
            "conversion": bought.astype(np.float64),
            "revenue": bought * baskets,
        }
    )
    return CampaignCustomers(str(number), rows, 0.0)


SCENARIOS: dict[str, Callable[[np.random.Generator, int], Programme]] = {
    "same effect": lambda rng, count: separate_customers(rng, count, deviation=0.0, size=3_000),
    "effects differ": lambda rng, count: separate_customers(rng, count, deviation=0.004, size=3_000),
    "few buyers": lambda rng, count: separate_customers(rng, count, deviation=0.0, size=1_200),
    "few buyers, effects differ": lambda rng, count: separate_customers(rng, count, deviation=0.004, size=1_200),
    "same customers": lambda rng, count: same_customers(rng, count, control_share=0.0, own_share=0.2),
    "same customers, control group": lambda rng, count: same_customers(rng, count, control_share=0.1, own_share=0.1),
    "same customers always held out": lambda rng, count: same_customers(rng, count, control_share=0.2, own_share=0.0),
}


if __name__ == "__main__":
    main()
