"""What a campaign's effects are kept in: product by product and in all, and `measured.json` for the next campaign."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.campaign.economics.economics import IncrementalShare
from frontrow.campaign.uplift.effect import Effect, finite
from frontrow.campaign.uplift.outcomes import Window
from frontrow.campaign.uplift.qini import Qini
from frontrow.errors import CampaignError
from frontrow.storage.folder import write_text

MEASURED: Final = "measured.json"
FORMAT_VERSION: Final = 1


@dataclass(frozen=True)
class Measured:
    """One product of a campaign.

    Attributes:
        product_id: As asked.
        title: As asked.
        window: What it was sold as, and the days that count.
        closed: Whether the orders reach to the window's end.
        effects: Of each outcome; none where fewer than two customers were in a group.
        deciles: The effect on conversion by decile of the predicted probability (`deciles.effect_by_decile`).
        qini: Of the predicted probability and conversion; None as with `effects`.
    """

    product_id: str
    title: str
    window: Window
    closed: bool
    effects: tuple[Effect, ...]
    deciles: pl.DataFrame
    qini: Qini | None


@dataclass(frozen=True)
class Measurement:
    """A campaign's effects.

    Attributes:
        campaign: Its name.
        as_of: Orders before this instant were known.
        currency: Of every amount; empty when the shop has none.
        contact_cost: Of one contact, as the campaign was planned.
        forgotten: Customers assigned whom the shop was asked to forget since; they count nowhere.
        products: One a product.
        overall: Effects over all products, each compared within itself.
    """

    campaign: str
    as_of: dt.datetime
    currency: str
    contact_cost: float
    forgotten: int
    products: tuple[Measured, ...]
    overall: tuple[Effect, ...]

    def overall_of(self, outcome: str) -> Effect | None:
        """The overall effect on an outcome; None where it was not measured."""
        return next((one for one in self.overall if one.outcome == outcome), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `conversion` is what `IncrementalShare.from_measurement` takes."""
        conversion = self.overall_of("conversion")
        return {
            "format_version": FORMAT_VERSION,
            "campaign": self.campaign,
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "contact_cost": self.contact_cost,
            "forgotten": self.forgotten,
            "conversion": None if conversion is None else conversion.to_dict(),
            "overall": [one.to_dict() for one in self.overall],
            "products": [_record(one) for one in self.products],
        }

    def save(self, folder: str | Path) -> None:
        """Write `measured.json` into the campaign's folder, in one step."""
        write_text(json.dumps(self.to_dict(), indent=2, allow_nan=False) + "\n", Path(folder) / MEASURED)


def read_incremental_share(folder: str | Path) -> IncrementalShare:
    """What a measured campaign tells the next one.

    Args:
        folder: The campaign's.

    Raises:
        CampaignError: The campaign was not measured yet, its file is damaged, or nobody contacted bought.
    """
    file = Path(folder) / MEASURED
    if not file.is_file():
        raise CampaignError(f"{folder} was not measured yet. Do it with: frontrow measure SHOP {folder}")
    try:
        told = json.loads(file.read_text("utf-8"))
        return IncrementalShare.from_measurement(told["conversion"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CampaignError(f"{file} is damaged. Measure the campaign again.") from error


def _record(one: Measured) -> dict[str, Any]:
    return {
        "product_id": one.product_id,
        "title": one.title,
        "sold_as": one.window.sold_as,
        "start": one.window.start.isoformat(),
        "end": one.window.end.isoformat(),
        "closed": one.closed,
        "effects": [effect.to_dict() for effect in one.effects],
        "deciles": one.deciles.to_dicts(),
        "qini": None
        if one.qini is None
        else finite({"coefficient": one.qini.coefficient, **asdict(one.qini.interval)}),
    }
