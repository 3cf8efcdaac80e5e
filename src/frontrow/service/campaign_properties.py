"""The properties of a campaign's customers that have to be worked out: expected value, reasons, next order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.export import get_export
from frontrow.campaign.properties import build_properties
from frontrow.campaign.record.campaign import Campaign
from frontrow.errors import SettingError
from frontrow.launch.audience.reasons import add_reasons
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.orders.order_model import OrderModel
from frontrow.orders.settings import OrderSettings
from frontrow.service.audience import AudienceResult
from frontrow.service.opening import OpenedShop

NO_MARGIN: Final = "expected_value needs a margin: say with --margin what a sale earns."


def check_figures(names: Sequence[str], economics: Economics | None) -> None:
    """Refuse properties that cannot be worked out, before anything is read.

    Args:
        names: As `properties.check_properties` returns them.
        economics: Margin and costs; None where neither the run nor the shop names a margin.

    Raises:
        SettingError: The expected value is chosen without a margin.
    """
    if "expected_value" in names and economics is None:
        raise SettingError("properties", NO_MARGIN)


def compute_properties(
    ranked: AudienceResult, campaign: Campaign, economics: Economics | None, names: Sequence[str]
) -> pl.DataFrame | None:
    """The chosen properties of everyone on a campaign's list; None where none were chosen.

    Args:
        ranked: What the campaign was chosen from.
        campaign: As it was planned.
        economics: Margin and costs, those of single products included.
        names: As `properties.check_properties` returns them.

    Raises:
        SettingError: Reasons are chosen, and a baseline ranked the customers.
    """
    if not names:
        return None
    figures = campaign.assignment.select("customer_id")
    columns = []
    if "expected_value" in names:
        columns.append(_expect_values(campaign, economics))
    if "reasons" in names:
        columns.append(_list_reasons(ranked, campaign))
    if "next_order_date" in names:
        columns.append(_expect_next_orders(ranked.shop))
    for column in columns:
        figures = figures.join(column, on="customer_id", how="left", maintain_order="left")
    return build_properties(campaign, names, figures)


def describe_platforms(names: Sequence[str], exports: Sequence[str]) -> Iterator[str]:
    """One sentence for each platform whose files take no properties, although some were chosen.

    Args:
        names: As `properties.check_properties` returns them.
        exports: Names of platforms.
    """
    for export in map(get_export, exports):
        if names and not export.property_headers:
            yield f"{export.title} takes no properties: its files hold what they held before."


def _expect_values(campaign: Campaign, economics: Economics | None) -> pl.DataFrame:
    if economics is None:
        raise SettingError("properties", NO_MARGIN)
    values = {
        str(product["product_id"]): economics.of_product(str(product["product_id"])).buyer_value
        for product in campaign.products
    }
    value = pl.col("probability") * pl.col("product_id").replace_strict(values, return_dtype=pl.Float64)
    return campaign.assignment.select("customer_id", expected_value=value.round(2))


def _list_reasons(ranked: AudienceResult, campaign: Campaign) -> pl.DataFrame:
    if not isinstance(ranked.model, LaunchModel):
        raise SettingError("properties", "Reasons come from the shop's launch model, and a baseline ranked here.")
    pairs = campaign.assignment.select("product_id", "customer_id")
    audience = replace(ranked.audience, rows=ranked.audience.rows.join(pairs, on=pairs.columns, how="semi"))
    explained = add_reasons(audience, ranked.shop.history, ranked.products, ranked.model, pairs, as_codes=True)
    return explained.rows.select("customer_id", pl.col("reasons").list.join("; "))


def _expect_next_orders(shop: OpenedShop) -> pl.DataFrame:
    settings = replace(OrderSettings(), horizon_days=shop.settings.horizon_days)
    model = OrderModel.fit(shop.history, settings, seed=shop.seed)
    forecast = model.forecast(shop.history.customers.select("customer_id", "source_id").collect())
    return forecast.select("customer_id", next_order_date="expected_next_order_on")
