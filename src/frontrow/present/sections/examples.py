"""Example customers: who stands first among those contacted, and why; by number, never by name."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from frontrow.campaign.record.campaign import Campaign
from frontrow.launch.audience.audience import Audience
from frontrow.present.sections.answer import MOST_PRODUCTS, TOP
from frontrow.present.wording import count, percent

FEW: Final = 3
"""Up to so many products, `TOP` customers of each are shown; of more, half as many."""


Example = tuple[str, str, str, list[str]]
"""Rank, customer number, probability, reasons, as they are shown."""


def wanted(audience: Audience, campaign: Campaign | None = None) -> pl.DataFrame:
    """Whose reasons the report tells: `product_id`, `customer_id` of the first of each product.

    Args:
        audience: Everyone scored.
        campaign: Its contacted customers are meant, where there is one.
    """
    keys = ["product_id", "customer_id"]
    rows = audience.rows.select(*keys, "rank")
    if campaign is not None:
        contacted = campaign.contacted.select(*keys).cast(dict(rows.select(keys).schema))  # type: ignore[arg-type]
        rows = rows.join(contacted, on=keys, how="semi", maintain_order="left")
    shown = rows["product_id"].unique(maintain_order=True).head(MOST_PRODUCTS)
    most = TOP if len(shown) <= FEW else -(-TOP // 2)
    rows = rows.filter(pl.col("product_id").is_in(shown.implode()))
    return rows.sort("rank").group_by("product_id", maintain_order=True).head(most).select(keys)


def examples(audience: Audience, campaign: Campaign | None = None) -> dict[str, list[Example]]:
    """Customers with their reasons, by product id; empty where reasons were not asked for.

    Args:
        audience: Made by `audience_reasons.add_reasons` of those `wanted`, or of more.
        campaign: As for `wanted`.
    """
    if "reasons" not in audience.rows.columns:
        return {}
    keys = ["product_id", "customer_id"]
    rows = audience.rows.join(wanted(audience, campaign), on=keys, how="semi", maintain_order="left")
    told: dict[str, list[Example]] = {}
    for row in rows.filter(pl.col("reasons").is_not_null()).sort("rank").iter_rows(named=True):
        told.setdefault(row["product_id"], []).append(_cells(row))
    return told


def _cells(row: dict[str, Any]) -> Example:
    return count(row["rank"]), str(row["customer_id"]), percent(row["probability"], 1), row["reasons"]
