"""Products with no sale yet, for lists: the launch model says who will buy them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.launch.audience import audience
from frontrow.launch.calibration import TooFewLaunches
from frontrow.launch.model_store import fitted_model
from frontrow.launch.settings import LaunchSettings
from frontrow.recommend.merging import LaunchChances
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
    """How likely customers are to buy each new product within the horizon, by the launch model.

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
    return _matrix(found.rows, products, customer_ids)


def of_those_who_order(chance: NDArray[np.float32], ordering: NDArray[np.float64]) -> NDArray[np.float32]:
    """The chance to buy of a customer who orders, from that of one who may not.

    Lists are for customers who come; what a place of a list is worth is known of those alone.

    Args:
        chance: To buy, shape (customers, launches).
        ordering: To order at all, shape (customers,); where it is not known, it is taken to be certain.

    Example:
        >>> chance = np.array([[0.1, 0.4], [0.1, 0.4]], dtype=np.float32)
        >>> of_those_who_order(chance, np.array([0.25, np.nan])).round(1).tolist()
        [[0.4000000059604645, 1.0], [0.10000000149011612, 0.4000000059604645]]
    """
    known = np.where(np.isfinite(ordering) & (ordering > 0), ordering, 1.0)
    return np.minimum(chance / known[:, None], 1.0).astype(np.float32)


def _matrix(rows: pl.DataFrame, products: pl.DataFrame, customer_ids: NDArray[np.int64]) -> NDArray[np.float32]:
    launch = products.select("product_id", launch=pl.int_range(pl.len()))
    asked = pl.DataFrame({"customer_id": customer_ids}).with_row_index("asked")
    told = rows.join(launch, on="product_id").join(asked, on="customer_id")
    chance = np.full((len(customer_ids), products.height), np.nan, dtype=np.float32)
    chance[told["asked"].to_numpy(), told["launch"].to_numpy()] = told["probability"].to_numpy()
    return chance
