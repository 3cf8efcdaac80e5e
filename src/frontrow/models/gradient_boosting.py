"""Gradient-boosted trees over the features of a customer and a launch (Ke et al., "LightGBM", NeurIPS 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import ArtifactError
from frontrow.models.tree_text import read_booster
from frontrow.storage.artifact import read_manifest, write_artifact

if TYPE_CHECKING:
    import lightgbm

KIND = "gradient boosting"

_BINNING = {"is_enable_sparse": False, "enable_bundle": False}
"""The features are dense: every row has its own byte, which is quicker to add up and gives the same trees."""


@dataclass(frozen=True)
class BoostingSettings:
    """Hyper-parameters in LightGBM's terms, chosen on launches that are in no reported metric.

    Attributes:
        trees: Number of boosting rounds.
        learning_rate: Weight of each round.
        leaves: Largest number of leaves per tree.
        min_customers_in_leaf: Smallest number of rows per leaf.
        feature_share: Share of the features that each tree may use.
        l2: Penalty on a leaf's weight.
        bins: Largest number of bins per feature.
        seeds: Number of models fitted with different seeds, whose probabilities are averaged.
        max_rows: One seed's model is fitted on about this many rows: all buyers, and of the others, where there are
            more, a share that is another one for each seed.
        threads: CPU threads; where other work shares the cores, several threads mostly wait for one another.
    """

    trees: int = 150
    learning_rate: float = 0.05
    leaves: int = 7
    min_customers_in_leaf: int = 100
    feature_share: float = 0.4
    l2: float = 5.0
    bins: int = 63
    seeds: int = 3
    max_rows: int = 150_000
    threads: int = 1


Sample = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Some rows of a dataset, and weights of their own."""


@dataclass(frozen=True)
class BinnedRows:
    """Rows to fit trees on, binned once for any number of fits.

    Attributes:
        features: Names of the columns, in order.
        labels: Shape (rows,), 1.0 where the customer bought.
        weights: Shape (rows,): number of customers that a row represents.
        dataset: LightGBM's, which is binned at the first fit and never changed.
    """

    features: tuple[str, ...]
    labels: NDArray[np.float64]
    weights: NDArray[np.float64]
    dataset: lightgbm.Dataset

    @classmethod
    def bin(
        cls,
        rows: NDArray[np.float32],
        labels: NDArray[np.float64],
        weights: NDArray[np.float64],
        features: tuple[str, ...],
        settings: BoostingSettings,
    ) -> BinnedRows:
        """Prepare rows; see `GradientBoosting.fit`."""
        import lightgbm

        dataset = lightgbm.Dataset(
            rows,
            labels,
            weight=weights,
            feature_name=list(features),
            params=_BINNING | {"max_bin": settings.bins, "verbosity": -1, "num_threads": settings.threads},
            free_raw_data=False,
        )
        return cls(features, labels, weights, dataset)

    def take(self, sample: Sample | None, start: NDArray[np.float64] | None = None) -> lightgbm.Dataset:
        """The rows of a sample, in the same bins, or all of them.

        Args:
            sample: None for all rows.
            start: See `GradientBoosting.fit_binned`.
        """
        if sample is None and start is None:
            return self.dataset
        rows, weights = (np.arange(len(self.labels)), self.weights) if sample is None else sample
        taken = self.dataset.subset(rows)  # type: ignore[arg-type]  # arrays are taken as well as lists
        # made first: making a subset writes the dataset's weights over those given before
        taken.construct().set_weight(weights)
        return taken if start is None else taken.set_init_score(start[rows])


