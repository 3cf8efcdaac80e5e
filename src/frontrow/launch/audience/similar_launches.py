"""The past launches most similar to a new product, with what they sold: a check of the prediction by eye."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.features.neighbour import Catalogue, Neighbourhood
from frontrow.launch.life_cycle import LAUNCH, TOO_FEW_BUYERS, compute_life_cycles
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History

SHOWN: Final = 3
"""Past launches shown for each new product."""

SAME_TYPE: Final = 0.5
SAME_VENDOR: Final = 0.1
NEAR_PRICE: Final = 0.2
"""What a shared type, a shared vendor and an equal price add to the similarity of the texts, which is from 0 to 2: less
than texts that have most words in common, more than texts that share a word of many."""

LEAST_TEXT: Final = 0.2
"""Texts less similar than this, on the same scale, share no more than a syllable or a word that many titles have."""

SIMILAR_LAUNCH_SCHEMA: Final = {
    "product_id": pl.String(),
    "title": pl.String(),
    "rank": pl.Int32(),
    "similar_product_id": pl.String(),
    "similar_title": pl.String(),
    "launch_date": pl.Date(),
    "price": pl.Float64(),
    "buyers": pl.Int64(),
}
"""New product, and the past launch: `rank` 1 is the most similar, `buyers` those among earlier customers who bought it
within the horizon."""


def find_similar_launches(
    history: History, products: pl.DataFrame, settings: LaunchSettings | None = None
) -> pl.DataFrame:
    """The past launches most similar to each new product, by text, type, vendor and price.

    Launches with too few buyers to learn from count too: that something similar found nobody is worth knowing.

    Args:
        history: What is known. Only launches whose window had closed by its cutoff are shown, and the similarity of
            texts counts only the vocabulary of products sold before it.
        products: `launch_files.NEW_PRODUCT_SCHEMA`.
        settings: The horizon, and what a launch is.

    Returns:
        `SIMILAR_LAUNCH_SCHEMA`, up to `SHOWN` rows a product; none where neither text nor type is similar.
    """
    settings = settings or LaunchSettings()
    cycles = compute_life_cycles(history, settings)
    past = cycles.filter(pl.col("verdict").is_in([LAUNCH, TOO_FEW_BUYERS]))
    if past.is_empty() or products.is_empty():
        return pl.DataFrame(schema=SIMILAR_LAUNCH_SCHEMA)
    new_products = products.with_columns(cutoff_day=pl.lit(history.cutoff_day, pl.Int32))
    scoring_set = build_scoring_set(new_products, cycles, settings.horizon_days)
    catalogue = scoring_set.neighbourhood.catalogue
    row_of = {product_id: row for row, product_id in enumerate(catalogue.product_ids)}
    rows = np.array([row_of[product_id] for product_id in past["product_id"]])
    parts = []
    for product, position in zip(products.iter_rows(named=True), scoring_set.positions, strict=True):
        scores = _similarity(scoring_set.neighbourhood, int(position), history.cutoff_day)[rows]
        vendor = product["vendor"]
        same_vendor = np.array([name is not None and name == vendor for name in past["vendor"]])
        scores += SAME_VENDOR * same_vendor * (scores > 0)
        scores[(past["product_id"] == product["product_id"]).to_numpy()] = 0.0
        best = np.argsort(-scores, kind="stable")[:SHOWN]
        parts.append(_rows(product["product_id"], product["title"], past[best[scores[best] > 0].tolist()]))
    return pl.concat(parts)


def _similarity(neighbourhood: Neighbourhood, product: int, cutoff_day: int) -> NDArray[np.float64]:
    """Similarity of one product to all of the catalogue; 0.0 where neither text nor type is similar."""
    catalogue: Catalogue = neighbourhood.catalogue
    text = neighbourhood.similarities(product, cutoff_day).total
    category = catalogue.categories[product]
    same_type = (catalogue.categories == category) & (category != "")
    distance = np.abs(np.log(catalogue.prices + 0.01) - np.log(catalogue.prices[product] + 0.01))
    near_price = np.nan_to_num(np.exp(-distance), nan=0.0)
    similar = (text >= LEAST_TEXT) | same_type
    return np.asarray(np.where(similar, text + SAME_TYPE * same_type + NEAR_PRICE * near_price, 0.0))


def _rows(product_id: str, title: str, launches: pl.DataFrame) -> pl.DataFrame:
    return launches.select(
        pl.lit(product_id).alias("product_id"),
        pl.lit(title).alias("title"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("rank"),
        pl.col("product_id").alias("similar_product_id"),
        pl.col("title").alias("similar_title"),
        (pl.lit(EPOCH) + pl.duration(days="launch_day")).cast(pl.Date).alias("launch_date"),
        pl.col("price").cast(pl.Float64),
        pl.col("buyers_in_horizon").cast(pl.Int64).alias("buyers"),
    )
