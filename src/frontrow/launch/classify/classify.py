"""Classifiers of one launch that has some sales already, beside the launch model, which needs none.

Customers are split; the classifiers learn from a part of the launch's own buyers, which nobody has on the day of a
launch, and are tested on the rest. The launch model sees earlier launches only and is tested on the same customers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import LaunchError
from frontrow.launch.backtest.backtest import LAUNCH_MODEL
from frontrow.launch.classify.classification import BOTH_PERIODS, Classification, ClassifySettings
from frontrow.launch.classify.cohort import ordered_in_window
from frontrow.launch.classify.customer_vectors import CustomerVectors
from frontrow.launch.classify.eligible_launches import launched, launched_product, refuse_too_few, require_classifiers
from frontrow.launch.classify.evaluation import judged
from frontrow.launch.classify.stratified_split import FIT, stratified_parts
from frontrow.launch.episodes.episodes import episode_rows
from frontrow.launch.episodes.scoring_set import ask
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.models.baselines import order_lines
from frontrow.models.classifiers import classifiers
from frontrow.models.embedding import Embedder
from frontrow.models.embeddings import default_embedding, embedders
from frontrow.progress import Progress, no_progress
from frontrow.shop.shop import History

OWN_SALES: Final = "sales of this launch"
EARLIER_LAUNCHES: Final = "earlier launches only"
NOTHING: Final = "nothing"


def classify(
    history: History,
    product_id: str,
    settings: LaunchSettings | None = None,
    classified: ClassifySettings | None = None,
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
        classified: Who is compared, how they are split.
        embedder: What the classifiers read of a customer; `models.embeddings.default_embedding` if None.
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
        >>> found = classify(history, latest, embedder=Embedder())
        >>> found.models.sort("average_precision")["model"][-1]
        'launch model'
    """
    require_classifiers()
    settings, classified = settings or LaunchSettings(), classified or ClassifySettings()
    cycles = compute_life_cycles(history, settings)
    product = launched_product(cycles, product_id, history)
    then = history.as_of(product["cutoff_day"].item())
    rows = launch_rows(history, product, cycles, settings, classified)
    refuse_too_few(rows, product_id)
    model = LaunchModel.fit(then, settings, seed=seed)
    progress(1, 3)
    vectors = CustomerVectors.fit(then, embedder or embedders()[default_embedding()], seed=seed)
    progress(2, 3)
    found = classified_launch(rows, product, history, model, vectors, classified=classified, seed=seed)
    progress(3, 3)
    return found


def launch_rows(
    history: History,
    products: pl.DataFrame,
    cycles: pl.DataFrame,
    settings: LaunchSettings,
    classified: ClassifySettings,
) -> pl.DataFrame:
    """Customers compared at each launch, features frozen at its midnight, who bought since as the label.

    Args:
        history: What is known.
        products: Rows of `cycles`, `cutoff_day` beside them.
        cycles: What `life_cycle.compute_life_cycles` says of the history.
        settings: Horizon, who is scored.
        classified: The cohort.

    Returns:
        The columns of `episodes.episode_rows`; `launch` is the position among `products`.
    """
    question = ask(products, cycles, settings.horizon_days)
    rows = episode_rows(history, question, settings, launches=question.launches, negative_rate=1.0)
    if classified.cohort == BOTH_PERIODS:
        return ordered_in_window(rows, history, settings.horizon_days)
    return rows


def classified_launch(
    rows: pl.DataFrame,
    product: pl.DataFrame,
    history: History,
    model: LaunchModel,
    vectors: CustomerVectors,
    *,
    classified: ClassifySettings,
    seed: int,
) -> Classification:
    """Split the customers of one launch, fit every classifier, measure all of them and the launch model.

    Args:
        rows: What `launch_rows` says of this launch, enough buyers among them.
        product: One row of `cycles`, `cutoff_day` beside it.
        history: What is known.
        model: Fitted before the launch.
        vectors: Fitted before the launch.
        classified: How customers are split.
        seed: Of the split and the classifiers.
    """
    cutoff_day = product["cutoff_day"].item()
    then = history.as_of(cutoff_day)
    if model.cutoff > then.cutoff:
        raise LaunchError(
            f"The model has seen orders up to {model.cutoff.date()}, after the launch. Fit an earlier one."
        )
    labels = rows["bought"].to_numpy()
    shares = {"test_share": classified.test_share, "validation_share": classified.validation_share}
    parts = stratified_parts(labels, **shares, seed=seed)
    told = vectors.of(then, rows["customer_id"].to_numpy())
    # The first in the table is the one this package is about.
    scores = {LAUNCH_MODEL: model.probability(rows).to_numpy(), **_classifier_scores(told, labels, parts, seed)}
    simple = order_lines.Baseline.name
    return judged(
        launched(product, history, model.settings),
        rows["customer_id"],
        labels,
        parts,
        {**scores, simple: rows["lines_180d"].to_numpy()},
        {**dict.fromkeys(scores, OWN_SALES), LAUNCH_MODEL: EARLIER_LAUNCHES, simple: NOTHING},
        embedding=vectors.embedding,
        settings=classified,
        launch_settings=model.settings,
    )


def _classifier_scores(
    vectors: NDArray[np.float32], labels: NDArray[np.float64], parts: NDArray[np.int8], seed: int
) -> dict[str, NDArray[np.float64]]:
    fitted_on = parts == FIT
    return {
        one.name: one.fit(vectors[fitted_on], labels[fitted_on], seed=seed).probability(vectors)
        for one in classifiers().values()
    }
