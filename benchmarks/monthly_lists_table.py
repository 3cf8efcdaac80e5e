"""The tables of the lists at monthly cutoffs: the default beside each peer, month by month and pooled."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from monthly_lists_results import Result

from frontrow.metrics.bootstrap import Estimate, bootstrap_mean

SEED: Final = 0


def summarize_part(results: list[Result], default: str, part: str) -> dict[str, Any]:
    """Compare the default with each peer on all products, or on those never bought.

    Args:
        results: Of every model at the same cutoffs.
        default: Name of the model that is compared with the others.
        part: Which products.

    Returns:
        `part`, `default` (name), `months` (one row a cutoff: `cutoff`, `customers`, `ndcg` by model, and `differences`
        by peer, the default's less the peer's, each with `low` and `high`) and `pooled` by peer: `ndcg` of the default
        and of the peer, `difference`, and `lowest`, that of the worst month.
    """
    by_model: dict[str, dict[str, Result]] = {}
    for result in results:
        by_model.setdefault(result.model, {})[result.cutoff] = result
    ours = by_model[default]
    peers = [model for model in by_model if model != default]
    months = [
        {
            "cutoff": cutoff,
            "customers": len(ours[cutoff].customers[part]),
            "ndcg": {model: float(np.mean(by_model[model][cutoff].ndcg[part])) for model in by_model},
            "differences": {
                peer: _interval(_compare([ours[cutoff]], [by_model[peer][cutoff]], part)) for peer in peers
            },
        }
        for cutoff in ours
    ]
    pooled = {}
    for peer in peers:
        pairs = [(ours[cutoff], by_model[peer][cutoff]) for cutoff in ours]
        theirs = [pair[1] for pair in pairs]
        pooled[peer] = {
            "default": _pooled_mean(list(ours.values()), part),
            "peer": _pooled_mean(theirs, part),
            "difference": _interval(_compare([pair[0] for pair in pairs], theirs, part)),
            "lowest": min(month["differences"][peer]["value"] for month in months),
        }
    return {"part": part, "default": default, "months": months, "pooled": pooled}


def _compare(ours: list[Result], theirs: list[Result], part: str) -> Estimate:
    """Mean difference over customers and months; a resample draws customers, each with all their months."""
    for our, their in zip(ours, theirs, strict=True):
        if our.customers[part] != their.customers[part]:
            raise ValueError(f"{our.model} and {their.model} were tested on other customers at {our.cutoff}")
    difference = np.concatenate([result.ndcg[part] for result in ours]) - np.concatenate(
        [result.ndcg[part] for result in theirs]
    )
    return bootstrap_mean(difference, np.concatenate([result.customers[part] for result in ours]), seed=SEED)


def _pooled_mean(results: list[Result], part: str) -> float:
    return float(np.concatenate([result.ndcg[part] for result in results]).mean())


def _interval(estimate: Estimate) -> dict[str, float]:
    return estimate._asdict()


def _show(interval: dict[str, float]) -> str:
    return f"{interval['value']:+.4f} [{interval['low']:+.4f}, {interval['high']:+.4f}]"


def print_part(part: dict[str, Any]) -> None:
    """The tables of one part for a person."""
    default = part["default"]
    print(f"\n{part['part']} products: NDCG@10, and {default} above each peer with its 95 % interval")
    for month in part["months"]:
        print(f"  {month['cutoff']}, {month['customers']:,} customers: {default} {month['ndcg'][default]:.4f}")
        for peer, difference in month["differences"].items():
            print(f"    {peer:16} {month['ndcg'][peer]:.4f}   {_show(difference)}")
    print("  all months")
    for peer, row in part["pooled"].items():
        print(
            f"    {peer:16} {row['peer']:.4f}, {default} {row['default']:.4f}: {_show(row['difference'])}, "
            f"in the worst month {row['lowest']:+.4f}"
        )
