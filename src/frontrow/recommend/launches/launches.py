"""Products with no sale yet, for lists: the launch model predicts who will buy them.

Most recommenders give scores that order products and mean nothing else. To rank launches with other products, such a
model is fitted as of one horizon earlier, and its lists are compared with what customers who ordered since have bought:
the share who bought the product at the first rank, at the second, and so on, made to fall (isotonic regression). A
launch precedes the first rank that is worth less.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.launch.audience.scored_rows import score_before_launch
from frontrow.launch.calibration.calibration import Calibration, TooFewLaunches
from frontrow.launch.model.calibrated_model import load_or_fit_launch_model
from frontrow.launch.model.walk_forward import run_walk_forward
from frontrow.launch.new_products.sold_products import find_sold_products
from frontrow.launch.settings import LaunchSettings
from frontrow.masking import describe_value
from frontrow.metrics.ranking import find_hits
from frontrow.recommend.candidates import is_on_sale
from frontrow.recommend.evaluate.window import build_evaluation_window
from frontrow.recommend.index import top_k
from frontrow.recommend.launches.order_propensity import estimate_order_propensity
from frontrow.recommend.launches.purchase_propensity import load_or_fit_purchase_propensity
from frontrow.recommend.registry import get_recommender
from frontrow.recommend.rerank.blend import LaunchProbabilities
from frontrow.shop.history import History

RANKS: Final = 100
"""Number of ranks measured; a rank below is worth what the last one is."""


@dataclass(frozen=True)
class Launches:
    """New products, and who will buy them.

    Attributes:
        products: `launch.launch_files.NEW_PRODUCT_SCHEMA`.
        probabilities: Of the customers for whom lists are made, in their order.
    """

    products: pl.DataFrame
    probabilities: LaunchProbabilities


def predict_launch_purchases(
    history: History,
    new_products: pl.DataFrame,
    customer_ids: NDArray[np.int64],
    *,
    folder: Path,
    settings: LaunchSettings,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Predict how likely customers who order within the horizon are to buy each new product in it.

    Args:
        history: What to learn from.
        new_products: `launch.launch_files.NEW_PRODUCT_SCHEMA`; none of them sold yet.
        customer_ids: The customers.
        folder: The shop's folder, where fitted launch models are cached.
        settings: The launch model's.
        seed: Of its fit.

    Returns:
        Shape (customers, launches), float32; NaN for customers who have not ordered within `settings.active_days`, and
        for a product that is launched after the horizon.

    Raises:
        LaunchError: There is too little history to learn from launches.
        RecommendationError: A product has been sold, or the launch model has no probabilities.
    """
    require_unsold(history, new_products)
    walk_forward = cache(partial(run_walk_forward, history, settings, seed=seed))
    model = load_or_fit_launch_model(history, settings, folder=folder, seed=seed, walk_forward=walk_forward)
    if not isinstance(model.calibration, Calibration):
        reason = model.calibration.message if isinstance(model.calibration, TooFewLaunches) else "No calibration."
        raise RecommendationError(f"{reason} Launches can then not be ranked with other products; pin them with rules.")
    rows = score_before_launch(history, new_products, model, [])
    scored_ids = rows["customer_id"].unique().sort().to_numpy()
    if not len(scored_ids):
        return np.full((len(customer_ids), new_products.height), np.nan, dtype=np.float32)
    # everyone was scored for each launch: shape (customers, launches)
    raw = rows.sort("launch", "customer_id")["score"].to_numpy().reshape(-1, len(scored_ids)).T.copy()
    propensity = load_or_fit_purchase_propensity(history, model, folder=folder, walk_forward=walk_forward, seed=seed)
    orders = estimate_order_propensity(history, scored_ids, horizon_days=settings.horizon_days)
    probabilities = propensity.predict(raw, orders)
    days = count_days_on_sale(new_products["launch_day"].to_numpy(), history.cutoff_day, settings.horizon_days)
    share = cumulative_buyer_share(model.calibration, settings.horizon_days)[days]
    probabilities *= np.where(days > 0, share, np.nan)
    row = np.minimum(np.searchsorted(scored_ids, customer_ids), len(scored_ids) - 1)
    is_scored = scored_ids[row] == customer_ids
    return np.asarray(np.where(is_scored[:, None], probabilities[row], np.nan), dtype=np.float32)


def measure_purchase_rate_by_rank(
    history: History, model: str, *, horizon_days: int, never_bought: bool, seed: int = 0
) -> NDArray[np.float64]:
    """Measure the share of returning customers who bought, when they ordered, the product at each rank of their list.

    Args:
        history: What to learn from; the window measured is the last one before its cutoff.
        model: File name of the recommender.
        horizon_days: Length of the window in days.
        never_bought: Lists leave out what a customer has bought.
        seed: Of the fit.

    Returns:
        Shape (`RANKS`,), falling, float64.

    Raises:
        RecommendationError: The history is too short.
    """
    # a fifth of a second to import, which a server need not wait for at its start
    from scipy.optimize import isotonic_regression

    window = build_evaluation_window(history, history.cutoff - dt.timedelta(days=horizon_days), horizon_days)
    all_products, new_to_customer, _ = window.groups
    group = new_to_customer if never_bought else all_products
    fitted = get_recommender(model).fit(window.train, seed=seed)
    lists = top_k(fitted, group.queries, k=RANKS, candidates=is_on_sale(window.train), hidden=group.hidden)
    # customers who ordered but bought nothing new count too
    rate = find_hits(lists, group.targets).sum(axis=0) / max(len(all_products.queries), 1)
    return np.asarray(isotonic_regression(rate, increasing=False).x, dtype=np.float64)


def count_days_on_sale(launch_days: NDArray[np.int32], cutoff_day: int, horizon_days: int) -> NDArray[np.int64]:
    """Count the days of the horizon on which each product can be bought.

    Args:
        launch_days: Of each product, as days since 1970-01-01.
        cutoff_day: First day of the horizon.
        horizon_days: Its length in days.

    Example:
        >>> count_days_on_sale(np.array([95, 100, 110, 140], dtype=np.int32), 100, 30).tolist()
        [30, 30, 20, 0]
    """
    return np.clip(cutoff_day + horizon_days - launch_days.astype(np.int64), 0, horizon_days)


def cumulative_buyer_share(calibration: Calibration, horizon_days: int) -> NDArray[np.float64]:
    """Of those who buy a launch within the horizon, the share who have bought it after 0, 1, ... days; the last is 1.

    Args:
        calibration: The launch model's.
        horizon_days: Length of the horizon in days.
    """
    return np.array([*(calibration.progress[day].share for day in range(horizon_days)), 1.0])


def require_unsold(history: History, new_products: pl.DataFrame) -> None:
    """Make sure that no new product was sold before, under its id, SKU or title.

    Args:
        history: What is known.
        new_products: `launch.launch_files.NEW_PRODUCT_SCHEMA`.

    Raises:
        RecommendationError: One was.
    """
    for product_id, sold_as in (
        find_sold_products(new_products, history).rows.select("product_id", "sold_as").iter_rows()
    ):
        raise RecommendationError(
            f"The new product {describe_value(product_id)} has been sold before {history.cutoff.date()} as "
            f"{describe_value(sold_as)}, so it is in the lists already. Leave it out of the file."
        )
