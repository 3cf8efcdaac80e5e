"""The classifiers of a launch over every past launch: one table, means and intervals over launches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.backtest import comparison
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.backtest.settings import BacktestSettings, folds_of
from frontrow.launch.classify.classification import BOTH_PERIODS, BOTH_PERIODS_WARNING, Classification, ClassifySettings
from frontrow.launch.classify.classify import classified_launch, launch_rows
from frontrow.launch.classify.customer_vectors import CustomerVectors
from frontrow.launch.classify.eligible_launches import FEWEST_BUYERS, require_classifiers
from frontrow.launch.episodes.scoring_set import ask
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel, training_rows
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics
from frontrow.models.classifiers import classifiers
from frontrow.models.embedding import Embedder
from frontrow.models.embeddings import default_embedding, embedders
from frontrow.progress import Progress, no_progress
from frontrow.shop.shop import History

PAST: Final = BacktestSettings(min_buyers=20)
"""Which launches are classified: with fewer buyers, the classifiers would learn from a handful."""

COMPARED: Final = ("auc", "average_precision", "lift_1", "lift_5", "lift_10", "precision", "recall", "f1")
"""Metrics by which a classifier is compared with the launch model."""

_AT_THRESHOLD: Final = ("auc", "average_precision", "precision", "base_rate", "recall", "f1", "predicted")
_SHARES: Final = {"lift_1": 0.01, "lift_5": 0.05, "lift_10": 0.10}


@dataclass(frozen=True)
class PastClassification:
    """Every past launch classified.

    Attributes:
        values: Tidy: `product_id`, `title`, `launch_date`, `model`, `metric`, `value`, all on the customers tested.
            Metrics: those of `Classification.models`, `lift_1`, `lift_5`, `lift_10` (in the first 1, 5 and 10 %),
            and for each length asked for `precision_at_N` and `lift_at_N`.
        embedding: What the classifiers read.
        settings: What was asked with.
        launch_settings: The launch model's.
        tested: Which launches; how often launch model and embedding are fitted anew.
    """

    values: pl.DataFrame
    embedding: str
    settings: ClassifySettings
    launch_settings: LaunchSettings
    tested: BacktestSettings

    @property
    def launches(self) -> int:
        """How many launches were classified."""
        return self.values["product_id"].n_unique()

    def summary(self) -> pl.DataFrame:
        """Mean over launches of each model and metric, with a 95 % interval; the launch model first."""
        return comparison.summary(self.values, first=LAUNCH_MODEL)

    def best_classifier(self) -> str:
        """Of those that learned from the launch's own sales, the one with the highest mean average precision."""
        return str(self._taught_by_sales()["model"][0])

    def against(self, classifier: str) -> pl.DataFrame:
        """The launch model minus a classifier, launch by launch; see `comparison.differences`."""
        return comparison.differences(self.values, LAUNCH_MODEL, classifier, COMPARED)

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        best = self.best_classifier()
        return {
            "launches": self.launches,
            "embedding": self.embedding,
            "settings": asdict(self.settings),
            "launch_settings": asdict(self.launch_settings),
            "tested": asdict(self.tested),
            "warning": BOTH_PERIODS_WARNING if self.settings.cohort == BOTH_PERIODS else None,
            "summary": self.summary().to_dicts(),
            "best_classifier": best,
            "launch_model_against_it": self.against(best).to_dicts(),
            "values": self.values.to_dicts(),
        }

    def _taught_by_sales(self) -> pl.DataFrame:
        ranked = self.summary().filter(pl.col("metric") == "average_precision")
        return ranked.join(classifier_names(), on="model", how="semi", maintain_order="left")


def classifier_names() -> pl.DataFrame:
    """`model`: the names of all classifiers."""
    return pl.DataFrame({"model": [one.name for one in classifiers().values()]})


