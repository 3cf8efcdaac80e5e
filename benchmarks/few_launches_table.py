"""The tables of the learning curve: each shop's, and the one over shops."""

from __future__ import annotations

from typing import Any

import numpy as np
from few_launches_cells import BASELINES, Cell
from few_launches_curve import launch_weeks, paired_difference, paired_ratio

from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.metrics.bootstrap import Estimate


def summarize_shop(cells: list[Cell], counts: list[str]) -> dict[str, Any]:
    """The curve of one shop, its seeds pooled.

    Returns:
        `shop`, `seeds`, `training_launches` (of each seed), `test_launches`, `baselines` (means by name, best first)
        and `curve`, one row an n: `n`, `seeds`, `average_precision`, and against the baseline that is best on the same
        seeds `best_baseline`, `ratio` and `difference`, each with `low` and `high`. At 0 there is no model.
    """
    simple = {cell.seed: cell for cell in cells if cell.n == BASELINES and cell.product_ids}
    pooled = {name: _pool([cell.values[name] for cell in simple.values()]) for name in _names(simple)}
    means = {name: float(values.mean()) for name, values in pooled.items()}
    curve = []
    for n in counts:
        models = [cell for cell in cells if cell.n == n and cell.seed in simple]
        curve.append(_compare(n, models, [simple[cell.seed] for cell in models]))
    return {
        "shop": cells[0].shop,
        "seeds": sorted(simple),
        "training_launches": [simple[seed].training_launches for seed in sorted(simple)],
        "test_launches": sum(len(cell.product_ids) for cell in simple.values()),
        "baselines": dict(sorted(means.items(), key=lambda item: -item[1])),
        "curve": curve,
    }


def _compare(n: str, models: list[Cell], simple: list[Cell]) -> dict[str, Any]:
    if not models:
        return {"n": n, "seeds": 0}
    ours = _pool([cell.values[LAUNCH_MODEL] for cell in models])
    theirs = {name: _pool([cell.values[name] for cell in simple]) for name in simple[0].values}
    best = max(theirs, key=lambda name: float(theirs[name].mean()))
    weeks = np.concatenate([launch_weeks(cell.launch_days) + 10_000 * place for place, cell in enumerate(models)])
    ratio = paired_ratio(ours.tolist(), theirs[best].tolist(), weeks.tolist())
    difference = paired_difference(ours.tolist(), theirs[best].tolist(), weeks.tolist())
    return {
        "n": n,
        "seeds": len(models),
        "average_precision": float(ours.mean()),
        "best_baseline": best,
        "best_baseline_average_precision": float(theirs[best].mean()),
        "ratio": _interval(ratio, weeks),
        "difference": _interval(difference, weeks),
    }


def _interval(estimate: Estimate, weeks: np.ndarray) -> dict[str, float | None]:
    """Launches of one week alone have no interval: there is nothing to resample."""
    low, high = (estimate.low, estimate.high) if len(np.unique(weeks)) > 1 else (None, None)
    return {"value": estimate.value, "low": low, "high": high}


def _show(interval: dict[str, float | None], form: str) -> str:
    low, high = interval["low"], interval["high"]
    ends = "no interval, one week" if low is None else f"{low:{form}}, {high:{form}}"
    return f"{interval['value']:{form}} [{ends}]"


def _names(simple: dict[int, Cell]) -> list[str]:
    return list(next(iter(simple.values())).values) if simple else []


def _pool(values: list[list[float]]) -> np.ndarray:
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in values])


def summarize_counts(shops: list[dict[str, Any]], counts: list[str]) -> list[dict[str, Any]]:
    """Over the shops that have so many launches: mean and smallest ratio to the best baseline, one row an n.

    A shop that tests launches of one week alone is left out: its ratio is chance.
    """
    rows = []
    for n in counts:
        ratios = {
            shop["shop"]: row["ratio"]["value"]
            for shop in shops
            for row in shop["curve"]
            if row["n"] == n and row["seeds"] and row["ratio"]["low"] is not None
        }
        lowest = min(ratios, key=lambda name: ratios[name]) if ratios else None
        mean = float(np.mean(list(ratios.values()))) if ratios else None
        rows.append(
            {
                "n": n,
                "shops": len(ratios),
                "mean_ratio": mean,
                "lowest_ratio": None if lowest is None else ratios[lowest],
                "lowest_shop": lowest,
                "below_by_3_percent": sorted(name for name, value in ratios.items() if value < 0.97),
            }
        )
    return rows


def print_shop(shop: dict[str, Any]) -> None:
    """The curve of one shop for a person."""
    launches = ", ".join(map(str, shop["training_launches"]))
    print(f"\n{shop['shop']}: seeds {shop['seeds']}, launches to learn from {launches}, tested {shop['test_launches']}")
    print("  average precision, mean over the test launches")
    for name, value in shop["baselines"].items():
        print(f"  {name:28} {value:.4f}")
    print("  n      launch model   of the best baseline      difference")
    for row in shop["curve"]:
        if not row["seeds"]:
            print(f"  {row['n']:>4}   {'-':>12}")
            continue
        print(
            f"  {row['n']:>4}   {row['average_precision']:12.4f}   {_show(row['ratio'], '.3f')}   "
            f"{_show(row['difference'], '+.4f')}"
            + (f"  ({row['seeds']} of {len(shop['seeds'])} seeds)" if row["seeds"] < len(shop["seeds"]) else "")
        )


def print_counts(rows: list[dict[str, Any]]) -> None:
    """The table over shops for a person."""
    print("\nover shops: launch model of the best baseline\n  n      shops   mean    lowest")
    for row in rows:
        if row["mean_ratio"] is None:
            print(f"  {row['n']:>4}   {0:5}       -")
            continue
        below = f"; below by 3 %: {', '.join(row['below_by_3_percent'])}" if row["below_by_3_percent"] else ""
        print(
            f"  {row['n']:>4}   {row['shops']:5}   {row['mean_ratio']:.3f}   {row['lowest_ratio']:.3f} "
            f"{row['lowest_shop']}{below}"
        )
    print("A dash: no shop with so many launches.")
