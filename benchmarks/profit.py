"""Profit of the profit curve's list length on past launches, relative to hindsight, everyone and the top 10 %.

    python benchmarks/profit.py SHOP [--scores SCORES.parquet]

Each launch of the last 150 days is scored by a model fitted on launches that had closed before it, and its
probabilities are calibrated on earlier closed launches only; launches with few buyers or none are included.
Realised profit counts the actual buyers, with the same incremental share for every method. There are two kinds of
hindsight: the single length that would have earned most over all launches, and the best length of each launch, which
ends right after its last buyer. `knowing the size` is the profit curve of probabilities that add up to the actual
number of buyers of each launch, which is unknown in advance. With --scores, scores are written there and reused.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from frontrow import BacktestSettings, Shop
from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.profit_curve import profit_curve
from frontrow.launch.backtest.backtest import build_test_folds
from frontrow.launch.backtest.scores import calibrate_launches, score_launches
from frontrow.launch.calibration.season import OrderShares
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.walk_forward import (
    build_calibration_folds,
    build_training_rows,
    first_training_day,
    fit_folds,
    score_past_launches,
)
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.history import History

CURVE, LAUNCH_HINDSIGHT, OVERALL_HINDSIGHT = "profit curve", "hindsight, each launch", "hindsight, one length for all"
TOPS = ((0, 0.01), (0.01, 0.05), (0.05, 0.1), (0.1, 0.4), (0.4, 1.0))

# Half of the median first sale: 6 units at 2.00. What e-mail platforms, unsubscribed readers and text messages cost.
SETTINGS = {
    "e-mail": Economics(margin=1.0, units_per_buyer=6, contact_cost=0.002),
    "e-mail, unsubscribes priced": Economics(margin=1.0, units_per_buyer=6, contact_cost=0.01),
    "text message": Economics(margin=1.0, units_per_buyer=6, contact_cost=0.04),
    "e-mail, 10 % off": Economics(margin=1.0, units_per_buyer=6, contact_cost=0.002, discount=0.2),
}


def score_past(history: History, settings: LaunchSettings, tested: BacktestSettings) -> pl.DataFrame:
    """Every launch of the last 150 days with a closed window, scored and calibrated as a back-test does.

    Columns: `launch`, `cutoff_day`, `customer_id`, `bought`, `raw`, `probability`.
    """
    cycles = compute_life_cycles(history, settings)
    past_launches, start = closed_launches(cycles), history.cutoff_day - tested.test_days
    since = start - tested.calibration.lookback_days
    scoring_set, training_rows, small = build_training_rows(history, cycles, settings, since=since)
    training_since = first_training_day(past_launches, None, settings.horizon_days)
    folds = build_test_folds(
        scoring_set.launches.with_columns(launch_day="cutoff_day"), history, tested, training_since
    )
    fold_days = (settings.horizon_days, tested.calibration.refit_days)
    calibration_folds = build_calibration_folds((since, folds[0][0]), history.closed_day, *fold_days, training_since)
    models = fit_folds(history, training_rows, [*calibration_folds, *folds], settings, seed=0)
    fitted = list(zip([*calibration_folds, *folds], models, strict=True))
    scores = score_past_launches(scoring_set, pl.concat([training_rows, small]), fitted)
    shares = OrderShares.measure(history, settings.horizon_days, settings.active_days)
    days = scoring_set.launches.select("launch", "cutoff_day")
    with tempfile.TemporaryDirectory() as folder:
        test_fitted = fitted[len(calibration_folds) :]
        scored = score_launches(history, scoring_set, test_fitted, settings, 0, lambda _: None, Path(folder))
        launches = calibrate_launches(scored, scoring_set, scores, shares, tested.calibration, ())
        rows = pl.concat(
            [launch.rows.select("launch", "customer_id", "bought", "raw", "probability") for launch in launches]
        )
    return rows.join(days, on="launch", how="left").drop_nulls("probability")


def print_reliability(tested: pl.DataFrame) -> None:
    rank = pl.col("raw").rank("ordinal", descending=True).over("launch") / pl.len().over("launch")
    ranked = tested.with_columns(rank=rank)
    for low, high in TOPS:
        part = ranked.filter((pl.col("rank") > low) & (pl.col("rank") <= high))
        bought, raw, after = (part[name].sum() for name in ("bought", "raw", "probability"))
        print(
            f"  {low:4.0%} to {high:4.0%} of each list: {bought:5.0f} bought, actual over predicted: "
            f"raw {bought / raw:.2f}, calibrated {bought / after:.2f}"
        )


def realised_profits(launches: list[pl.DataFrame], economics: Economics) -> pl.DataFrame:
    """Realised profit of each policy for the list length; one row per launch: `week` and one column per policy."""
    longest = max(rows.height for rows in launches)
    profit_rows, curves = [], np.zeros((len(launches), longest + 1))
    for launch, rows in enumerate(launches):
        buyers = np.concatenate([[0.0], np.cumsum(rows["bought"].to_numpy())])
        realised = economics.profit(np.arange(len(buyers)), buyers, all_buyers=buyers[-1])
        curves[launch] = np.pad(realised, (0, longest + 1 - len(buyers)), mode="edge")
        knowing = np.minimum(rows["probability"].to_numpy() * (buyers[-1] / rows["probability"].sum()), 1.0)
        lengths = {
            CURVE: profit_curve(rows["probability"], economics).best_length,
            "profit curve, uncalibrated": profit_curve(rows["raw"], economics).best_length,
            "profit curve, knowing the size": profit_curve(knowing, economics).best_length,
            "top 10 %": -(-rows.height // 10),
            "everyone": rows.height,
            LAUNCH_HINDSIGHT: int(np.argmax(realised)),
        }
        profits = {name: float(realised[length]) for name, length in lengths.items()}
        profit_rows.append({"week": rows["cutoff_day"][0] // 7, **profits})
    return pl.DataFrame(profit_rows).with_columns(pl.Series(OVERALL_HINDSIGHT, curves[:, curves.sum(axis=0).argmax()]))


def ratio(profits: pl.DataFrame, policy: str, reference: str) -> str:
    """Ratio of sums over launches, with a 95 % interval from resampling launch weeks."""
    weeks = profits.group_by("week", maintain_order=True).agg(pl.col(policy, reference).sum())
    a, b = weeks[policy].to_numpy(), weeks[reference].to_numpy()
    picked = np.random.default_rng(0).integers(0, len(a), size=(2_000, len(a)))
    low, high = np.quantile(a[picked].sum(axis=1) / b[picked].sum(axis=1), [0.025, 0.975])
    return f"{a.sum() / b.sum():7.1%} [{low:.0%}, {high:.0%}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--scores", type=Path)
    arguments = parser.parse_args()
    history, settings = Shop.read(arguments.shop).as_of(), LaunchSettings()
    if arguments.scores and arguments.scores.is_file():
        tested = pl.read_parquet(arguments.scores)
    else:
        tested = score_past(history, settings, BacktestSettings())
        if arguments.scores:
            tested.write_parquet(arguments.scores)
    launches = tested.sort("launch", "raw", descending=[False, True]).partition_by("launch", maintain_order=True)
    print(f"{len(launches)} launches, {tested['bought'].sum():.0f} buyers")
    print_reliability(tested)
    for name, economics in SETTINGS.items():
        profits = realised_profits(launches, economics)
        print(f"{name}: margin {economics.margin}, discount {economics.discount}, contact {economics.contact_cost}")
        print(f"  {'way of choosing the length':31} {'earned':>9} {'of one length':>24} {'of each launch':>24}")
        for policy in sorted(profits.columns[1:], key=lambda policy: -profits[policy].sum()):
            overall, launch = (ratio(profits, policy, hindsight) for hindsight in (OVERALL_HINDSIGHT, LAUNCH_HINDSIGHT))
            print(f"  {policy:31} {profits[policy].sum():9,.0f} {overall:>24} {launch:>24}")


if __name__ == "__main__":
    main()
