"""Measure a campaign: what everyone assigned bought since, and the uplift by product and over all products."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.campaign.economics.economics import IncrementalShare
from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.campaign_folders import was_planned_on
from frontrow.campaign.record.product_matching import match_shop_products
from frontrow.campaign.record.responses import CampaignResponses
from frontrow.campaign.uplift.delivery import Delivery, measure_delivery
from frontrow.campaign.uplift.groups import FEWEST
from frontrow.campaign.uplift.outcomes import OUTCOMES, Margin, Window, catalogue_cost, customer_outcomes
from frontrow.campaign.uplift.targeting import Qini, qini, uplift_by_decile
from frontrow.campaign.uplift.uplift import USUAL, Uplift, UpliftSettings, estimate_uplifts
from frontrow.errors import CampaignError
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History
from frontrow.storage.json_file import read_json, replace_nan_by_null, write_json

MEASURED: Final = "measured.json"
FORMAT_VERSION: Final = 1


@dataclass(frozen=True)
class ProductMeasurement:
    """The uplift of one product of a campaign.

    Attributes:
        product_id: As planned.
        title: As planned.
        window: What it was sold as, and the days that count.
        closed: Whether the orders reach to the window's end.
        uplifts: One an outcome; none where a group has fewer than two customers.
        deciles: The uplift of conversion by decile of the predicted probability (`targeting.uplift_by_decile`).
        qini: Of the predicted probability and conversion; None where `uplifts` is empty.
    """

    product_id: str
    title: str
    window: Window
    closed: bool
    uplifts: tuple[Uplift, ...]
    deciles: pl.DataFrame
    qini: Qini | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        qini = None if self.qini is None else {"coefficient": self.qini.coefficient, **asdict(self.qini.interval)}
        return {
            "product_id": self.product_id,
            "title": self.title,
            "sold_as": self.window.sold_as,
            "start": self.window.start.isoformat(),
            "end": self.window.end.isoformat(),
            "closed": self.closed,
            "uplifts": [uplift.to_dict() for uplift in self.uplifts],
            "deciles": self.deciles.to_dicts(),
            "qini": replace_nan_by_null(qini),
        }


@dataclass(frozen=True)
class Measurement:
    """The uplift of a campaign.

    Attributes:
        campaign: Name of the campaign.
        as_of: Orders before this instant were known.
        currency: Currency of every amount; empty when the shop has none.
        contact_cost: Cost of one contact, as the campaign was planned.
        forgotten: Customers assigned whom the shop was asked to forget since; they are not counted anywhere.
        products: One a product.
        overall: Uplift over all products, each compared within itself; one an outcome.
        delivery: What became of the messages, and the effect on those whom they reached; None where that was not read.
    """

    campaign: str
    as_of: dt.datetime
    currency: str
    contact_cost: float
    forgotten: int
    products: tuple[ProductMeasurement, ...]
    overall: tuple[Uplift, ...]
    delivery: Delivery | None = None

    def overall_of(self, outcome: str) -> Uplift | None:
        """The overall uplift of an outcome; None where it was not measured."""
        return next((uplift for uplift in self.overall if uplift.outcome == outcome), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `IncrementalShare.from_measurement` takes `conversion`."""
        conversion = self.overall_of("conversion")
        return {
            "format_version": FORMAT_VERSION,
            "campaign": self.campaign,
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "contact_cost": self.contact_cost,
            "forgotten": self.forgotten,
            "conversion": None if conversion is None else conversion.to_dict(),
            "overall": [uplift.to_dict() for uplift in self.overall],
            "delivery": None if self.delivery is None else self.delivery.to_dict(),
            "products": [product.to_dict() for product in self.products],
        }

    def save(self, folder: str | Path) -> None:
        """Write `measured.json` into the campaign's folder, in one step."""
        write_json(self.to_dict(), Path(folder) / MEASURED)


def read_incremental_share(folder: str | Path) -> IncrementalShare:
    """The incremental share that a measured campaign found, for the next one.

    Args:
        folder: The campaign's folder.

    Raises:
        CampaignError: The campaign was not measured yet, its file is damaged, or nobody contacted bought.
    """
    file = Path(folder) / MEASURED
    if not file.is_file():
        raise CampaignError(f"{folder} was not measured yet. Do it with: frontrow measure SHOP {folder}")
    damaged = CampaignError(f"{file} is damaged. Measure the campaign again.")
    return read_json(file, lambda record: IncrementalShare.from_measurement(record["conversion"]), damaged=damaged)


def is_measured(folder: str | Path) -> bool:
    """Whether a campaign was measured after the window of each of its products had ended.

    Args:
        folder: The campaign's folder.

    Raises:
        CampaignError: The file of the measurement is damaged.
    """
    file = Path(folder) / MEASURED
    if not file.is_file():
        return False
    damaged = CampaignError(f"{file} is damaged. Measure the campaign again.")
    return read_json(file, lambda record: all(product["closed"] for product in record["products"]), damaged=damaged)


