"""Bar 2: what the profit curve's list length earns on past launches, against hindsight, everyone and the top 10 %.

    python benchmarks/profit.py SHOP [--scores SCORES.parquet]

Each launch of the last 150 days is scored by a model fitted on launches that had closed before it, and its
probabilities are corrected on earlier closed launches only; launches that found few buyers or none are among them.
Realised profit takes who bought, at one incremental share for all: no method changes it. Two kinds of hindsight:
the one length that would have earned most over all launches, and a length of its own for each launch, which stops
right after its last lucky buyer. `knowing the size` is the profit curve of probabilities that add up to the true
number of buyers of each launch: what nobody knows before it. With --scores, scores are kept there and read again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import minimize

from frontrow import Shop
from frontrow.campaign.economics import Economics
from frontrow.campaign.profit_curve import profit_curve
from frontrow.engine import customer_blocks
from frontrow.launch.episodes import block_rows, purchases_of
from frontrow.launch.life_cycle import LAUNCH, TOO_FEW_BUYERS, life_cycles
from frontrow.launch.model import FEWEST_LAUNCHES, LaunchModel, training_rows
from frontrow.launch.question import Question, ask
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import History

TEST_DAYS, REFIT_DAYS, CORRECTED_DAYS = 150, 30, 180
HALF_LIFE_DAYS = 45.0
CURVE, EACH, ONE = "profit curve", "hindsight, each launch its own", "hindsight, one length for all"
TOPS = ((0, 0.01), (0.01, 0.05), (0.05, 0.1), (0.1, 0.4), (0.4, 1.0))

# Half of the median first sale: 6 units at 2.00. What e-mail platforms, unsubscribed readers and text messages cost.
SETTINGS = {
    "e-mail": Economics(margin=1.0, units_per_buyer=6, contact_cost=0.002),
    "e-mail, unsubscribes priced": Economics(margin=1.0, units_per_buyer=6, contact_cost=0.01),
    "text message": Economics(margin=1.0, units_per_buyer=6, contact_cost=0.04),
    "e-mail, 10 % off": Economics(margin=1.0, units_per_buyer=6, contact_cost=0.002, discount=0.2),
}


def walk(history: History, settings: LaunchSettings) -> pl.DataFrame:
    """Scores of every launch with a closed window: `launch`, `cutoff_day`, `customer_id`, `bought`, `probability`."""
    cycles = life_cycles(history, settings)
    closed = cycles.filter(pl.col("verdict").is_in([LAUNCH, TOO_FEW_BUYERS]))
    past = closed.with_columns(cutoff_day=pl.col("launch_day"))
    question = ask(past, cycles, settings.horizon_days)
    lessons = training_rows(history, question, settings, past.filter(pl.col("verdict") == LAUNCH))
    folds = list(fitted(history, question, lessons, settings))
    first_days, parts = history.first_days(), []
    for block in customer_blocks(history.lines, rows_per_customer=max(launches.height for launches, _ in folds)):
        bought = purchases_of(block, first_days)
        for launches, model in folds:
            rows = block_rows(bought, question, settings, launches, 1.0)
            parts.append(rows.select("launch", "cutoff_day", "customer_id", "bought", model.probability(rows)))
    return pl.concat(parts).sort("launch", "customer_id")


def fitted(
    history: History, question: Question, lessons: pl.DataFrame, settings: LaunchSettings
) -> Iterator[tuple[pl.DataFrame, LaunchModel]]:
    """Launches of each stretch, and the model fitted on what had closed before it."""
    for first in range(history.day - TEST_DAYS - CORRECTED_DAYS, history.day, REFIT_DAYS):
        launches = question.launches.filter(pl.col("cutoff_day").is_between(first, first + REFIT_DAYS - 1))
        learned = lessons.filter(pl.col("cutoff_day") + settings.horizon_days <= first)
        if launches.height and learned["launch"].n_unique() >= FEWEST_LAUNCHES:
            yield launches, LaunchModel.fit_rows(learned, settings, seed=0, cutoff=history.shop.midnight(first))


def corrected(scores: pl.DataFrame, horizon_days: int, first_tested: int) -> pl.DataFrame:
    """The launches tested, with `calibrated`: a line in log-odds, fitted on the launches closed before each."""
    odds = (pl.col("probability") / (1 - pl.col("probability"))).log().alias("odds")
    told = scores.with_columns(odds)
    summed = told.group_by("cutoff_day", (pl.col("odds") * 10).round().alias("bin")).agg(
        pl.col("odds").mean(), pl.len().alias("customers"), pl.col("bought").sum()
    )
    parts = []
    for (day,), rows in told.filter(pl.col("cutoff_day") >= first_tested).group_by("cutoff_day", maintain_order=True):
        earlier = summed.filter(pl.col("cutoff_day") + horizon_days <= day).sort("cutoff_day", "bin")
        level, slope = line(earlier, day)
        parts.append(rows.with_columns(calibrated=1 / (1 + (-(level + slope * pl.col("odds"))).exp())))
    return pl.concat(parts).sort("launch", "customer_id")


def line(earlier: pl.DataFrame, day: int) -> tuple[float, float]:
    x, age = earlier["odds"].to_numpy(), (day - earlier["cutoff_day"]).to_numpy()
    weight = 0.5 ** (age / HALF_LIFE_DAYS)
    customers, bought = earlier["customers"].to_numpy() * weight, earlier["bought"].to_numpy() * weight

    def loss(at: np.ndarray) -> float:
        z = at[0] + at[1] * x
        return float((customers * np.logaddexp(0, z) - bought * z).sum() + (at[1] - 1) ** 2)

    return tuple(minimize(loss, [0.0, 1.0]).x)


def reliability(tested: pl.DataFrame) -> None:
    place = pl.col("probability").rank("ordinal", descending=True).over("launch") / pl.len().over("launch")
    placed = tested.with_columns(place=place)
    for low, high in TOPS:
        some = placed.filter((pl.col("place") > low) & (pl.col("place") <= high))
        bought, raw, after = (some[name].sum() for name in ("bought", "probability", "calibrated"))
        print(
            f"  {low:4.0%} to {high:4.0%} of each list: {bought:5.0f} bought, actual over predicted: "
            f"raw {bought / raw:.2f}, calibrated {bought / after:.2f}"
        )


def earned(launches: list[pl.DataFrame], economics: Economics) -> pl.DataFrame:
    """Realised profit of each way of choosing a length: one row a launch, `week` and a column a way."""
    longest = max(rows.height for rows in launches)
    told, curves = [], np.zeros((len(launches), longest + 1))
    for place, rows in enumerate(launches):
        found = np.concatenate([[0.0], np.cumsum(rows["bought"].to_numpy())])
        realised = economics.profit(np.arange(len(found)), found, all_buyers=found[-1])
        curves[place] = np.pad(realised, (0, longest + 1 - len(found)), mode="edge")
        knowing = np.minimum(rows["calibrated"].to_numpy() * (found[-1] / rows["calibrated"].sum()), 1.0)
        lengths = {
            CURVE: profit_curve(rows["calibrated"], economics).best_length,
            "profit curve, uncalibrated": profit_curve(rows["probability"], economics).best_length,
            "profit curve, knowing the size": profit_curve(knowing, economics).best_length,
            "top 10 %": -(-rows.height // 10),
            "everyone": rows.height,
            EACH: int(np.argmax(realised)),
        }
        profits = {name: float(realised[length]) for name, length in lengths.items()}
        told.append({"week": rows["cutoff_day"][0] // 7, **profits})
    return pl.DataFrame(told).with_columns(pl.Series(ONE, curves[:, curves.sum(axis=0).argmax()]))


def ratio(found: pl.DataFrame, way: str, other: str) -> str:
    """A ratio of sums over launches, with a 95 % interval from resampling launch weeks."""
    weeks = found.group_by("week", maintain_order=True).agg(pl.col(way, other).sum())
    a, b = weeks[way].to_numpy(), weeks[other].to_numpy()
    picked = np.random.default_rng(0).integers(0, len(a), size=(2_000, len(a)))
    low, high = np.quantile(a[picked].sum(axis=1) / b[picked].sum(axis=1), [0.025, 0.975])
    return f"{a.sum() / b.sum():7.1%} [{low:.0%}, {high:.0%}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--scores", type=Path)
    told = parser.parse_args()
    history, settings = Shop.read(told.shop).as_of(), LaunchSettings()
    if told.scores and told.scores.is_file():
        scores = pl.read_parquet(told.scores)
    else:
        scores = walk(history, settings)
        if told.scores:
            scores.write_parquet(told.scores)
    tested = corrected(scores, settings.horizon_days, history.day - TEST_DAYS)
    launches = tested.sort("launch", "calibrated", descending=[False, True]).partition_by("launch", maintain_order=True)
    print(f"{len(launches)} launches, {tested['bought'].sum():.0f} buyers")
    reliability(tested)
    for name, economics in SETTINGS.items():
        found = earned(launches, economics)
        print(f"{name}: margin {economics.margin}, discount {economics.discount}, contact {economics.contact_cost}")
        print(f"  {'way of choosing the length':31} {'earned':>9} {'of one length':>24} {'of each its own':>24}")
        for way in sorted(found.columns[1:], key=lambda way: -found[way].sum()):
            print(f"  {way:31} {found[way].sum():9,.0f} {ratio(found, way, ONE):>24} {ratio(found, way, EACH):>24}")


if __name__ == "__main__":
    main()
