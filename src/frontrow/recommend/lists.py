"""Lists of recommended products: made a block of customers at a time, and written as a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Queries
from frontrow.models.recommender import Scorer
from frontrow.progress import Progress, no_progress
from frontrow.recommend.index import BLOCK_CELLS
from frontrow.recommend.rerank.blend import LaunchProbabilities
from frontrow.recommend.rerank.compile_rules import CompiledRules
from frontrow.recommend.rerank.diversify import Columns
from frontrow.recommend.rerank.rerank import RerankedLists, RuleEffects, rerank
from frontrow.recommend.sources import LAUNCH, PINNED, score_and_find_sources
from frontrow.storage.table_output import TableFile

ROW_SCHEMA: Final = {"rank": pl.Int32(), "product_id": pl.String(), "score": pl.Float32(), "source": pl.String()}


@dataclass(frozen=True)
class Lists:
    """Lists, shape (queries, k); -1, NaN and "" after the last product of a list.

    Attributes:
        columns: Candidate items, best first, int64.
        scores: The model's, float32; NaN for a product it does not score.
        sources: What put each product there.
        effects: `rerank.EFFECT_SCHEMA`.
    """

    columns: Columns
    scores: NDArray[np.float32]
    sources: NDArray[np.str_]
    effects: pl.DataFrame


def build_lists(
    model: str,
    fitted: Scorer,
    queries: Queries,
    rules: CompiledRules,
    *,
    launches: LaunchProbabilities | None = None,
    block: int | None = None,
    progress: Progress = no_progress,
) -> Lists:
    """Score, apply the rules and cut, block by block, so that memory does not grow with the shop.

    Args:
        model: Name of the model, as a source.
        fitted: Gives the scores.
        queries: The customers.
        rules: The compiled rules.
        launches: Of the same customers; None for none.
        block: Customers at a time; None for as many as `index.BLOCK_CELLS` allows.
        progress: Called with the customers done.
    """
    rows = block or max(1, BLOCK_CELLS // max(len(rules.allowed), 1))
    effects = RuleEffects(rules)
    launch_count = 0 if launches is None else launches.values.shape[1]
    blocks = []
    for start in range(0, len(queries), rows):
        part = queries.block(start, start + rows)
        part_launches = None if launches is None else launches.for_rows(slice(start, start + rows))
        scores, sources_of = score_and_find_sources(model, fitted, part)
        reranked = rerank(scores, part.rows, rules, part_launches)
        effects.add(reranked, launch_count)
        sources = sources_of(np.where(reranked.lists < scores.shape[1], reranked.lists, -1))
        blocks.append(
            (
                reranked.lists,
                _scores_of_lists(scores, reranked.lists, rules, part_launches),
                _mark_pins_and_launches(sources, reranked, len(rules.allowed) - launch_count),
            )
        )
        progress(start + len(part), len(queries))
    if not blocks:
        empty = np.zeros((0, rules.k))
        return Lists(empty.astype(np.int64), empty.astype(np.float32), empty.astype(np.str_), effects.to_table())
    columns, listed_scores, listed_sources = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return Lists(columns, listed_scores, listed_sources, effects.to_table())


def _scores_of_lists(
    scores: NDArray[np.float32], lists: Columns, rules: CompiledRules, launches: LaunchProbabilities | None
) -> NDArray[np.float32]:
    listed = np.full(lists.shape, np.nan, dtype=np.float32)
    row, position = np.nonzero((lists >= 0) & (lists < scores.shape[1]))
    listed[row, position] = scores[row, lists[row, position]]
    if launches is not None:
        first_launch = len(rules.allowed) - launches.values.shape[1]
        row, position = np.nonzero(lists >= first_launch)
        listed[row, position] = launches.scores()[row, lists[row, position] - first_launch]
    return listed


def _mark_pins_and_launches(sources: NDArray[np.str_], reranked: RerankedLists, first_launch: int) -> NDArray[np.str_]:
    lists = reranked.lists
    is_pin = (lists[:, :, None] == reranked.pins[:, None, :]).any(axis=2) & (lists >= 0)
    return np.where(lists < 0, "", np.where(is_pin, PINNED, np.where(lists >= first_launch, LAUNCH, sources)))


@dataclass(frozen=True)
class Recommendations:
    """Lists as a table, one row a listed product.

    Attributes:
        rows: `customer_id` and `source_id` of a known customer, or `first_order` (a number) and what is known of that
            order; then `ROW_SCHEMA`. `score` is the probability to buy within the model's horizon where the model gives
            probabilities, and otherwise the model's score, which only orders the products of one customer; null for a
            product the model does not score.
        effects: `rerank.EFFECT_SCHEMA`: what each rule did.
        customers: Number of lists.
        short: Number of lists that are shorter than k.
    """

    rows: pl.DataFrame
    effects: pl.DataFrame
    customers: int
    short: int

    def repeat(self, customers: pl.DataFrame) -> Recommendations:
        """The same list for each of several customers.

        Args:
            customers: One row a customer; this is the list of one.
        """
        count = customers.height
        listed = self.rows.select(*ROW_SCHEMA)
        times = pl.col("removed", "moved", "customers") * count
        rows = customers.join(listed, how="cross", maintain_order="left_right")
        return Recommendations(rows, self.effects.with_columns(times), count, self.short * count)

    def examples(self, count: int, items: pl.DataFrame) -> pl.DataFrame:
        """The lists of some customers, evenly spaced, with `title`, without `source_id`, which may be an e-mail.

        Args:
            count: Number of customers.
            items: Candidate items, which have the titles.
        """
        key = self.rows.columns[0]
        customers = self.rows[key].unique(maintain_order=True)
        step = max(1, customers.len() // max(count, 1))
        chosen = customers.gather_every(step).head(count)
        rows = self.rows.filter(pl.col(key).is_in(chosen.implode())).drop("source_id", strict=False)
        return add_titles(rows, items)

    def write_to(self, file: TableFile) -> None:
        """Write the rows.

        Args:
            file: Where.
        """
        file.write(self.rows)

    def write(self, file: str | Path) -> None:
        """Write the rows to a CSV, Parquet or JSON lines file, by its suffix, in one step.

        Raises:
            InputError: The suffix is another.
        """
        TableFile.choose(file).write(self.rows)


def add_titles(rows: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Add the `title` of each listed product.

    Args:
        rows: Rows of lists.
        items: Candidate items, which have the titles.
    """
    titles = items.select("product_id", "title").unique("product_id")
    return rows.join(titles, on="product_id", how="left", maintain_order="left")


