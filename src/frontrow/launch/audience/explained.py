"""An audience that says why: reasons beside some of its rows, those at the top or those asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import polars as pl

from frontrow.launch.audience.audience import Audience
from frontrow.launch.audience.reasons import reasons_for
from frontrow.launch.audience.sales_so_far import on_sale
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.shop.shop import History

TOP_WITH_REASONS: Final = 100
"""Rows of each product that get reasons by default: reasons for everyone would take minutes, and nobody reads them."""

_KEYS = ["product_id", "customer_id"]


def with_reasons(
    found: Audience,
    history: History,
    products: pl.DataFrame,
    model: LaunchModel,
    wanted: pl.DataFrame,
) -> Audience:
    """Add reasons to an audience.

    Args:
        found: What `audience` returned.
        history: As it was given to `audience`.
        products: As they were given to `audience`.
        model: As it was given to `audience`.
        wanted: `product_id`, `customer_id` of the rows to give reasons for, such as `found.top(TOP_WITH_REASONS)`.

    Returns:
        The audience, its rows with a last column `reasons`: up to three sentences, the weightiest first; null for
        rows that are not wanted.

    Raises:
        LaunchError: A product is not among `products`.

    Example:
        >>> from frontrow import LaunchModel, audience
        >>> from frontrow.launch.new_products import NEW_PRODUCT_SCHEMA
        >>> from frontrow.schema import conform
        >>> from frontrow.synthetic import SyntheticShop
        >>> garden = SyntheticShop(customers=300, seed=1)
        >>> history = garden.shop().as_of()
        >>> launch_day = pl.lit(history.cutoff_day, pl.Int32)
        >>> new = conform(garden.upcoming(), NEW_PRODUCT_SCHEMA).with_columns(launch_day=launch_day)
        >>> model = LaunchModel.fit(history)
        >>> found = audience(history, new[:1], model)
        >>> told = with_reasons(found, history, new[:1], model, found.top(3))
        >>> told.rows["reasons"].is_not_null().sum()
        3
    """
    if found.sold.is_empty():
        parts = [reasons_for(history, products, model, wanted.select(_KEYS))]
    else:
        cycles = compute_life_cycles(history, model.settings)
        sold = on_sale(products, cycles, history, model.settings.horizon_days)
        parts = [_as_launched(history, one, model, wanted) for one in sold.iter_slices(1)]
    told = pl.concat(parts).unique(_KEYS).cast(dict(found.rows.select(_KEYS).schema))  # type: ignore[arg-type]
    rows = found.rows.drop("reasons", strict=False)
    return replace(found, rows=rows.join(told, on=_KEYS, how="left", maintain_order="left"))


def _as_launched(history: History, product: pl.DataFrame, model: LaunchModel, wanted: pl.DataFrame) -> pl.DataFrame:
    """Reasons of a product on sale, whose features were frozen at its own midnight."""
    then = history.as_of(product["launch_day"][0])
    rows = wanted.filter(pl.col("product_id") == product["product_id"][0]).select(_KEYS)
    return reasons_for(then, product, model, rows)
