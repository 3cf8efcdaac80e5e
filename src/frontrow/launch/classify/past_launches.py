"""The classifiers of a launch over every past launch: one table, means and intervals over launches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.backtest.backtest import BacktestSettings, build_test_folds
from frontrow.launch.backtest.metrics import compare_models, summarize_metrics
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.classify.classification import BOTH_PERIODS_WARNING, Classification, ClassifySettings
from frontrow.launch.classify.classify import CustomerVectors, build_launch_rows, classify_rows
from frontrow.launch.classify.cohort import BOTH_PERIODS, FEWEST_BUYERS, require_classifiers
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel, sample_training_rows
from frontrow.launch.model.pseudo_launches import sample_pseudo_launches, select_known
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.model.walk_forward import first_training_day
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics
from frontrow.models.classifiers import classifiers
from frontrow.models.embedding import Embedder
from frontrow.models.embeddings import default_embedding, embedders
from frontrow.progress import Progress, no_progress
from frontrow.shop.history import History

PAST: Final = BacktestSettings(min_buyers=20)
"""Which launches are classified: with fewer buyers, the classifiers would learn from a handful."""

COMPARED: Final = ("auc", "average_precision", "lift_1", "lift_5", "lift_10", "precision", "recall", "f1")
"""Metrics by which a classifier is compared with the launch model."""

_AT_THRESHOLD: Final = ("auc", "average_precision", "precision", "base_rate", "recall", "f1", "predicted")
_COUNTS: Final = ("true_positives", "false_positives", "false_negatives", "true_negatives")
_SHARES: Final = {"lift_1": 0.01, "lift_5": 0.05, "lift_10": 0.10}


@dataclass(frozen=True)
class PastClassification:
    """Every past launch classified.

    Attributes:
        values: Tidy: `product_id`, `title`, `launch_date`, `model`, `metric`, `value`, all on the customers tested.
            Metrics: those of `Classification.models`, `lift_1`, `lift_5`, `lift_10` (in the first 1, 5 and 10 %),
            and for each length of `settings` `precision_at_N` and `lift_at_N`.
        embedding: Name of the embedding that the classifiers use.
        settings: Who was classified, and how.
        launch_settings: The launch model's.
        backtest_settings: Which launches; how often launch model and embedding are fitted anew.
    """

    values: pl.DataFrame
    embedding: str
    settings: ClassifySettings
    launch_settings: LaunchSettings
    backtest_settings: BacktestSettings

    @property
    def launches(self) -> int:
        """How many launches were classified."""
        return self.values["product_id"].n_unique()

    def summary(self) -> pl.DataFrame:
        """Mean over launches of each model and metric, with a 95 % interval; the launch model first."""
        return summarize_metrics(self.values, first=LAUNCH_MODEL)

    def best_classifier(self) -> str:
        """Of those that learned from the launch's own sales, the one with the highest mean average precision."""
        ranked = self.summary().filter(pl.col("metric") == "average_precision")
        return str(ranked.join(classifier_names(), on="model", how="semi", maintain_order="left")["model"][0])

    def against(self, classifier: str) -> pl.DataFrame:
        """The launch model minus a classifier, launch by launch; see `metrics.compare_models`."""
        return compare_models(self.values, LAUNCH_MODEL, classifier, COMPARED)

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        best = self.best_classifier()
        return {
            "launches": self.launches,
            "embedding": self.embedding,
            "settings": asdict(self.settings),
            "launch_settings": asdict(self.launch_settings),
            "backtest_settings": asdict(self.backtest_settings),
            "warning": BOTH_PERIODS_WARNING if self.settings.cohort == BOTH_PERIODS else None,
            "summary": self.summary().to_dicts(),
            "best_classifier": best,
            "launch_model_against_it": self.against(best).to_dicts(),
            "values": self.values.to_dicts(),
        }


def classifier_names() -> pl.DataFrame:
    """`model`: the names of all classifiers."""
    return pl.DataFrame({"model": [classifier.name for classifier in classifiers().values()]})