def scale_scores(scores: NDArray[np.float32], *, are_probabilities: bool) -> NDArray[np.float32]:
    """The scores of lists as they are shown.

    Args:
        scores: The model's.
        are_probabilities: They are probabilities on the logit scale.

    Example:
        >>> scale_scores(np.zeros(1, dtype=np.float32), are_probabilities=True).tolist()
        [0.5]
    """
    if not are_probabilities:
        return scores
    return np.asarray(1 / (1 + np.exp(-scores.astype(np.float64))), dtype=np.float32)


def build_recommendations(
    lists: Lists, customers: pl.DataFrame, items: pl.DataFrame, *, scores_are_probabilities: bool
) -> Recommendations:
    """Make a table of lists.

    Args:
        lists: The lists.
        customers: Whom they are for, one row a list.
        items: Candidate items, which the columns of the lists refer to.
        scores_are_probabilities: The scores are probabilities on the logit scale.

    Example:
        >>> from frontrow.recommend.rerank.rerank import EFFECT_SCHEMA
        >>> effects = pl.DataFrame(schema=EFFECT_SCHEMA)
        >>> lists = Lists(np.array([[1, -1]]), np.array([[0.0, np.nan]]), np.array([["popular", ""]]), effects)
        >>> customers, items = pl.DataFrame({"customer_id": [7]}), pl.DataFrame({"product_id": ["pot", "bulb"]})
        >>> build_recommendations(lists, customers, items, scores_are_probabilities=True).rows.row(0)
        (7, 1, 'bulb', 0.5, 'popular')
    """
    row, position = np.nonzero(lists.columns >= 0)
    scores = scale_scores(lists.scores[row, position], are_probabilities=scores_are_probabilities)
    listed = pl.DataFrame(
        {
            "rank": position + 1,
            "product_id": items["product_id"].gather(lists.columns[row, position]),
            "score": pl.Series(scores, dtype=pl.Float32).fill_nan(None),
            "source": lists.sources[row, position],
        },
        schema_overrides=ROW_SCHEMA,
    )
    short = int((lists.columns < 0).any(axis=1).sum())
    return Recommendations(
        pl.concat([customers[row], listed], how="horizontal"), lists.effects, len(lists.columns), short
    )
