"""Measure what a campaign caused: contacted customers against those held out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.responses import CampaignResponses
from frontrow.campaign.uplift.measurement import MEASURED, Measurement, measure
from frontrow.campaign.uplift.outcomes import Margin
from frontrow.errors import CampaignError, SettingError
from frontrow.present.section import Section, Sentence
from frontrow.present.sections.delivery import build_sections as build_delivery_sections
from frontrow.present.sections.measurement import build_sections
from frontrow.present.sections.next_steps import Places
from frontrow.service.opening import RunSettings, open_shop
from frontrow.shop.config import CONFIG
from frontrow.shop.product_rules import RULES
from frontrow.shop.update import import_files
from frontrow.storage.folder import staging_folder
from frontrow.storage.json_file import read_json
from frontrow.storage.pointer import Pointer
from frontrow.storage.shop_tables import copy_shop


@dataclass(frozen=True)
class MeasureSettings:
    """How a campaign is measured.

    Attributes:
        orders: Exports with the orders since; the shop itself is left as it is.
        sold_as: What the shop calls each product: PRODUCT, or NEW_PRODUCT=PRODUCT where there are several.
        margin: What a sale earns.
    """

    orders: tuple[Path, ...] = ()
    sold_as: tuple[str, ...] = ()
    margin: Margin = field(default_factory=Margin)


@dataclass(frozen=True)
class MeasurementResult:
    """What a campaign caused.

    Attributes:
        measurement: Effects of each product and of all together.
        campaign: What was planned.
        places: Where the shop and the campaign are.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    measurement: Measurement
    campaign: Campaign
    places: Places
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.measurement.to_dict()

    def sections(self) -> list[Section]:
        """Effects, the verdict, and where they were saved."""
        saved = Sentence(f"Saved for the next campaign: {Path(self.places.campaign) / 'measured.json'}")
        delivery = build_delivery_sections(self.measurement.delivery)
        return [*build_sections(self.measurement), *delivery, Section("saved", "", (saved,))]


def measure_campaign(folder: Path, campaign: Path, settings: MeasureSettings, run: RunSettings) -> MeasurementResult:
    """Compare what contacted and held-out customers bought, and save the result in the campaign's folder.

    Args:
        folder: The shop's folder.
        campaign: The campaign's folder.
        settings: Orders since, product names and margin.
        run: What this run decides.

    Raises:
        CampaignError: The folder holds no campaign, or a product of it was not sold.
        InputError: An export cannot be used.
        ShopError: The folder holds no shop.
    """
    planned = Campaign.read(campaign)
    with with_orders(folder, settings.orders) as current:
        shop = open_shop(current, run)
        sold_as = read_sold_as(settings.sold_as, [str(product["product_id"]) for product in planned.products])
        measurement = measure(
            planned,
            shop.history,
            sold_as=sold_as,
            margin=settings.margin,
            responses=CampaignResponses.read(campaign),
            seed=run.seed,
        )
    measurement.save(campaign)
    places = Places(str(folder), campaign=str(campaign))
    return MeasurementResult(measurement, planned, places, shop.notices)


def read_measurement(campaign: Path) -> dict[str, Any] | None:
    """The latest measurement of a campaign, as `frontrow measure --json` printed it; None where there is none.

    Args:
        campaign: The campaign's folder.

    Raises:
        CampaignError: The measurement is damaged.
    """
    file = campaign / MEASURED
    if not file.is_file():
        return None
    damaged = CampaignError(f"{file} is damaged. Measure the campaign again.")
    measured: dict[str, Any] = read_json(file, lambda values: {**values}, damaged=damaged)
    return measured


@contextmanager
def with_orders(folder: Path, orders: Sequence[Path]) -> Iterator[Path]:
    """The shop's folder, or a copy for as long as the block lasts, with the orders added.

    Args:
        folder: The shop's folder.
        orders: Exports; none for the shop as it is.
    """
    if not orders:
        yield folder
        return
    Pointer.read(folder)  # says that there is no shop
    # in the shop's folder, where the next command removes it if this one is killed: it has personal data
    with staging_folder(folder / "copy") as staged:
        copy = staged / folder.resolve().name
        copy_shop(folder, copy, (CONFIG, RULES))
        import_files(orders, copy)
        yield copy


def read_sold_as(pairs: Sequence[str], new_products: Sequence[str]) -> Mapping[str, str]:
    """The shop's product of each new product, from PRODUCT or NEW_PRODUCT=PRODUCT.

    Args:
        pairs: As a person typed them. An id may itself contain "=", so a known new product is looked for first.
        new_products: Product ids of the campaign.

    Raises:
        SettingError: A text is neither.

    Example:
        >>> dict(read_sold_as(["SKU-7"], ["new:pot"]))
        {'new:pot': 'SKU-7'}
    """
    sold_as = {}
    for pair in pairs:
        new_product, sign, product = pair.rpartition("=")
        if len(new_products) == 1 and (not sign or new_product != new_products[0]):
            new_product, product = new_products[0], pair
        if not new_product.strip() or not product.strip():
            raise SettingError("sold_as", f'"{pair}" is not NEW_PRODUCT=PRODUCT.')
        sold_as[new_product.strip()] = product.strip()
    return sold_as
