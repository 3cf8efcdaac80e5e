"""The launch model: fitted on past launches, it scores a product that nobody has bought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from frontrow.errors import ArtifactError, LaunchError
from frontrow.features.launch import FEATURES, FEATURES_WITH_VECTORS, features_of
from frontrow.features.normal_scores import compute_normal_scores, normal_score_features_of
from frontrow.launch.calibration.calibration import Calibration, TooFewLaunches
from frontrow.launch.calibration.parameters import logistic, logits
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.episodes import build_episodes, feature_matrix, score_blocks
from frontrow.launch.model.pseudo_launches import pseudo_launch_weight, sample_pseudo_launches
from frontrow.launch.model.scoring_set import ScoringSet, build_scoring_set
from frontrow.launch.model.small_shop_model import (
    ENOUGH_LAUNCHES,
    SmallShopModel,
    restore_normal_score_columns,
    select_normal_score_columns,
)
from frontrow.launch.model.training_matrix import TrainingMatrix, drop_size_features
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings, GradientBoosting
from frontrow.shop.history import History
from frontrow.shop.product_vectors import ProductVectors
from frontrow.storage.json_types import require_types

_FEATURE_LISTS: Final = tuple(
    features for names in (FEATURES, FEATURES_WITH_VECTORS) for features in (names, drop_size_features(names))
)

_WORKING: Final = "while scoring: "
_TREES: Final = f"{_WORKING}trees"
_CORRECTION: Final = f"{_WORKING}correction"


@dataclass(frozen=True)
class LaunchModel:
    """A fitted launch model.

    Attributes:
        boosting: The trees, fitted on past launches, and on pseudo-launches while these are few.
        settings: What it was fitted with.
        cutoff: No order on or after this instant was used.
        launches: Past launches it was fitted on.
        buyers: Purchases among their customers.
        calibration: Turns its scores into probabilities, or says why that is not possible; None where it was not
            fitted yet (`calibrated_model.fit_calibrated` does).
        first_import: Of the shop it was fitted on (`shop.settings`); empty where that is not known.
        small_shop: The part that ranks well from the first launch on; None once there are enough launches.
    """

    boosting: GradientBoosting
    settings: LaunchSettings
    cutoff: dt.datetime
    launches: int
    buyers: int
    calibration: Calibration | TooFewLaunches | None = None
    first_import: str = ""
    small_shop: SmallShopModel | None = None

    @classmethod
    def fit(cls, history: History, settings: LaunchSettings | None = None, *, seed: int = 0) -> LaunchModel:
        """Fit the model on every launch of the history whose window has closed.

        Args:
            history: What is known.
            settings: Horizon, who is active, hyper-parameters.
            seed: The same seed on the same history gives the same model.

        Raises:
            LaunchError: The history has neither a launch nor a product to learn from.

        Example:
            >>> from frontrow.synthetic import SyntheticShop
            >>> shop = SyntheticShop(customers=500, seed=1).shop()
            >>> LaunchModel.fit(shop.as_of()).launches > 5
            True
        """
        settings = settings or LaunchSettings()
        cycles = compute_life_cycles(history, settings)
        launches = select_past_launches(cycles)
        scoring_set = build_scoring_set(launches, cycles, settings.horizon_days, history.vectors)
        rows = sample_training_rows(history, scoring_set, settings, launches)
        pseudo_rows = sample_pseudo_launches(history, settings, launches.height, seed=seed)
        model = cls.fit_rows(rows, settings, seed=seed, cutoff=history.cutoff, pseudo_rows=pseudo_rows)
        return replace(model, first_import=history.settings.first_import)

    @classmethod
    def fit_rows(
        cls,
        rows: pl.DataFrame,
        settings: LaunchSettings,
        *,
        seed: int,
        cutoff: dt.datetime,
        pseudo_rows: pl.DataFrame | None = None,
    ) -> LaunchModel:
        """Fit the model on training rows.

        Args:
            rows: What `episodes.build_episodes` returns; the model learns from the features they have.
            settings: Hyper-parameters.
            seed: See `fit`.
            cutoff: No row's window reaches past this instant.
            pseudo_rows: What `pseudo_launches.build_pseudo_launch_rows` returns, used while launches are few.

        Raises:
            LaunchError: There are no rows of customers who bought and of others.
        """
        launches, buyers = rows["launch"].n_unique(), int(rows["bought"].sum())
        parts = [(rows, 1.0)] if launches else []
        has_pseudo = pseudo_rows is not None and pseudo_rows.height > 0 and launches < ENOUGH_LAUNCHES
        if pseudo_rows is not None and has_pseudo:
            parts.append((pseudo_rows, pseudo_launch_weight(launches)))
        training = TrainingMatrix.collect(parts or [(rows, 1.0)], without_size=has_pseudo)
        if not training.has_both_labels:
            raise LaunchError(
                f"There is nothing to learn from before {cutoff.date()}: neither a past launch nor a product on sale "
                f"with {settings.min_buyers} buyers within {settings.horizon_days} days. Import a longer history, or "
                "see why products do not count with: frontrow launches SHOP"
            )
        binned = training.bin(settings.boosting)
        boosting = GradientBoosting.fit_binned(binned, settings.boosting, seed=seed)
        small_shop = None
        if launches < ENOUGH_LAUNCHES:
            columns = normal_score_features_of(training.features)
            normal_scores = np.concatenate([compute_normal_scores(part, columns) for part, _ in parts])
            small_shop = SmallShopModel.fit(
                training, binned, normal_scores, boosting, settings=settings.boosting, launches=launches, seed=seed
            )
        return cls(boosting, settings, cutoff, launches, buyers, small_shop=small_shop)

    def probability(self, rows: pl.DataFrame) -> pl.Series:
        """Raw probability that each row's customer buys within the horizon, float64; `calibration` corrects it.

        Args:
            rows: `launch` and the features: everyone scored for each launch, or a sample of them with `weight`.
        """
        keys = [name for name in ("launch", "weight") if name in rows.columns]
        return self.complete(rows.select(*keys, *self.begin(rows)))

    def begin(self, rows: pl.DataFrame) -> list[pl.Series]:
        """The part of scoring that needs a customer's features only, so that customers can come in blocks.

        Args:
            rows: The features, of any customers.

        Returns:
            Columns that `complete` needs, to be kept beside `launch` until everyone scored for the launch is there.
        """
        matrix = feature_matrix(rows, self.features)
        trees = pl.Series(_TREES, self.boosting.probability(matrix))
        if self.small_shop is None:
            return [trees]
        correction = pl.Series(_CORRECTION, self.small_shop.correction.log_odds(matrix))
        return [trees, correction, *rows.select(select_normal_score_columns(self.features, _WORKING)).get_columns()]

    def complete(self, begun: pl.DataFrame) -> pl.Series:
        """The part of scoring that compares customers with everyone else scored for the same launch.

        Args:
            begun: `launch` and what `begin` returned, of everyone scored for each launch; of a sample, with `weight`.

        Returns:
            `probability`, see the method of that name.
        """
        trees = begun[_TREES].to_numpy()
        if self.small_shop is None:
            return pl.Series("probability", trees)
        rows = restore_normal_score_columns(begun, self.features, _WORKING)
        normal_scores = compute_normal_scores(rows, normal_score_features_of(self.features))
        log_odds = self.small_shop.mix(logits(trees), begun[_CORRECTION].to_numpy(), normal_scores)
        return pl.Series("probability", logistic(log_odds))

    def score(
        self, history: History, products: pl.DataFrame, cycles: pl.DataFrame, columns: Sequence[pl.Expr] = ()
    ) -> pl.DataFrame:
        """Score every active customer for each new product.

        Customers come in blocks, and of their features only what is asked for is kept.

        Args:
            history: What is known; its cutoff is the products' own.
            products: `product_id`, `title`, `product_type`, `vendor`, `tags`, `price`, `launch_day`, one row each.
            cycles: What `life_cycle.compute_life_cycles` returns for the same history.
            columns: Expressions over the features of each row, returned as further columns.

        Returns:
            `launch` (the product's row number), `customer_id`, `probability` and the columns, sorted by the first two.
            Without rows where nobody is active.

        Raises:
            LaunchError: No order line of a product is left to learn from.
        """
        new_products = products.with_columns(cutoff_day=pl.lit(history.cutoff_day, pl.Int32))
        scoring_set = build_scoring_set(new_products, cycles, self.settings.horizon_days, self.select_vectors(history))
        begun = score_blocks(history, scoring_set, self.settings, BeginScores(self, tuple(columns)))
        working = [name for name in begun.columns if name.startswith(_WORKING)]
        return begun.with_columns(self.complete(begun)).drop(working)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns that it reads, in order."""
        return self.boosting.features

    def select_vectors(self, history: History) -> ProductVectors | None:
        """The product vectors that the model reads; None for a model that was fitted without.

        Args:
            history: Of the shop that it is to answer about.

        Raises:
            LaunchError: It was fitted with vectors, and the history has none.
        """
        if features_of(self.features) == FEATURES:
            return None
        if history.vectors is None:
            raise LaunchError("The launch model was fitted with product vectors. Give them with --vectors FILE.")
        return history.vectors

    def require_shop(self, history: History) -> None:
        """Make sure that the model was fitted on the shop of a history.

        Args:
            history: Of the shop that it is to answer about.

        Raises:
            LaunchError: It was fitted on another shop, where products and customers are others.
        """
        shops = {self.first_import, history.settings.first_import} - {""}
        if len(shops) > 1:
            raise LaunchError("The launch model was fitted on another shop. Fit one on this shop.")

    def save(self, folder: str | Path) -> None:
        """Write the model to `folder`: LightGBM text and a manifest, no personal data."""
        manifest = {
            "settings": asdict(self.settings),
            "cutoff": self.cutoff.isoformat(),
            "launches": self.launches,
            "buyers": self.buyers,
            "calibration": None if self.calibration is None else self.calibration.to_dict(),
            "first_import": self.first_import,
        }
        if self.small_shop is not None:
            self.small_shop.save(Path(folder))
        self.boosting.save(Path(folder), manifest | {"has_small_shop": self.small_shop is not None})

    @classmethod
    def load(cls, folder: str | Path) -> LaunchModel:
        """Read a saved model back; it gives the same scores to the bit.

        Raises:
            ArtifactError: The folder holds no launch model, or a damaged one.
        """
        boosting, manifest = GradientBoosting.load(Path(folder))
        if boosting.features not in _FEATURE_LISTS:
            raise ArtifactError(f"{folder} holds a model of other features than this frontrow makes. Fit it again.")
        try:
            values = dict(manifest["settings"])
            require_types(BoostingSettings, values["boosting"])
            values["boosting"] = BoostingSettings(**values["boosting"])
            require_types(LaunchSettings, values)
            settings = LaunchSettings(**values)
            cutoff = dt.datetime.fromisoformat(manifest["cutoff"])
            saved = manifest["calibration"]
            calibration = None if saved is None else Calibration.from_dict(saved)
            counts = int(manifest["launches"]), int(manifest["buyers"])
            if cutoff.tzinfo is None or not isinstance(manifest["first_import"], str):
                raise ValueError("the cutoff is no instant, or the shop is unknown")
            small_shop = SmallShopModel.load(Path(folder), boosting.features) if manifest["has_small_shop"] else None
            return cls(boosting, settings, cutoff, *counts, calibration, manifest["first_import"], small_shop)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error


@dataclass(frozen=True)
class BeginScores:
    """The part of scoring that needs a customer's features only (`LaunchModel.begin`), of the customers of a block.

    Attributes:
        model: The model.
        columns: Expressions over the features, whose values are kept as well.
    """

    model: LaunchModel
    columns: tuple[pl.Expr, ...]

    def __call__(self, purchases: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:  # noqa: ARG002
        """Score rows with features."""
        return rows.select("launch", "customer_id", *self.model.begin(rows), *self.columns)


def select_past_launches(cycles: pl.DataFrame) -> pl.DataFrame:
    """The launches to learn from, possibly none.

    Args:
        cycles: What `life_cycle.compute_life_cycles` returns for the history.

    Returns:
        Rows of `cycles` with their `cutoff_day`.
    """
    return closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))


def sample_training_rows(
    history: History, scoring_set: ScoringSet, settings: LaunchSettings, launches: pl.DataFrame
) -> pl.DataFrame:
    """Training rows of past launches: all buyers, and a sample of the others that keeps the total bounded.

    Args:
        history: What is known.
        scoring_set: Holds these launches, each at its cutoff.
        settings: Horizon, active days, rate of the sample.
        launches: The past launches, with `product_id`.

    Returns:
        What `episodes.build_episodes` returns.
    """
    chosen = scoring_set.launches.join(
        launches.select("product_id"), on="product_id", how="semi", maintain_order="left"
    )
    rate = sampling_rate(history, settings, launches)
    return build_episodes(history, scoring_set, settings, launches=chosen, negative_rate=rate)


def sampling_rate(history: History, settings: LaunchSettings, launches: pl.DataFrame) -> float:
    """Share of the customers who did not buy that training rows hold.

    Args:
        history: What is known.
        settings: The rate, and the most rows.
        launches: The past launches.
    """
    customers = history.count_customers()
    return min(settings.negative_rate, settings.max_negatives / max(launches.height * customers, 1))
