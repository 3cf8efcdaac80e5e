"""Products with no sale yet, for lists: the launch model says who will buy them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from frontrow.errors import RecommendationError
from frontrow.launch.audience import audience
from frontrow.launch.calibration import TooFewLaunches
from frontrow.launch.model_store import fitted_model
from frontrow.launch.settings import LaunchSettings
from frontrow.recommend.merging import LaunchChances
from frontrow.recommend.order_chance import order_chance
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
    """How likely customers who order within the horizon are to buy each new product, by the launch model.

    Args:
        history: What is known.
        products: `launch.new_products.NEW_PRODUCT_SCHEMA`; none of them sold yet.
        customer_ids: Who is asked about.
        folder: The shop's, where fitted launch models are kept.
        settings: The launch model's.
        seed: Of its fit.

    Returns:
        Shape (customers, launches), float32; NaN for customers who have not ordered within `settings.active_days`.

    Raises:
        LaunchError: There is too little history to learn a launch from, or no customer is active.
        RecommendationError: A product has been sold, or the launch model has no probabilities.
    """
    sold = history.first_days()["product_id"]
    for one in products["product_id"].filter(products["product_id"].is_in(sold.implode())):
        raise RecommendationError(
            f'The new product "{one}" has been sold before {history.cutoff.date()}, so it is in the lists already. '
            "Leave it out of the file."
        )
    model = fitted_model(history, settings, folder=folder, seed=seed)
    found = audience(history, products, model)
    if isinstance(found.calibration, TooFewLaunches):
        raise RecommendationError(
            f"{found.message} So launches have no place among the others; pin them with rules instead."
        )
    everyone = found.rows["customer_id"].unique().sort().to_numpy()
    ordering = order_chance(history, everyone, days=settings.horizon_days)
    chance = of_those_who_order(_matrix(found.rows, products, everyone), ordering)
    place = np.minimum(np.searchsorted(everyone, customer_ids), len(everyone) - 1)
    return np.where((everyone[place] == customer_ids)[:, None], chance[place], np.float32(np.nan))


def of_those_who_order(chance: NDArray[np.float32], ordering: NDArray[np.float64]) -> NDArray[np.float32]:
    """The chance to buy of a customer who orders, from that of one who may not.

    Lists are for customers who come, and what a place of a list is worth is known of those alone. Both chances are
    estimates, and their quotient for one customer is high where the second happens to be too low. So the first is
    divided by the share who order among all customers of as high a first chance, which is made to rise with it
    (isotonic regression).

    Args:
        chance: To buy, shape (customers, launches).
        ordering: To order at all, shape (customers,); one not known is left out.

    Example:
        >>> chance = np.array([[0.1], [0.1], [0.3]], dtype=np.float32)
        >>> of_those_who_order(chance, np.array([0.1, 0.3, 0.5])).round(1).ravel().tolist()
        [0.5, 0.5, 0.6000000238418579]
    """
    known = np.isfinite(ordering)
    found = chance.copy()
    for launch in range(chance.shape[1] if known.any() else 0):
        values, place = np.unique(chance[known, launch], return_inverse=True)
        customers = np.bincount(place.reshape(-1)).astype(np.float64)
        share = np.bincount(place.reshape(-1), weights=ordering[known]) / customers
        rising = isotonic_regression(share, weights=customers).x
        found[:, launch] /= np.maximum(np.interp(chance[:, launch], values, rising), np.finfo(np.float32).tiny)
    return np.minimum(found, 1.0)


def _matrix(rows: pl.DataFrame, products: pl.DataFrame, everyone: NDArray[np.int64]) -> NDArray[np.float32]:
    """Probabilities, shape (customers, launches); everyone was scored for each."""
    launch = products.select("product_id", launch=pl.int_range(pl.len()))
    told = rows.join(launch, on="product_id").sort("launch", "customer_id")
    return told["probability"].to_numpy().astype(np.float32).reshape(products.height, len(everyone)).T.copy()