def classify_past(
    history: History,
    settings: LaunchSettings | None = None,
    classified: ClassifySettings | None = None,
    tested: BacktestSettings = PAST,
    *,
    embedder: Embedder | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> PastClassification:
    """Classify the customers of every past launch, walking forward.

    Launch model and embedding are fitted anew every `tested.refit_days`, on what was known that day; customers and
    features of each launch are frozen at its own midnight.

    Args:
        history: What is known; launches whose window is still open are left out.
        settings: The launch model's.
        classified: Who is compared, how they are split.
        tested: Which launches.
        embedder: What the classifiers read of a customer; `models.embeddings.default_embedding` if None.
        seed: The same seed on the same history gives the same figures.
        progress: Called with (done, total) steps.

    Raises:
        LaunchError: There is no launch to classify, or none before it to learn from.
        MissingExtraError: A package of the extra `neural` is not installed.
    """
    require_classifiers()
    settings, classified = settings or LaunchSettings(), classified or ClassifySettings()
    embedder = embedder or embedders()[default_embedding()]
    cycles = compute_life_cycles(history, settings)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    folds = folds_of(past, history, settings, tested)
    lessons = training_rows(history, ask(past, cycles, settings.horizon_days), settings, past)
    values: list[pl.DataFrame] = []
    for number, (first, last) in enumerate(folds):
        then = history.as_of(first)
        learned = lessons.filter(pl.col("cutoff_day") + settings.horizon_days <= first)
        model = LaunchModel.fit_rows(learned, settings, seed=seed, cutoff=then.cutoff)
        vectors = CustomerVectors.fit(then, embedder, seed=seed)
        products = past.filter(pl.col("cutoff_day").is_between(first, last))
        rows = launch_rows(history, products, cycles, settings, classified)
        for launch, product in _enough(rows, products, tested):
            found = classified_launch(launch, product, history, model, vectors, classified=classified, seed=seed)
            values.append(_values(found))
        progress(number + 1, len(folds))
    if not values:
        raise LaunchError(
            f"No launch has {tested.min_buyers} buyers or more among the customers compared. Lower --min-buyers, "
            f"to {FEWEST_BUYERS} at least."
        )
    return PastClassification(pl.concat(values), embedder.name, classified, settings, tested)


def _enough(
    rows: pl.DataFrame, products: pl.DataFrame, tested: BacktestSettings
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Rows and product of each launch with enough buyers."""
    for launch in rows.partition_by("launch", maintain_order=True):
        if launch["bought"].sum() >= max(tested.min_buyers, FEWEST_BUYERS):
            yield launch, products[launch["launch"][0]]


def _values(found: Classification) -> pl.DataFrame:
    """What `PastClassification.values` keeps of one launch."""
    columns = [*_AT_THRESHOLD, "true_positives", "false_positives", "false_negatives", "true_negatives"]
    parts = [
        found.models.select("model", pl.col(columns).cast(pl.Float64)).unpivot(index="model", variable_name="metric")
    ]
    labels = found.scores["bought"].to_numpy()
    lifts = [
        (model, metric, metrics.lift(labels, found.scores[model].to_numpy(), share))
        for model in found.models["model"]
        for metric, share in _SHARES.items()
    ]
    parts.append(pl.DataFrame(lifts, schema=["model", "metric", "value"], orient="row"))
    parts += [_at_length(found.scores, found.models["model"], length) for length in found.settings.lengths]
    told = found.launched
    return pl.concat(parts).select(
        pl.lit(told.product_id).alias("product_id"),
        pl.lit(told.title).alias("title"),
        pl.lit(told.launch_date).alias("launch_date"),
        "model",
        "metric",
        "value",
    )


def _at_length(scores: pl.DataFrame, models: pl.Series, length: int) -> pl.DataFrame:
    """Precision and lift of a list of one length; a launch with fewer customers is listed whole."""
    labels = scores["bought"].to_numpy()
    listed = min(length, len(labels))
    rows: list[tuple[str, str, float]] = []
    for model in models:
        precision = metrics.buyers_at(labels, scores[model].to_numpy(), listed) / listed
        rows += [(model, f"precision_at_{length}", precision), (model, f"lift_at_{length}", precision / labels.mean())]
    return pl.DataFrame(rows, schema=["model", "metric", "value"], orient="row")
