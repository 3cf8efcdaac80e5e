"""Measure several campaigns: each alone, and then all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.campaign.record.responses import CampaignResponses
from frontrow.campaign.uplift.measurement import Measurement, measure_customers
from frontrow.campaign.uplift.pooled import FEWEST_CAMPAIGNS
from frontrow.campaign.uplift.pooled_campaigns import CampaignCustomers, PooledCampaigns, pool_campaigns
from frontrow.errors import CampaignError, SettingError
from frontrow.present.section import Section
from frontrow.present.sections.pooled import build_sections
from frontrow.service.measurement import MeasureSettings, with_orders
from frontrow.service.opening import RunSettings, open_shop
from frontrow.service.pools import list_pool
from frontrow.shop.history import History


@dataclass(frozen=True)
class PooledResult:
    """What several campaigns caused.

    Attributes:
        pool: Name of their pool; empty where they were named one by one.
        measurements: Each alone, in the order given.
        pooled: All of them together.
        notices: Sentences about what this run does differently, and about campaigns that are left out.
    """

    pool: str
    measurements: tuple[Measurement, ...]
    pooled: PooledCampaigns
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "pool": self.pool,
            "campaigns": [measurement.to_dict() for measurement in self.measurements],
            "pooled": self.pooled.to_dict(),
            "notices": list(self.notices),
        }

    def sections(self) -> list[Section]:
        """Each campaign, all of them together, and what that means."""
        return build_sections(self.measurements, self.pooled)


def measure_together(
    folder: Path, campaigns: Sequence[Path], settings: MeasureSettings, run: RunSettings
) -> PooledResult:
    """Measure several campaigns; each result is saved in its campaign's folder.

    Args:
        folder: The shop's folder.
        campaigns: The folders of two campaigns or more.
        settings: Orders since, product names and margin.
        run: What this run decides.

    Raises:
        CampaignError: A folder holds no campaign, two hold the same one, or a product of one was not sold.
        InputError: An export cannot be used.
        SettingError: A product named with `sold_as` is of none of the campaigns.
        ShopError: The folder holds no shop.
    """
    planned = [Campaign.read(place) for place in campaigns]
    _check_different(campaigns, planned)
    return _measure(folder, dict(zip(campaigns, planned, strict=True)), settings, run)


def measure_pool(folder: Path, pool: str, settings: MeasureSettings, run: RunSettings) -> PooledResult:
    """Measure all campaigns of a pool that were recorded as sent.

    Args:
        folder: The shop's folder.
        pool: Its name.
        settings: Orders since, product names and margin.
        run: What this run decides.

    Raises:
        CampaignError: The pool has fewer than two campaigns that can be measured, or as for `measure_together`.
        InputError: An export cannot be used.
        ShopError: The folder holds no shop.
    """
    members = list_pool(folder, pool)
    sent = set(ContactLog.read(folder).rows["campaign_id"])
    usable = {place: item for place, item in members.items() if item.campaign_id in sent and item.held_out.height}
    notices = [
        f'"{item.name}" of the pool was not recorded as sent, or nobody was held out of it; it is left out.'
        for place, item in members.items()
        if place not in usable
    ]
    if len(usable) < FEWEST_CAMPAIGNS:
        raise CampaignError(
            f'The pool "{pool}" has {len(usable)} of {len(members)} campaigns that were recorded as sent and have '
            f"somebody held out; two are needed. See them with: frontrow campaigns {folder}"
        )
    result = _measure(folder, usable, settings, run, pool=pool)
    return replace(result, notices=(*notices, *result.notices))


def _measure(
    folder: Path, campaigns: Mapping[Path, Campaign], settings: MeasureSettings, run: RunSettings, *, pool: str = ""
) -> PooledResult:
    """Measure campaigns; of a pool those are left out whose window is open and of which no orders are known yet."""
    sold_as = _divide_sold_as(settings.sold_as, list(campaigns.values()))
    measurements: dict[Path, Measurement] = {}
    customers, notices = [], []
    with with_orders(folder, settings.orders) as current:
        shop = open_shop(current, run)
        for (place, campaign), names in zip(campaigns.items(), sold_as, strict=True):
            responses = CampaignResponses.read(place)
            try:
                measurement, rows = measure_customers(
                    campaign, shop.history, sold_as=names, margin=settings.margin, responses=responses, seed=run.seed
                )
            except CampaignError as error:
                if not pool or _is_over(campaign, shop.history):
                    raise
                notices.append(f'"{campaign.name}" cannot be measured yet, and is left out. {error}')
                continue
            measurements[place] = measurement
            customers.append(CampaignCustomers(campaign.name, rows, measurement.contact_cost))
    if len(customers) < FEWEST_CAMPAIGNS:
        raise CampaignError(f'Fewer than two campaigns of the pool "{pool}" can be measured yet. {" ".join(notices)}')
    for place, measurement in measurements.items():
        measurement.save(place)
    return PooledResult(pool, tuple(measurements.values()), pool_campaigns(customers), (*notices, *shop.notices))


def _is_over(campaign: Campaign, history: History) -> bool:
    return all(campaign.window_end(product) <= history.cutoff.date() for product in campaign.products)


def _check_different(places: Sequence[Path], campaigns: Sequence[Campaign]) -> None:
    seen: dict[tuple[str, str], Path] = {}
    for place, campaign in zip(places, campaigns, strict=True):
        key = (campaign.campaign_id, campaign.name if not campaign.campaign_id else "")
        if key in seen:
            raise CampaignError(f"{seen[key]} and {place} hold the same campaign. Give each campaign once.")
        seen[key] = place


def _divide_sold_as(pairs: Sequence[str], campaigns: Sequence[Campaign]) -> list[Mapping[str, str]]:
    """What the shop calls the products of each campaign, from NEW_PRODUCT=PRODUCT."""
    divided: list[dict[str, str]] = [{} for _ in campaigns]
    for pair in pairs:
        owners = list(_find_products(pair, campaigns))
        if not owners:
            raise SettingError(
                "sold_as", f'"{pair}" is not NEW_PRODUCT=PRODUCT with a new product of one of the campaigns.'
            )
        for number, new_product, product in owners:
            divided[number][new_product] = product
    return list(divided)


def _find_products(pair: str, campaigns: Sequence[Campaign]) -> Iterator[tuple[int, str, str]]:
    """The campaigns that a pair is about; an id may itself contain "=", so each known name is tried."""
    for number, campaign in enumerate(campaigns):
        for record in campaign.products:
            for name in (str(record["product_id"]), str(record["title"])):
                start, product = f"{name}=".casefold(), pair[len(name) + 1 :].strip()
                if pair.casefold().startswith(start) and product:
                    yield number, str(record["product_id"]), product
