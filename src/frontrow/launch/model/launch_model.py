"""The launch model: fitted on past launches, it scores a product that nobody has bought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from frontrow.errors import ArtifactError, LaunchError
from frontrow.features.launch import FEATURES, FEATURES_WITH_VECTORS, features_of
from frontrow.launch.calibration.calibration import Calibration, TooFewLaunches
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.episodes import build_episodes, feature_matrix, iterate_scored_rows
from frontrow.launch.model.scoring_set import ScoringSet, build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings, GradientBoosting
from frontrow.shop.product_vectors import ProductVectors
from frontrow.shop.shop import History
from frontrow.storage.json_types import require_types

FEWEST_LAUNCHES = 5
"""With fewer past launches than this there is nothing to fit a model on."""


@dataclass(frozen=True)
class LaunchModel:
    """A fitted launch model.

    Attributes:
        boosting: The ensembles.
        settings: What it was fitted with.
        cutoff: No order on or after this instant was used.
        launches: Past launches it was fitted on.
        buyers: Purchases among their customers.
        calibration: Turns its scores into probabilities, or says why that is not possible; None where it was not
            fitted yet (`calibrated_model.fit_calibrated` does).
        first_import: Of the shop it was fitted on (`shop.settings`); empty where that is not known.
    """

    boosting: GradientBoosting
    settings: LaunchSettings
    cutoff: dt.datetime
    launches: int
    buyers: int
    calibration: Calibration | TooFewLaunches | None = None
    first_import: str = ""

    @classmethod
    def fit(cls, history: History, settings: LaunchSettings | None = None, *, seed: int = 0) -> LaunchModel:
        """Fit the model on every launch of the history whose window has closed.

        Args:
            history: What is known.
            settings: Horizon, who is active, hyper-parameters.
            seed: The same seed on the same history gives the same model.

        Raises:
            LaunchError: The history has fewer than five launches to learn from.

        Example:
            >>> from frontrow.synthetic import SyntheticShop
            >>> shop = SyntheticShop(customers=500, seed=1).shop()
            >>> LaunchModel.fit(shop.as_of()).launches > 5
            True
        """
        settings = settings or LaunchSettings()
        cycles = compute_life_cycles(history, settings)
        launches = select_past_launches(cycles, history, settings)
        scoring_set = build_scoring_set(launches, cycles, settings.horizon_days, history.vectors)
        rows = sample_training_rows(history, scoring_set, settings, launches)
        model = cls.fit_rows(rows, settings, seed=seed, cutoff=history.cutoff)
        return replace(model, first_import=history.settings.first_import)

    @classmethod
    def fit_rows(cls, rows: pl.DataFrame, settings: LaunchSettings, *, seed: int, cutoff: dt.datetime) -> LaunchModel:
        """Fit the model on training rows.

        Args:
            rows: What `episodes.build_episodes` returns; the model learns from the features they have.
            settings: Hyper-parameters.
            seed: See `fit`.
            cutoff: No row's window reaches past this instant.
        """
        features = features_of(rows.columns)
        boosting = GradientBoosting.fit(
            feature_matrix(rows, features),
            rows["bought"].to_numpy(),
            rows["weight"].to_numpy(),
            features=features,
            settings=settings.boosting,
            seed=seed,
        )
        return cls(boosting, settings, cutoff, rows["launch"].n_unique(), int(rows["bought"].sum()))

    def probability(self, rows: pl.DataFrame) -> pl.Series:
        """Raw probability that each row's customer buys within the horizon, float64; `calibration` corrects it."""
        return pl.Series("probability", self.boosting.probability(feature_matrix(rows, self.features)))

    def score(self, history: History, products: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Score every active customer for each new product, a block of customers at a time.

        Args:
            history: What is known; its cutoff is the products' own.
            products: `product_id`, `title`, `product_type`, `vendor`, `tags`, `price`, `launch_day`, one row each.
            cycles: What `life_cycle.compute_life_cycles` returns for the same history.

        Yields:
            `launch` (the product's row number), `customer_id`, `cutoff_day`, the features and `probability`.
        """
        new_products = products.with_columns(cutoff_day=pl.lit(history.cutoff_day, pl.Int32))
        scoring_set = build_scoring_set(new_products, cycles, self.settings.horizon_days, self.select_vectors(history))
        for _, rows in iterate_scored_rows(history, scoring_set, self.settings):
            yield rows.with_columns(self.probability(rows))

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
        if self.features == FEATURES:
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
        self.boosting.save(Path(folder), manifest)

    @classmethod
    def load(cls, folder: str | Path) -> LaunchModel:
        """Read a saved model back; it gives the same scores to the bit.

        Raises:
            ArtifactError: The folder holds no launch model, or a damaged one.
        """
        boosting, manifest = GradientBoosting.load(Path(folder))
        if boosting.features not in (FEATURES, FEATURES_WITH_VECTORS):
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
            return cls(boosting, settings, cutoff, *counts, calibration, manifest["first_import"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error


def select_past_launches(cycles: pl.DataFrame, history: History, settings: LaunchSettings) -> pl.DataFrame:
    """The launches to learn from.

    Args:
        cycles: What `life_cycle.compute_life_cycles` returns for the history.
        history: What is known.
        settings: Named in the error.

    Returns:
        Rows of `cycles` with their `cutoff_day`.

    Raises:
        LaunchError: There are fewer than five.
    """
    launches = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    if launches.height < FEWEST_LAUNCHES:
        raise LaunchError(
            f"{launches.height} past launches with {settings.min_buyers} buyers or more before "
            f"{history.cutoff.date()}; at least {FEWEST_LAUNCHES} are needed. Import a longer history, or see "
            "why products do not count with: frontrow launches SHOP"
        )
    return launches


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
    customers = int(history.lines.select(pl.col("customer_id").n_unique()).collect().item())
    return min(settings.negative_rate, settings.max_negatives / max(launches.height * customers, 1))
