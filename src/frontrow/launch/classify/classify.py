"""Classifiers of one launch that has some sales already, compared with the launch model, which needs none.

Customers are split; the classifiers learn from a part of the launch's own buyers, which nobody has on the day of a
launch, and are tested on the rest. The launch model learns from earlier launches only and is tested on the same
customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import LaunchError
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classification import (
    Classification,
    ClassifiedLaunch,
    ClassifySettings,
    ScoredCustomers,
    evaluate_classifiers,
)
from frontrow.launch.classify.cohort import (
    BOTH_PERIODS,
    FIT,
    filter_ordered_in_window,
    find_launch,
    require_buyers,
    require_classifiers,
    stratified_parts,
)
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.episodes import build_episodes
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.models.baselines.order_lines import Baseline as OrderLines
from frontrow.models.classifiers import classifiers
from frontrow.models.embedding import Embedder, FittedEmbedder
from frontrow.models.embeddings import default_embedding, embedders
from frontrow.models.interactions.interactions import (
    CONTEXT,
    Interactions,
    Queries,
    build_interactions,
    last_contexts,
    order_lines,
)
from frontrow.progress import Progress, no_progress
from frontrow.shop.history import History

OWN_SALES: Final = "sales of this launch"
EARLIER_LAUNCHES: Final = "earlier launches only"
NOTHING: Final = "nothing"


@dataclass(frozen=True)
class CustomerVectors:
    """An embedding fitted on a history: customers as vectors.

    Attributes:
        embedding: Its name.
        interactions: What it was fitted on.
        fitted: The embedding.
    """

    embedding: str
    interactions: Interactions
    fitted: FittedEmbedder

    @classmethod
    def fit(cls, history: History, embedder: Embedder, *, seed: int) -> CustomerVectors:
        """Fit an embedding on every line of a history.

        Args:
            history: What is known.
            embedder: The embedding.
            seed: Of the fit.
        """
        interactions = build_interactions(history)
        return cls(embedder.name, interactions, embedder.fit(interactions, seed=seed))

    def of(self, history: History, customer_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """A vector for each customer, float32 of shape (customers, dimensions).

        Args:
            history: Up to the launch; it may reach further than what the embedding was fitted on. A customer whose
                first order came since is described by the context of the last order only.
            customer_ids: In any order.
        """
        if history.cutoff_day < self.interactions.cutoff_day:
            raise ValueError("the embedding has seen orders after the launch")
        lines = order_lines(history).sort("ordered_at", "order_id", "line_number")
        contexts = last_contexts(
            lines.select("customer_id", *CONTEXT).collect(), pl.Series("customer_id", customer_ids), history.cutoff_day
        )
        return self.fitted.customer_embeddings(Queries(self.interactions.rows_of(customer_ids), contexts))


def classify(
    history: History,
    product_id: str,
    settings: LaunchSettings | None = None,
    classify_settings: ClassifySettings | None = None,
    *,
    embedder: Embedder | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Classification:
    """Classify the customers of one launch.

    Args:
        history: What is known; purchases of the product since its launch day are the labels.
        product_id: The product.
        settings: The launch model's: horizon, who is scored.
        classify_settings: Who is compared, how customers are split.
        embedder: The embedding that classifiers use; `models.embeddings.default_embedding` if None.
        seed: The same seed on the same history gives the same figures.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: The product has no sale, its launch has too few buyers, or too few launches came before it.
        MissingExtraError: A package of the extra `neural` is not installed.

    Example:
        >>> from frontrow.models.embeddings.svd import Embedder
        >>> from frontrow.synthetic import SyntheticShop
        >>> history = SyntheticShop(customers=700, seed=5, lines_a_year=8.0).shop().as_of()
        >>> latest = compute_life_cycles(history).filter(pl.col("buyers_in_horizon") > 20)["product_id"][-1]
        >>> result = classify(history, latest, embedder=Embedder())
        >>> result.models.sort("average_precision")["model"][-1]
        'launch model'
    """
    require_classifiers()
    settings, classify_settings = settings or LaunchSettings(), classify_settings or ClassifySettings()
    cycles = compute_life_cycles(history, settings)
    product = find_launch(cycles, product_id, history)
    launch_history = history.as_of(product["cutoff_day"].item())
    rows = build_launch_rows(history, product, cycles, settings, classify_settings)
    require_buyers(rows, product_id)
    model = LaunchModel.fit(launch_history, settings, seed=seed)
    progress(1, 3)
    vectors = CustomerVectors.fit(launch_history, embedder or embedders()[default_embedding()], seed=seed)
    progress(2, 3)
    result = classify_rows(rows, product, history, model, vectors, settings=classify_settings, seed=seed)
    progress(3, 3)
    return result


def build_launch_rows(
    history: History,
    products: pl.DataFrame,
    cycles: pl.DataFrame,
    settings: LaunchSettings,
    classify_settings: ClassifySettings,
) -> pl.DataFrame:
    """Customers compared at each launch, features frozen at its midnight, with who bought since as the label.

    Args:
        history: What is known.
        products: Rows of `cycles` with their `cutoff_day`.
        cycles: What `life_cycle.compute_life_cycles` returns for the history.
        settings: Horizon, who is scored.
        classify_settings: The cohort.

    Returns:
        The columns of `episodes.build_episodes`; `launch` is the row number in `products`.
    """
    scoring_set = build_scoring_set(products, cycles, settings.horizon_days, history.vectors)
    rows = build_episodes(history, scoring_set, settings, launches=scoring_set.launches, negative_rate=1.0)
    if classify_settings.cohort == BOTH_PERIODS:
        return filter_ordered_in_window(rows, history, settings.horizon_days)
    return rows


def classify_rows(
    rows: pl.DataFrame,
    product: pl.DataFrame,
    history: History,
    model: LaunchModel,
    vectors: CustomerVectors,
    *,
    settings: ClassifySettings,
    seed: int,
) -> Classification:
    """Split the customers of one launch, fit every classifier, measure all of them and the launch model.

    Args:
        rows: What `build_launch_rows` returns for this launch, with enough buyers.
        product: One row of `cycles` with its `cutoff_day`.
        history: What is known.
        model: Fitted before the launch.
        vectors: Fitted before the launch.
        settings: How customers are split.
        seed: Of the split and the classifiers.
    """
    launch_history = history.as_of(product["cutoff_day"].item())
    if model.cutoff > launch_history.cutoff:
        raise LaunchError(
            f"The model has seen orders up to {model.cutoff.date()}, after the launch. Fit an earlier one."
        )
    labels = rows["bought"].to_numpy()
    parts = stratified_parts(
        labels, test_share=settings.test_share, validation_share=settings.validation_share, seed=seed
    )
    embeddings = vectors.of(launch_history, rows["customer_id"].to_numpy())
    # The first in the table is the one this package is about.
    scores = {LAUNCH_MODEL: model.probability(rows).to_numpy(), **_classifier_scores(embeddings, labels, parts, seed)}
    taught_by = {**dict.fromkeys(scores, OWN_SALES), LAUNCH_MODEL: EARLIER_LAUNCHES, OrderLines.name: NOTHING}
    scores[OrderLines.name] = rows["lines_180d"].to_numpy()
    return evaluate_classifiers(
        ClassifiedLaunch.from_product(product, history, model.settings),
        ScoredCustomers(rows["customer_id"], labels, parts, scores, taught_by),
        embedding=vectors.embedding,
        settings=settings,
        launch_settings=model.settings,
    )


def _classifier_scores(
    embeddings: NDArray[np.float32], labels: NDArray[np.float64], parts: NDArray[np.int8], seed: int
) -> dict[str, NDArray[np.float64]]:
    train = parts == FIT
    return {
        classifier.name: classifier.fit(embeddings[train], labels[train], seed=seed).probability(embeddings)
        for classifier in classifiers().values()
    }