def measure(
    campaign: Campaign,
    history: History,
    *,
    sold_as: Mapping[str, str] | None = None,
    margin: Margin | None = None,
    responses: CampaignResponses | None = None,
    seed: int = 0,
    settings: UpliftSettings = USUAL,
) -> Measurement:
    """Measure a campaign on orders that came after it.

    Args:
        campaign: As planned.
        history: Orders of the same shop that reach past the campaign's start.
        sold_as: The shop's product by planned product, where neither id nor title matches.
        margin: What a sale earns [default: as the campaign was planned, else the catalogue's cost].
        responses: What became of the messages; None where that was not read.
        seed: Seed of the bootstraps.
        settings: Level and draws.

    Raises:
        CampaignError: The shop differs, the orders end too early, a product cannot be matched, or nobody was held out.
    """
    return measure_customers(
        campaign, history, sold_as=sold_as, margin=margin, responses=responses, seed=seed, settings=settings
    )[0]


def measure_customers(
    campaign: Campaign,
    history: History,
    *,
    sold_as: Mapping[str, str] | None = None,
    margin: Margin | None = None,
    responses: CampaignResponses | None = None,
    seed: int = 0,
    settings: UpliftSettings = USUAL,
) -> tuple[Measurement, pl.DataFrame]:
    """Measure a campaign, and give what each customer did as well, which several campaigns are pooled from.

    Args:
        campaign: As planned.
        history: See `measure`.
        sold_as: See `measure`.
        margin: See `measure`.
        responses: See `measure`.
        seed: Seed of the bootstraps.
        settings: Level and draws.

    Returns:
        The measurement; and the assignment of everyone whom the shop still knows, with `OUTCOMES`.

    Raises:
        CampaignError: As for `measure`.
    """
    _check(campaign, history)
    assigned_ids = set(campaign.assignment["product_id"])
    planned = {
        str(record["product_id"]): record for record in campaign.products if record["product_id"] in assigned_ids
    }
    windows = _windows(campaign, planned, history, sold_as)
    margins = {
        product_id: _margin(margin, campaign, history, windows[product_id].sold_as, record)
        for product_id, record in planned.items()
    }
    assignment, forgotten = _known_customers(campaign.assignment, history)
    customers = customer_outcomes(assignment, history, windows, margins)
    overall = tuple(
        estimate_uplifts(customers, _complete_outcomes(customers), strata="product_id", seed=seed, settings=settings)
    )
    parts = {str(key[0]): rows for key, rows in customers.group_by("product_id", maintain_order=True)}
    measurement = Measurement(
        campaign=campaign.name,
        as_of=history.cutoff,
        currency=history.settings.currency,
        contact_cost=float((campaign.economics or {}).get("contact_cost", 0.0)),
        forgotten=forgotten,
        products=tuple(
            _measure_product(record, windows[product_id], parts[product_id], history, seed, settings)
            for product_id, record in planned.items()
            if product_id in parts
        ),
        overall=overall,
        delivery=None
        if responses is None
        else measure_delivery(customers, responses, overall[0], _complete_outcomes(customers), seed, settings),
    )
    return measurement, customers


def _check(campaign: Campaign, history: History) -> None:
    if not was_planned_on(campaign, history.settings.imports):
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
        raise CampaignError(
            "Nobody was held out, so what the campaign caused cannot be measured. Hold some customers out next time."
        )


def _windows(
    campaign: Campaign, planned: Mapping[str, Mapping[str, Any]], history: History, sold_as: Mapping[str, str] | None
) -> dict[str, Window]:
    """From the campaign's start to the horizon after the launch, or after the start where that is later."""
    matches = match_shop_products(list(planned.values()), history.products, sold_as)
    start = campaign.as_of.astimezone(history.time_zone)
    return {
        product_id: Window(matches[product_id], start, history.midnight((campaign.window_end(record) - EPOCH).days))
        for product_id, record in planned.items()
    }


def _known_customers(assignment: pl.DataFrame, history: History) -> tuple[pl.DataFrame, int]:
    """The rows of customers whom the shop still knows, and how many it does not."""
    remaining = assignment.join(history.customers.select("customer_id").collect(), on="customer_id", how="semi")
    return remaining, assignment.height - remaining.height


def _margin(
    margin: Margin | None, campaign: Campaign, history: History, sold_as: str, record: Mapping[str, Any]
) -> Margin:
    """The margin given now, else the product's as planned, else the campaign's, else from the catalogue's cost."""
    if margin is not None and margin.is_known:
        return margin
    planned = [record.get("margin"), (campaign.economics or {}).get("margin")]
    per_unit = next((float(value) for value in planned if value is not None), None)
    return Margin(cost=catalogue_cost(history.products, sold_as)) if per_unit is None else Margin(per_unit=per_unit)


def _complete_outcomes(customers: pl.DataFrame) -> list[str]:
    return [name for name in OUTCOMES if customers[name].null_count() == 0]


def _measure_product(
    record: Mapping[str, Any], window: Window, rows: pl.DataFrame, history: History, seed: int, settings: UpliftSettings
) -> ProductMeasurement:
    product_id, title, closed = str(record["product_id"]), str(record["title"]), history.cutoff >= window.end
    if any((rows["group"] == group).sum() < FEWEST for group in (CONTACTED, HELD_OUT)):
        return ProductMeasurement(product_id, title, window, closed, (), pl.DataFrame(), None)
    uplifts = estimate_uplifts(rows, _complete_outcomes(rows), seed=seed, settings=settings)
    along_the_list = rows["conversion"], rows["probability"], rows["group"] == CONTACTED
    deciles = uplift_by_decile(*along_the_list, seed=seed, settings=settings)
    curve = qini(*along_the_list, seed=seed)
    return ProductMeasurement(product_id, title, window, closed, tuple(uplifts), deciles, curve)
