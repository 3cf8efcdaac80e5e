"""Does the two-tower help the launch model? Its score as one more feature, over past launches, with intervals.

    python benchmarks/two_tower_in_launch.py SHOP

The new product is embedded by the product tower from its content, the customer by the customer tower from the purchases
before the launch; the towers are fitted every 60 days, on earlier data. Launches of the last 150 days are tested, as in
`frontrow backtest`, and the launches before them, refitting every 30 days.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import polars as pl
import torch

from frontrow import Shop
from frontrow.features.launch import FEATURES
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.episodes import feature_matrix
from frontrow.launch.model.launch_model import sample_training_rows
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics
from frontrow.metrics.bootstrap import bootstrap_mean
from frontrow.models.gradient_boosting import GradientBoosting
from frontrow.models.interactions.interactions import Interactions, build_interactions
from frontrow.models.neural.bags import PurchaseHistories
from frontrow.models.neural.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.fit import FittedTowers, fit_towers

EVERY_DAYS = 60
FIRST_DAYS = 120
EPOCHS = 6
TEST_DAYS = 150
REFIT_DAYS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop")
    history = Shop.read(parser.parse_args().shop).as_of()
    settings = LaunchSettings()
    cycles = compute_life_cycles(history, settings)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(past, cycles, settings.horizon_days)
    interactions = build_interactions(history)
    start = int(interactions.lines["day"].min()) + FIRST_DAYS
    fits = {day: fit_before(interactions, day) for day in range(start, history.cutoff_day, EVERY_DAYS)}
    # all negatives are kept, so that every customer is scored once
    rows = sample_training_rows(history, scoring_set, replace(settings, negative_rate=1.0, max_negatives=10**9), past)
    rows = rows.filter(pl.col("cutoff_day") >= start)
    scored = with_towers(rows, scoring_set.launches, past, interactions, fits)
    train_rows = sample_negatives(scored, settings.negative_rate)
    table = backtest_rows(scored, train_rows, history.cutoff_day, settings)
    for name in ("with", "towers alone"):
        difference = (table[name] - table["without"]).to_numpy()
        weeks = (table["cutoff_day"] // 7).to_numpy()
        mean, low, high = bootstrap_mean(difference, weeks, seed=0)
        print(
            f"{name}: average precision {table[name].mean():.4f} against {table['without'].mean():.4f} without, "
            f"{mean:+.4f} [{low:+.4f}, {high:+.4f}] over {table.height} launches"
        )


def fit_before(interactions: Interactions, day: int) -> FittedTowers:
    return fit_towers(interactions.before(day), TwoTowerSettings(), seed=0, epochs=EPOCHS)


def with_towers(
    rows: pl.DataFrame,
    launches: pl.DataFrame,
    past: pl.DataFrame,
    interactions: Interactions,
    fits: dict[int, FittedTowers],
) -> pl.DataFrame:
    """The rows by launch, with the dot product of both towers as a column."""
    products = past.select("product_id", "title", "product_type", "vendor", "price")
    first_day = interactions.lines.group_by("customer").agg(pl.col("day").min()).sort("customer")["day"].to_numpy()
    parts = []
    for part in rows.partition_by("launch", maintain_order=True):
        day, launch = part["cutoff_day"][0], part["launch"][0]
        fit_day = max(fit for fit in fits if fit <= day)
        product = products.filter(pl.col("product_id") == launches["product_id"][launch]).with_columns(
            product_id=pl.lit("")
        )
        towers = fits[fit_day]
        earlier = interactions.before(day)
        queries = earlier.queries(np.searchsorted(earlier.customer_ids, part["customer_id"].to_numpy()))
        # customers on whom the towers were not fitted have no id there, only a history and a context
        towers.customer.network.customer.weight.data[1:][torch.from_numpy(first_day >= fit_day)] = (
            towers.customer.network.customer.weight.data[0]
        )
        score = (
            towers.customer.embed(queries, PurchaseHistories.from_interactions(earlier))
            @ towers.product.embed(product)[0]
        )
        parts.append(part.with_columns(pl.Series("two_tower", score.astype(np.float64))))
    return pl.concat(parts)


def sample_negatives(rows: pl.DataFrame, rate: float) -> pl.DataFrame:
    chosen = pl.Series(np.random.default_rng(0).random(rows.height) < rate)
    selected = rows.filter((pl.col("bought") == 1.0) | chosen)
    return selected.with_columns(weight=pl.when(pl.col("bought") == 1.0).then(1.0).otherwise(1.0 / rate))


def backtest_rows(scored: pl.DataFrame, train_rows: pl.DataFrame, end: int, settings: LaunchSettings) -> pl.DataFrame:
    results = []
    for first in range(end - TEST_DAYS, end, REFIT_DAYS):
        train = train_rows.filter(pl.col("cutoff_day") + settings.horizon_days <= first)
        fold = scored.filter(pl.col("cutoff_day").is_between(first, first + REFIT_DAYS - 1))
        if fold.height == 0:
            continue
        without = fit_and_score(train, fold, (), settings)
        with_towers = fit_and_score(train, fold, ("two_tower",), settings)
        fold = fold.with_columns(without=pl.Series(without), with_=pl.Series(with_towers))
        for part in fold.partition_by("launch"):
            bought = part["bought"].to_numpy()
            if bought.sum() >= 5:
                ap = [
                    metrics.average_precision(bought, part[name].to_numpy())
                    for name in ("without", "with_", "two_tower")
                ]
                results.append((part["launch"][0], part["cutoff_day"][0], *ap))
    return pl.DataFrame(results, schema=["launch", "cutoff_day", "without", "with", "towers alone"], orient="row")


def fit_and_score(
    train: pl.DataFrame, fold: pl.DataFrame, more: tuple[str, ...], settings: LaunchSettings
) -> np.ndarray:
    def columns(rows: pl.DataFrame) -> np.ndarray:
        return (
            np.hstack([feature_matrix(rows), rows.select(more).to_numpy().astype(np.float32)])
            if more
            else feature_matrix(rows)
        )

    model = GradientBoosting.fit(
        columns(train),
        train["bought"].to_numpy(),
        train["weight"].to_numpy(),
        features=(*FEATURES, *more),
        settings=settings.boosting,
        seed=0,
    )
    return model.probability(columns(fold))


if __name__ == "__main__":
    main()
