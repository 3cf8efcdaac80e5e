"""Products with no sale yet, for lists: the launch model says who will buy them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.launch.audience.rows import rows_before
from frontrow.launch.calibration.calibration import Calibration, TooFewLaunches
from frontrow.launch.episodes.walk_forward import walk_through
from frontrow.launch.model.cache import fitted_model
from frontrow.launch.settings import LaunchSettings
from frontrow.recommend.launches.order_propensity import order_chance
from frontrow.recommend.launches.purchase_propensity import kept_buyer_chance
from frontrow.recommend.rerank.blend import LaunchChances
from frontrow.shop.shop import History


@dataclass(frozen=True)
class Launches:
    """New products, and who will buy them.

    Attributes:
        products: `launch.new_products.NEW_PRODUCT_SCHEMA`.
        chances: Of the customers that are asked about, in their order.
    """

    products: pl.DataFrame
    chances: LaunchChances


def launch_chance(
    history: History,
    products: pl.DataFrame,
    customer_ids: NDArray[np.int64],
    *,
    folder: Path,
    settings: LaunchSettings,
    seed: int = 0,
) -> NDArray[np.float32]:
    """How likely customers who order within the horizon are to buy each new product in it, by the launch model.

    Args:
        history: What is known.
        products: `launch.new_products.NEW_PRODUCT_SCHEMA`; none of them sold yet.
        customer_ids: Who is asked about.
        folder: The shop's, where fitted launch models are kept.
        settings: The launch model's.
        seed: Of its fit.

    Returns:
        Shape (customers, launches), float32; NaN for customers who have not ordered within `settings.active_days`, and
        for a product that is launched after the horizon.

    Raises:
        LaunchError: There is too little history to learn a launch from.
        RecommendationError: A product has been sold, or the launch model has no probabilities.
    """
    _refuse_sold(history, products)
    walk = cache(partial(walk_through, history, settings, seed=seed))
    model = fitted_model(history, settings, folder=folder, seed=seed, walk=walk)
    if not isinstance(model.calibration, Calibration):
        said = model.calibration.message if isinstance(model.calibration, TooFewLaunches) else "No calibration."
        raise RecommendationError(f"{said} So launches have no place among the others; pin them with rules instead.")
    rows = rows_before(history, products, model, [])
    everyone = rows["customer_id"].unique().sort().to_numpy()
    if not len(everyone):
        return np.full((len(customer_ids), products.height), np.nan, dtype=np.float32)
    learned = kept_buyer_chance(history, model, folder=folder, walk=walk, seed=seed)
    chance = learned.of(_raw(rows, everyone), order_chance(history, everyone, days=settings.horizon_days))
    days = days_left(products["launch_day"].to_numpy(), history.cutoff_day, settings.horizon_days)
    chance *= np.where(days > 0, bought_by(model.calibration, settings.horizon_days)[days], np.nan)
    place = np.minimum(np.searchsorted(everyone, customer_ids), len(everyone) - 1)
    asked = np.where((everyone[place] == customer_ids)[:, None], chance[place], np.nan)
    return np.asarray(asked, dtype=np.float32)


def days_left(launch_days: NDArray[np.int32], day: int, horizon_days: int) -> NDArray[np.int64]:
    """Days of the horizon on which each product can be bought.

    Example:
        >>> days_left(np.array([95, 100, 110, 140], dtype=np.int32), 100, 30).tolist()
        [30, 30, 20, 0]
    """
    return np.clip(day + horizon_days - launch_days.astype(np.int64), 0, horizon_days)


def bought_by(calibration: Calibration, horizon_days: int) -> NDArray[np.float64]:
    """Of those who buy a launch within the horizon, the share who have after 0, 1, ... days; the last is all."""
    return np.array([*(calibration.days[day].share for day in range(horizon_days)), 1.0])


def _refuse_sold(history: History, products: pl.DataFrame) -> None:
    sold = history.first_days()["product_id"]
    for one in products["product_id"].filter(products["product_id"].is_in(sold.implode())):
        raise RecommendationError(
            f'The new product "{one}" has been sold before {history.cutoff.date()}, so it is in the lists already. '
            "Leave it out of the file."
        )


def _raw(rows: pl.DataFrame, everyone: NDArray[np.int64]) -> NDArray[np.float64]:
    """Raw probabilities, shape (customers, launches); everyone was scored for each."""
    return rows.sort("launch", "customer_id")["score"].to_numpy().reshape(-1, len(everyone)).T.copy()
