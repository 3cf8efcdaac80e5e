"""Gradient-boosted trees with LightGBM (Ke et al., 2017): the default ranker, which needs no tuning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import ArtifactError
from frontrow.models.leaf_tables import UNITS, LeafTables
from frontrow.models.ranker import Candidates, row_weights
from frontrow.models.tree_text import read_booster
from frontrow.progress import Progress, no_progress
from frontrow.storage.artifact import read_manifest, write_artifact

if TYPE_CHECKING:
    import lightgbm

KIND = "boosted trees ranker"
TREES = "trees_{number}.txt"
MOST_FITS = 100


@dataclass(frozen=True)
class TreeSettings:
    """Settings of LightGBM, chosen on horizons of Online Retail II that end before 2011-05.

    Attributes:
        fits: Number of fits, each with a seed of its own; the logits are averaged.
        trees: Number of trees of a fit.
        learning_rate: Weight of each tree.
        leaves: Most leaves of a tree.
        min_child_samples: Fewest rows in a leaf.
        feature_fraction: Share of the features that each tree may use.
        l2: L2 penalty on the leaf values.
        bins: Most histogram bins of a feature.
    """

    fits: int = 2
    trees: int = 150
    learning_rate: float = 0.1
    leaves: int = 15
    min_child_samples: int = 100
    feature_fraction: float = 0.4
    l2: float = 5.0
    bins: int = 63

    def parameters(self, seed: int) -> dict[str, Any]:
        """Return the parameters by the names LightGBM uses."""
        return {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_child_samples": self.min_child_samples,
            "feature_fraction": self.feature_fraction,
            "lambda_l2": self.l2,
            "max_bin": self.bins,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbose": -1,
        }


@dataclass(frozen=True)
class Trees:
    """Fitted trees.

    Attributes:
        texts: The trees of each fit in LightGBM's text format.
        features: Name of each feature that they ask about.
    """

    texts: tuple[str, ...]
    features: tuple[str, ...]

    @cached_property
    def boosters(self) -> tuple[lightgbm.Booster, ...]:
        """The trees of each fit in LightGBM."""
        return tuple(read_booster(text, self.features) for text in self.texts)

    @cached_property
    def leaf_tables(self) -> LeafTables | None:
        """All trees as tables; None where trees have too many leaves for them, which only settings of your own make."""
        trees = [tree["tree_structure"] for booster in self.boosters for tree in booster.dump_model()["tree_info"]]
        try:
            return LeafTables.build(trees)
        except ValueError:
            return None

    def scores(self, candidates: Candidates) -> NDArray[np.float32]:
        """See `FittedRanker.scores`; the mean of the fits.

        Raises:
            ArtifactError: The trees are of other features than the candidates have.
        """
        if candidates.names != self.features:
            raise ArtifactError("The saved ranker is of other features than this frontrow makes. Fit it again.")
        if len(candidates) == 0:
            return np.zeros(0, dtype=np.float32)
        if self.leaf_tables is not None:
            sums = self.leaf_tables.add_up(candidates.tables, len(candidates))
            return np.asarray(sums / UNITS / len(self.texts), dtype=np.float32)
        logits = np.zeros(len(candidates))
        for booster in self.boosters:
            logits += np.asarray(booster.predict(candidates.features, raw_score=True, num_threads=1))
        return np.asarray(logits / len(self.boosters), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write the trees in LightGBM's text format."""
        files = {TREES.format(number=number): text for number, text in enumerate(self.texts)}
        write_artifact(folder, KIND, files, {"features": list(self.features), "fits": len(self.texts)})


class Ranker:
    """Trees over all features; rows are weighted by `row_weights`.

    Args:
        settings: Settings of the trees; the defaults of `TreeSettings` if None.
    """

    name = "boosted trees"
    extra = None

    def __init__(self, settings: TreeSettings | None = None) -> None:
        self.settings = settings or TreeSettings()

    def fit(
        self, candidates: Candidates, bought: NDArray[np.bool_], *, seed: int, progress: Progress = no_progress
    ) -> Trees:
        """See `Ranker.fit` in `models/ranker.py`."""
        import lightgbm

        weight = row_weights(candidates, bought)
        dataset = lightgbm.Dataset(
            candidates.features, bought, weight=weight, feature_name=list(candidates.names), free_raw_data=False
        )
        trees, fits = self.settings.trees, self.settings.fits

        def fit_once(number: int) -> str:
            done = number * trees
            booster = lightgbm.train(
                self.settings.parameters(seed + number),
                dataset,
                num_boost_round=trees,
                callbacks=[lambda step: progress(done + step.iteration + 1, fits * trees)],
            )
            return str(booster.model_to_string())

        return Trees(tuple(fit_once(number) for number in range(fits)), candidates.names)

    def load(self, folder: Path) -> Trees:
        """See `Ranker.load` in `models/ranker.py`."""
        import lightgbm

        manifest = read_manifest(folder, KIND)
        try:
            fits = int(manifest["fits"])
            if not 0 < fits <= MOST_FITS:
                raise ValueError(f"there are {fits} fits")
            texts = tuple((folder / TREES.format(number=number)).read_text("utf-8") for number in range(fits))
            trees = Trees(texts, tuple(map(str, manifest["features"])))
            # read now, so that a damaged text is an error of the folder it is in
            _ = trees.boosters
        except (AttributeError, OSError, KeyError, TypeError, ValueError, lightgbm.basic.LightGBMError) as error:
            raise ArtifactError(f"{folder} holds a damaged ranker. Fit it again.") from error
        return trees
