"""A baseline as the model of an audience: a simple rule that ranks customers and has no probabilities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.launch.calibration.calibration import SimpleRule
from frontrow.launch.model.buyer_counts import BuyerCounts
from frontrow.launch.model.episodes import score_blocks
from frontrow.launch.model.scoring_set import ScoringSet, build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.models.baseline import NEAREST, Baseline, Customers, NewProduct, Scorer, get_baseline
from frontrow.models.top_k import top_positions
from frontrow.shop.history import History


@dataclass(frozen=True)
class BaselineModel:
    """A baseline, with what `score_audience` needs of a model.

    Attributes:
        baseline: The rule that scores customers.
        settings: Who is scored, and the horizon.
        cutoff: The instant as of which it is used.
        seed: For a baseline that draws at random.
        launches: Past launches it learned from: none.
    """

    baseline: Baseline
    settings: LaunchSettings
    cutoff: dt.datetime
    seed: int = 0
    launches: int = 0

    @classmethod
    def from_name(
        cls, name: str, history: History, settings: LaunchSettings | None = None, *, seed: int = 0
    ) -> BaselineModel:
        """The model of a baseline.

        Args:
            name: A file name of `models/baselines`, such as "order_lines".
            history: What is known.
            settings: Who is scored, and the horizon.
            seed: For a baseline that draws at random.

        Raises:
            LaunchError: There is no such baseline; the message lists them.

        Example:
            >>> from frontrow.synthetic import SyntheticShop
            >>> history = SyntheticShop(customers=300, seed=1).shop().as_of()
            >>> BaselineModel.from_name("order_lines", history).calibration.message
            'Ranked by a simple rule: order lines, 180 days (RFM). Ranks only, no probabilities.'
        """
        return cls(get_baseline(name), settings or LaunchSettings(), history.cutoff, seed)

    @property
    def calibration(self) -> SimpleRule:
        """Why there are no probabilities."""
        return SimpleRule(self.baseline.name)

    def score(
        self, history: History, products: pl.DataFrame, cycles: pl.DataFrame, columns: Sequence[pl.Expr] = ()
    ) -> pl.DataFrame:
        """Score every active customer for each new product; see `LaunchModel.score`.

        Args:
            history: What is known; its cutoff is the products' own.
            products: See `LaunchModel.score`.
            cycles: What `life_cycle.compute_life_cycles` returns for the same history.
            columns: See `LaunchModel.score`.

        Returns:
            See `LaunchModel.score`; `probability` is here any score, and higher is likelier.
        """
        new_products = products.with_columns(cutoff_day=pl.lit(history.cutoff_day, pl.Int32))
        scoring_set = build_scoring_set(new_products, cycles, self.settings.horizon_days)
        scorers = prepare_scorers(history, scoring_set, scoring_set.launches, {"score": self.baseline}, self.seed)
        product_ids = scoring_set.neighbourhood.catalogue.product_ids
        return score_blocks(history, scoring_set, self.settings, _SimpleScores(scorers, product_ids, tuple(columns)))


@dataclass(frozen=True)
class _SimpleScores:
    """The scores of one baseline for the customers of a block.

    Attributes:
        scorers: What `prepare_scorers` returns, the baseline's name being "score".
        product_ids: The columns of the matrix of purchases.
        columns: Expressions over the features, whose values are kept as well.
    """

    scorers: Mapping[int, Mapping[str, Scorer]]
    product_ids: NDArray[np.object_]
    columns: tuple[pl.Expr, ...]

    def __call__(self, purchases: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        """Score rows with features."""
        matrix = PurchaseMatrix(purchases, self.product_ids)
        parts = rows.partition_by("launch", maintain_order=True) or [rows]
        return pl.concat(
            part.select("launch", "customer_id", self._score_launch(part, matrix), *self.columns) for part in parts
        )

    def _score_launch(self, rows: pl.DataFrame, matrix: PurchaseMatrix) -> pl.Series:
        if rows.is_empty():
            return pl.Series("probability", [], dtype=pl.Float64)
        return score_with_baselines(rows, self.scorers, matrix)[0].cast(pl.Float64).alias("probability")


def prepare_scorers(
    history: History,
    scoring_set: ScoringSet,
    launches: pl.DataFrame,
    baselines: Mapping[str, Baseline],
    seed: int,
) -> dict[int, dict[str, Scorer]]:
    """Each baseline prepared for each launch.

    Args:
        history: What is known.
        scoring_set: The launches, each at its cutoff.
        launches: The rows of `scoring_set.launches` to prepare for.
        baselines: By any name.
        seed: For baselines that draw at random.

    Returns:
        By launch, then by name.
    """
    catalogue = scoring_set.neighbourhood.catalogue
    numbers, cutoff_days = (launches[name].to_numpy().astype(np.int64) for name in ("launch", "cutoff_day"))
    similarities = [
        scoring_set.neighbourhood.similarities(int(scoring_set.positions[launch]), int(cutoff_day)).characters
        for launch, cutoff_day in zip(numbers, cutoff_days, strict=True)
    ]
    nearest = [top_positions(similarity, NEAREST) for similarity in similarities]
    counts = BuyerCounts.count(history, catalogue.product_ids.tolist(), cutoff_days, nearest)
    scorers: dict[int, dict[str, Scorer]] = {}
    for row, launch in enumerate(numbers.tolist()):
        together = counts.bought_together[row]
        product = NewProduct(similarities[row], nearest[row], counts.buyers[row], together, seed + launch)
        scorers[launch] = {name: baseline.scorer(product) for name, baseline in baselines.items()}
    return scorers


def score_with_baselines(
    rows: pl.DataFrame, scorers: Mapping[int, Mapping[str, Scorer]], matrix: PurchaseMatrix
) -> list[pl.Series]:
    """The scores of every baseline for the customers of one launch.

    Args:
        rows: The customers with their features; one launch.
        scorers: What `prepare_scorers` returns.
        matrix: Purchases of these customers.

    Returns:
        One series a baseline, called by its name.
    """
    launch, cutoff_day = rows["launch"][0], rows["cutoff_day"][0]
    purchases = matrix.before(cutoff_day)[matrix.rows_of(rows["customer_id"].to_numpy())]
    customers = Customers(rows, purchases)
    return [pl.Series(name, scorer(customers)) for name, scorer in scorers[launch].items()]
