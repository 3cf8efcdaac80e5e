"""Everyone scored at each tested launch, by the launch model of its time and by every baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from frontrow.engine import customer_blocks
from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.launch.episodes.episodes import block_rows, purchases_of
from frontrow.launch.episodes.past_scores import Fold
from frontrow.launch.episodes.scoring_set import Question
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.models.baseline import Asked, Customers, Scorer, baselines
from frontrow.shop.shop import History

LAUNCH_MODEL: Final = "launch model"

KEYS: Final = ("launch", "customer_id", "bought")


def scored_launches(
    history: History,
    question: Question,
    fitted: Sequence[tuple[Fold, LaunchModel]],
    settings: LaunchSettings,
    seed: int,
    scored: Callable[[int], None],
) -> pl.DataFrame:
    """Labels and every model's scores, one row a launch and customer, customers in blocks, launches sorted.

    Args:
        history: What is known now.
        question: The launches, as they were asked about at their cutoffs.
        fitted: Folds, and models fitted on launches whose window had closed before the fold.
        settings: Horizon, active days.
        seed: For the baselines that draw.
        scored: Called with how many folds have been scored; from 1 again with each block.

    Returns:
        `KEYS`, then one column a model, the launch model's a raw probability.
    """
    first_days = history.first_days()
    scorers = _scorers(history, question, fitted, seed)
    parts = []
    for block in customer_blocks(history.lines, rows_per_customer=_most_launches(question, fitted)):
        bought = purchases_of(block, first_days)
        matrix = PurchaseMatrix(bought, question.neighbourhood.catalogue.product_ids)
        for number, (fold, model) in enumerate(fitted):
            rows = block_rows(bought, question, settings, _launches_of(question, fold), 1.0)
            parts += [_scores(launch, model, scorers, matrix) for launch in rows.partition_by("launch")]
            scored(number + 1)
    return pl.concat(parts).sort("launch", maintain_order=True)


def _scorers(
    history: History, question: Question, fitted: Sequence[tuple[Fold, LaunchModel]], seed: int
) -> dict[int, dict[str, Scorer]]:
    """Each baseline made ready for each launch tested."""
    first_days = history.first_days()
    columns = ("customer_id", "product_id", "day")
    blocks = [purchases_of(block, first_days).select(columns) for block in customer_blocks(history.lines)]
    everyone = PurchaseMatrix(pl.concat(blocks), question.neighbourhood.catalogue.product_ids)
    ready: dict[int, dict[str, Scorer]] = {}
    for fold, _ in fitted:
        for launch, cutoff_day in _launches_of(question, fold).select("launch", "cutoff_day").iter_rows():
            found = question.neighbourhood.similarities(int(question.positions[launch]), cutoff_day)
            asked = Asked(everyone.before(cutoff_day), found.characters, seed + launch)
            ready[launch] = {baseline.name: baseline.scorer(asked) for baseline in baselines()}
    return ready


def _scores(
    rows: pl.DataFrame, model: LaunchModel, scorers: dict[int, dict[str, Scorer]], matrix: PurchaseMatrix
) -> pl.DataFrame:
    launch, cutoff_day = rows["launch"][0], rows["cutoff_day"][0]
    customers = Customers(rows, matrix.before(cutoff_day)[matrix.rows_of(rows["customer_id"].to_numpy())])
    return rows.select(
        *KEYS,
        model.probability(rows).alias(LAUNCH_MODEL),
        *[pl.Series(name, scorer(customers)) for name, scorer in scorers[launch].items()],
    )


def _launches_of(question: Question, fold: Fold) -> pl.DataFrame:
    return question.launches.filter(pl.col("cutoff_day").is_between(*fold))


def _most_launches(question: Question, fitted: Sequence[tuple[Fold, LaunchModel]]) -> int:
    return max(_launches_of(question, fold).height for fold, _ in fitted)