class GradientBoosting:
    """Mean of a few boosted ensembles that differ in their seed.

    Attributes:
        features: Names of the columns, in order.
        ensembles: One LightGBM model text per seed.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(500, 2)).astype(np.float32)
        >>> y = (x[:, 0] > 0).astype(np.float64)
        >>> small = BoostingSettings(trees=5, min_customers_in_leaf=10, feature_share=1.0, seeds=1)
        >>> model = GradientBoosting.fit(x, y, np.ones(500), features=("taste", "noise"), settings=small, seed=1)
        >>> p = model.probability(x)
        >>> bool(p[y == 1].min() > p[y == 0].max())
        True
    """

    def __init__(
        self,
        features: tuple[str, ...],
        ensembles: tuple[str, ...],
        boosters: Sequence[lightgbm.Booster] | None = None,
    ) -> None:
        self.features = features
        self.ensembles = ensembles
        # texts that LightGBM has just written need not be checked and read
        self._boosters = [read_booster(text, features) for text in ensembles] if boosters is None else [*boosters]

    def __reduce__(self) -> tuple[Any, ...]:
        """How a model gets to another process: by its texts, which are checked and read there once."""
        return (_build_once, (self.features, self.ensembles))

    @classmethod
    def fit(
        cls,
        rows: NDArray[np.float32],
        labels: NDArray[np.float64],
        weights: NDArray[np.float64],
        *,
        features: tuple[str, ...],
        settings: BoostingSettings,
        seed: int,
    ) -> GradientBoosting:
        """Fit one ensemble per seed.

        Args:
            rows: Shape (rows, features); NaN where unknown.
            labels: Shape (rows,), 1.0 where the customer bought.
            weights: Shape (rows,): number of customers that a row represents.
            features: Names of the columns.
            settings: Hyper-parameters.
            seed: The same seed on the same rows gives the same model.
        """
        return cls.fit_binned(BinnedRows.bin(rows, labels, weights, features, settings), settings, seed=seed)

    @classmethod
    def fit_binned(
        cls,
        binned: BinnedRows,
        settings: BoostingSettings,
        *,
        seed: int,
        start: NDArray[np.float64] | None = None,
    ) -> GradientBoosting:
        """Fit one ensemble per seed on rows that may serve several fits.

        Args:
            binned: Binned with the same settings, but for the number of trees.
            settings: See `fit`.
            seed: See `fit`.
            start: Log-odds of each row by another model, shape (rows,), which the trees correct; what they say is then
                to be added to that model's (`log_odds`).
        """
        import lightgbm

        seeds = np.random.SeedSequence(seed).generate_state(settings.seeds)
        samples = _sample_rows(binned.labels, binned.weights, settings, seed)
        boosters = [
            lightgbm.train(
                _parameters(settings, int(number) % 2**31),
                binned.take(sample, start),
                num_boost_round=settings.trees,
            )
            for number, sample in zip(seeds, samples, strict=True)
        ]
        return cls(binned.features, tuple(booster.model_to_string() for booster in boosters), boosters)

    def probability(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability that each row's customer buys; shape (rows,), in [0, 1]."""
        if len(rows) == 0:
            return np.zeros(0)
        total = np.zeros(len(rows))
        for booster in self._boosters:
            total += np.asarray(booster.predict(rows, num_threads=1), dtype=np.float64)
        return total / len(self._boosters)

    def log_odds(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Mean of the ensembles' log-odds, without what `fit` was told to start from; shape (rows,)."""
        total = np.zeros(len(rows))
        for booster in self._boosters if len(rows) else ():
            total += np.asarray(booster.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)
        return total / len(self._boosters)

    def contributions(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Contribution of each feature to each row's log-odds, averaged over the ensembles.

        TreeSHAP (Lundberg et al., "Consistent individualized feature attribution for tree ensembles", 2018).

        Args:
            rows: Shape (rows, features); NaN where unknown.

        Returns:
            Shape (rows, features + 1), in log-odds; the last column is the expected value without any feature. A
            row sums to the mean of the ensembles' log-odds, which is close to, but not exactly, the log-odds of
            `probability`, their mean probability.
        """
        total = np.zeros((len(rows), len(self.features) + 1))
        for booster in self._boosters if len(rows) else ():
            total += np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1), dtype=np.float64)
        return total / len(self._boosters)

    def gains(self) -> dict[str, float]:
        """Share of each feature in the total gain, largest first."""
        total = np.sum([booster.feature_importance("gain") for booster in self._boosters], axis=0, dtype=np.float64)
        shares = total / max(total.sum(), 1e-12)
        return {self.features[i]: float(shares[i]) for i in np.argsort(-shares, kind="stable")}

    def save(self, folder: Path, about: dict[str, Any]) -> None:
        """Write LightGBM texts and a manifest to `folder`, all or nothing.

        Args:
            folder: Created if it does not exist.
            about: Other entries of the manifest, such as settings and cutoff.
        """
        files = {f"ensemble_{i}.txt": text for i, text in enumerate(self.ensembles)}
        write_artifact(folder, KIND, files, {"features": list(self.features), **about})

    @classmethod
    def load(cls, folder: Path) -> tuple[GradientBoosting, dict[str, Any]]:
        """Read a saved model and its manifest back.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
        """
        import lightgbm

        manifest = read_manifest(folder, KIND)
        try:
            texts = [(folder / name).read_text("utf-8") for name in manifest["files"]]
            model = cls(tuple(manifest["features"]), tuple(texts))
        except (AttributeError, OSError, KeyError, TypeError, ValueError, lightgbm.basic.LightGBMError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error
        if not texts:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.")
        return model, manifest


@lru_cache(maxsize=8)
def _build_once(features: tuple[str, ...], ensembles: tuple[str, ...]) -> GradientBoosting:
    """The model of some texts: a worker is sent them with every block, and reads them at the first."""
    return GradientBoosting(features, ensembles)


def _sample_rows(
    labels: NDArray[np.float64], weights: NDArray[np.float64], settings: BoostingSettings, seed: int
) -> list[Sample | None]:
    """The rows that each seed's model is fitted on, and their weights; None for all rows.

    Every row has a place on a circle, and each seed takes the arc after the one before: together they know as many of
    those who did not buy as possible.
    """
    bought = labels == 1.0
    share = max((settings.max_rows - bought.sum()) / max((~bought).sum(), 1), 0.05)
    if share >= 1.0:
        return [None] * settings.seeds
    places = np.random.default_rng(seed).random(len(labels))
    samples = []
    for number in range(settings.seeds):
        rows = np.flatnonzero(bought | ((places - number * share) % 1.0 < share))
        samples.append((rows, np.where(bought[rows], weights[rows], weights[rows] / share)))
    return [*samples]


def _parameters(settings: BoostingSettings, seed: int) -> dict[str, Any]:
    values = asdict(settings)
    return {
        "objective": "binary",
        "learning_rate": values["learning_rate"],
        "num_leaves": values["leaves"],
        "min_data_in_leaf": values["min_customers_in_leaf"],
        "feature_fraction": values["feature_share"],
        "lambda_l2": values["l2"],
        "max_bin": values["bins"],
        "num_threads": values["threads"],
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }
