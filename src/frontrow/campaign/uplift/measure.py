"""Measure a campaign: what everyone assigned did since, and the effects product by product and in all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.record.campaign import Campaign, imports_digest
from frontrow.campaign.record.product_matching import match_shop_products
from frontrow.campaign.uplift.deciles import effect_by_decile
from frontrow.campaign.uplift.effect import LiftSettings
from frontrow.campaign.uplift.groups import FEWEST
from frontrow.campaign.uplift.measurement import Measured, Measurement
from frontrow.campaign.uplift.outcomes import OUTCOMES, Margin, Window, catalogue_cost, outcomes
from frontrow.campaign.uplift.qini import qini
from frontrow.campaign.uplift.uplift import effects
from frontrow.errors import CampaignError
from frontrow.shop.shop import EPOCH, History


def measure(
    campaign: Campaign,
    history: History,
    *,
    told: Mapping[str, str] | None = None,
    margin: Margin | None = None,
    seed: int = 0,
    settings: LiftSettings | None = None,
) -> Measurement:
    """Measure a campaign on orders that came after it.

    Args:
        campaign: As planned.
        history: Orders of the same shop that reach past the campaign's start.
        told: The shop's product by asked product, where neither id nor title tells.
        margin: What a sale earns [default: as the campaign was planned, else the catalogue's cost].
        seed: Of the bootstraps.
        settings: Level and draws.

    Raises:
        CampaignError: The shop is another, the orders end too early, a product cannot be found, or nobody was held out.
    """
    _check(campaign, history)
    settings = settings or LiftSettings()
    windows = _windows(campaign, history, told)
    assigned, forgotten = _known(campaign.assignment, history)
    margins = {
        str(one["product_id"]): _margin(margin, campaign, history, windows[str(one["product_id"])].sold_as, one)
        for one in _asked(campaign)
    }
    customers = outcomes(assigned, history, windows, margins)
    parts = {str(key[0]): rows for key, rows in customers.group_by("product_id", maintain_order=True)}
    return Measurement(
        campaign=campaign.name,
        as_of=history.cutoff,
        currency=history.settings.currency,
        contact_cost=float((campaign.economics or {}).get("contact_cost", 0.0)),
        forgotten=forgotten,
        products=tuple(
            _measured(product, windows, parts[str(product["product_id"])], history, seed, settings)
            for product in _asked(campaign)
            if str(product["product_id"]) in parts
        ),
        overall=tuple(
            effects(customers, _known_outcomes(customers), strata="product_id", seed=seed, settings=settings)
        ),
    )


def _check(campaign: Campaign, history: History) -> None:
    imports = history.settings.imports
    if not any(imports_digest(imports[:count]) == campaign.imports_digest for count in range(len(imports) + 1)):
        raise CampaignError(
            f'The campaign "{campaign.name}" was planned on another shop: its customer numbers mean nobody here. '
            "Give the shop it was planned on; new orders are added with --orders or frontrow import."
        )
    if history.cutoff <= campaign.as_of:
        raise CampaignError(
            f"The orders end before {history.cutoff:%Y-%m-%d %H:%M}, and the campaign began on "
            f"{campaign.as_of:%Y-%m-%d %H:%M}. Add the orders since with --orders FILE."
        )
    if campaign.held_out.height == 0:
        raise CampaignError("Nobody was held out: what the campaign caused cannot be told. Hold some out next time.")


def _windows(campaign: Campaign, history: History, told: Mapping[str, str] | None) -> dict[str, Window]:
    """From the campaign's start to the horizon after the launch, or after the start where that is later."""
    found = match_shop_products(_asked(campaign), history.products, told)
    start = campaign.as_of.astimezone(history.time_zone)
    windows = {}
    for product in _asked(campaign):
        end = history.midnight((campaign.window_end(product) - EPOCH).days)
        windows[str(product["product_id"])] = Window(found[str(product["product_id"])], start, end)
    return windows


def _asked(campaign: Campaign) -> list[dict[str, Any]]:
    """The products that somebody was assigned to."""
    assigned = set(campaign.assignment["product_id"])
    return [one for one in campaign.products if one["product_id"] in assigned]


def _known(assignment: pl.DataFrame, history: History) -> tuple[pl.DataFrame, int]:
    """Assigned customers whom the shop still knows, and how many it does not."""
    known = assignment.join(history.customers.select("customer_id").collect(), on="customer_id", how="semi")
    return known, assignment.height - known.height


def _margin(
    margin: Margin | None, campaign: Campaign, history: History, sold_as: str, product: Mapping[str, Any]
) -> Margin:
    """What is told now, else the product's as it was planned, else the campaign's, else the catalogue's."""
    if margin is not None and margin.known:
        return margin
    planned = [product.get("margin"), (campaign.economics or {}).get("margin")]
    told = next((float(one) for one in planned if one is not None), None)
    return Margin(cost=catalogue_cost(history.products, sold_as)) if told is None else Margin(per_unit=told)


def _known_outcomes(customers: pl.DataFrame) -> list[str]:
    return [name for name in OUTCOMES if customers[name].null_count() == 0]


def _measured(
    product: Mapping[str, Any],
    windows: Mapping[str, Window],
    rows: pl.DataFrame,
    history: History,
    seed: int,
    settings: LiftSettings,
) -> Measured:
    window = windows[str(product["product_id"])]
    contacted = rows["group"] == CONTACTED
    enough = all((rows["group"] == group).sum() >= FEWEST for group in (CONTACTED, HELD_OUT))
    found = effects(rows, _known_outcomes(rows), seed=seed, settings=settings) if enough else []
    score = rows["probability"]
    return Measured(
        product_id=str(product["product_id"]),
        title=str(product["title"]),
        window=window,
        closed=history.cutoff >= window.end,
        effects=tuple(found),
        deciles=effect_by_decile(rows["conversion"], score, contacted, seed=seed, settings=settings)
        if enough
        else pl.DataFrame(),
        qini=qini(rows["conversion"], score, contacted, seed=seed) if enough else None,
    )