def classify_past(
    history: History,
    settings: LaunchSettings | None = None,
    classify_settings: ClassifySettings | None = None,
    backtest_settings: BacktestSettings = PAST,
    *,
    embedder: Embedder | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> PastClassification:
    """Classify the customers of every past launch, walking forward.

    Launch model and embedding are fitted anew every `backtest_settings.refit_days`, on what was known that day;
    customers and features of each launch are frozen at its own midnight.

    Args:
        history: What is known; launches whose window is still open are left out.
        settings: The launch model's.
        classify_settings: Who is compared, how customers are split.
        backtest_settings: Which launches.
        embedder: The embedding that classifiers use; `models.embeddings.default_embedding` if None.
        seed: The same seed on the same history gives the same figures.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: There is no launch to classify, or none before it to learn from.
        MissingExtraError: A package of the extra `neural` is not installed.
    """
    require_classifiers()
    settings, classify_settings = settings or LaunchSettings(), classify_settings or ClassifySettings()
    embedder = embedder or embedders()[default_embedding()]
    cycles = compute_life_cycles(history, settings)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    pseudo_rows = sample_pseudo_launches(history, settings, 0, earlier_days=backtest_settings.test_days, seed=seed)
    training_since = first_training_day(past, pseudo_rows, settings.horizon_days)
    folds = build_test_folds(past, history, backtest_settings, training_since)
    scoring_set = build_scoring_set(past, cycles, settings.horizon_days, history.vectors)
    training_rows = sample_training_rows(history, scoring_set, settings, past)
    values: list[pl.DataFrame] = []
    for number, (first, last) in enumerate(folds):
        fold_history = history.as_of(first)
        closed = training_rows.filter(pl.col("cutoff_day") + settings.horizon_days <= first)
        pseudo, cutoff = select_known(pseudo_rows, first, settings.horizon_days), fold_history.cutoff
        model = LaunchModel.fit_rows(closed, settings, seed=seed, cutoff=cutoff, pseudo_rows=pseudo)
        vectors = CustomerVectors.fit(fold_history, embedder, seed=seed)
        products = past.filter(pl.col("cutoff_day").is_between(first, last))
        rows = build_launch_rows(history, products, cycles, settings, classify_settings)
        for launch, product in _with_enough_buyers(rows, products, backtest_settings):
            result = classify_rows(launch, product, history, model, vectors, settings=classify_settings, seed=seed)
            values.append(_tidy_values(result))
        progress(number + 1, len(folds))
    if not values:
        raise LaunchError(
            f"No launch has {backtest_settings.min_buyers} buyers or more among the customers compared. Lower "
            f"--min-buyers, to {FEWEST_BUYERS} at least."
        )
    return PastClassification(pl.concat(values), embedder.name, classify_settings, settings, backtest_settings)


def _with_enough_buyers(
    rows: pl.DataFrame, products: pl.DataFrame, backtest_settings: BacktestSettings
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Rows and product of each launch with enough buyers."""
    for launch in rows.partition_by("launch", maintain_order=True):
        if launch["bought"].sum() >= max(backtest_settings.min_buyers, FEWEST_BUYERS):
            yield launch, products[launch["launch"][0]]


def _tidy_values(result: Classification) -> pl.DataFrame:
    """The rows of `PastClassification.values` of one launch."""
    columns = [*_AT_THRESHOLD, *_COUNTS]
    at_threshold = result.models.select("model", pl.col(columns).cast(pl.Float64))
    labels = result.scores["bought"].to_numpy()
    lifts = [
        (model, metric, metrics.lift(labels, result.scores[model].to_numpy(), share))
        for model in result.models["model"]
        for metric, share in _SHARES.items()
    ]
    parts = [
        at_threshold.unpivot(index="model", variable_name="metric"),
        pl.DataFrame(lifts, schema=["model", "metric", "value"], orient="row"),
        *(_list_metrics(result.scores, result.models["model"], length) for length in result.settings.lengths),
    ]
    return pl.concat(parts).select(
        pl.lit(result.launch.product_id).alias("product_id"),
        pl.lit(result.launch.title).alias("title"),
        pl.lit(result.launch.launch_date).alias("launch_date"),
        "model",
        "metric",
        "value",
    )


def _list_metrics(scores: pl.DataFrame, models: pl.Series, length: int) -> pl.DataFrame:
    """Precision and lift of a list of one length; a launch with fewer customers is listed completely."""
    labels = scores["bought"].to_numpy()
    listed = min(length, len(labels))
    rows: list[tuple[str, str, float]] = []
    for model in models:
        precision = metrics.buyers_at(labels, scores[model].to_numpy(), listed) / listed
        rows += [(model, f"precision_at_{length}", precision), (model, f"lift_at_{length}", precision / labels.mean())]
    return pl.DataFrame(rows, schema=["model", "metric", "value"], orient="row")
