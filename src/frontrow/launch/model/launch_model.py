"""The launch model: fitted on past launches, it scores a product that nobody has bought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from frontrow.engine import customer_blocks
from frontrow.errors import ArtifactError, LaunchError
from frontrow.features.launch import FEATURES
from frontrow.launch.calibration.calibration import Calibration, TooFewLaunches
from frontrow.launch.episodes.episodes import episode_rows, features_of, matrix, purchases_of, scored_rows
from frontrow.launch.episodes.scoring_set import Question, ask
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings, GradientBoosting
from frontrow.shop.shop import History

FEWEST_LAUNCHES = 5
"""With fewer past launches than this there is nothing to learn a launch from."""


@dataclass(frozen=True)
class LaunchModel:
    """A fitted launch model.

    Attributes:
        boosting: The ensembles.
        settings: What it was fitted with.
        cutoff: Nothing on or after this instant was seen.
        launches: Past launches it learned from.
        buyers: Purchases among their customers.
        calibration: What its probabilities are worth, or why that cannot be said; None where nobody asked yet
            (`calibrating.fit_calibrated` does).
    """

    boosting: GradientBoosting
    settings: LaunchSettings
    cutoff: dt.datetime
    launches: int
    buyers: int
    calibration: Calibration | TooFewLaunches | None = None

    @classmethod
    def fit(
        cls,
        history: History,
        settings: LaunchSettings | None = None,
        *,
        seed: int = 0,
    ) -> LaunchModel:
        """Learn from every launch of the history whose window has closed.

        Args:
            history: What was known.
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
        past = past_launches(cycles, history, settings)
        question = ask(past, cycles, settings.horizon_days)
        rows = training_rows(history, question, settings, past)
        return cls.fit_rows(rows, settings, seed=seed, cutoff=history.cutoff)

    @classmethod
    def fit_rows(cls, rows: pl.DataFrame, settings: LaunchSettings, *, seed: int, cutoff: dt.datetime) -> LaunchModel:
        """Learn from the rows of `episodes.episode_rows`."""
        boosting = GradientBoosting.fit(
            matrix(rows),
            rows["bought"].to_numpy(),
            rows["weight"].to_numpy(),
            features=FEATURES,
            settings=settings.boosting,
            seed=seed,
        )
        return cls(boosting, settings, cutoff, rows["launch"].n_unique(), int(rows["bought"].sum()))

    def probability(self, rows: pl.DataFrame) -> pl.Series:
        """Raw chance that each row's customer buys within the horizon, float64; `calibration` makes it hold."""
        return pl.Series("probability", self.boosting.probability(matrix(rows)))

    def score(self, history: History, products: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Score every active customer for each new product, a block of customers at a time.

        Args:
            history: What is known; its cutoff is the products' own.
            products: `product_id`, `title`, `product_type`, `vendor`, `tags`, `price`, `launch_day`, one row each.
            cycles: What `life_cycle.compute_life_cycles` says of the same history.

        Yields:
            `launch` (the product's position), `customer_id`, `cutoff_day`, the features and `probability`.
        """
        asked = products.with_columns(cutoff_day=pl.lit(history.cutoff_day, pl.Int32))
        question = ask(asked, cycles, self.settings.horizon_days)
        first_days = history.first_days()
        for block in customer_blocks(history.lines, rows_per_customer=products.height):
            bought = purchases_of(block, first_days)
            rows = scored_rows(bought, question.launches, self.settings.active_days)
            told = features_of(bought, question, question.launches, rows)
            yield told.with_columns(self.probability(told))

    def save(self, folder: str | Path) -> None:
        """Write the model to `folder`: LightGBM text and a manifest, no personal data."""
        about = {
            "settings": asdict(self.settings),
            "cutoff": self.cutoff.isoformat(),
            "launches": self.launches,
            "buyers": self.buyers,
            "calibration": None if self.calibration is None else self.calibration.to_dict(),
        }
        self.boosting.save(Path(folder), about)

    @classmethod
    def load(cls, folder: str | Path) -> LaunchModel:
        """Read a saved model back; it gives the same scores to the bit.

        Raises:
            ArtifactError: The folder holds no launch model, or a damaged one.
        """
        boosting, about = GradientBoosting.load(Path(folder))
        if boosting.features != FEATURES:
            raise ArtifactError(f"{folder} holds a model of other features than this frontrow makes. Fit it again.")
        try:
            values = dict(about["settings"])
            settings = LaunchSettings(**{**values, "boosting": BoostingSettings(**values["boosting"])})
            cutoff = dt.datetime.fromisoformat(about["cutoff"])
            kept = about["calibration"]
            calibration = None if kept is None else Calibration.from_dict(kept)
            return cls(boosting, settings, cutoff, int(about["launches"]), int(about["buyers"]), calibration)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error


def past_launches(cycles: pl.DataFrame, history: History, settings: LaunchSettings) -> pl.DataFrame:
    """The launches to learn from, each with its own `cutoff_day`.

    Raises:
        LaunchError: There are fewer than five.
    """
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    if past.height < FEWEST_LAUNCHES:
        raise LaunchError(
            f"{past.height} past launches with {settings.min_buyers} buyers or more before "
            f"{history.cutoff.date()}; at least {FEWEST_LAUNCHES} are needed. Import a longer history, or see "
            "why products do not count with: frontrow launches SHOP"
        )
    return past


def training_rows(history: History, question: Question, settings: LaunchSettings, past: pl.DataFrame) -> pl.DataFrame:
    """Lessons from past launches: all buyers, and a share of the others that keeps the whole within bounds."""
    wanted = question.launches.join(past.select("product_id"), on="product_id", how="semi", maintain_order="left")
    rate = negative_rate(history, settings, past)
    return episode_rows(history, question, settings, launches=wanted, negative_rate=rate)


def negative_rate(history: History, settings: LaunchSettings, past: pl.DataFrame) -> float:
    """Share of the customers who did not buy that lessons hold."""
    customers = int(history.lines.select(pl.col("customer_id").n_unique()).collect().item())
    return min(settings.negative_rate, settings.max_negatives / max(past.height * customers, 1))
