"""What a campaign that was measured caused and earned, as its `measured.json` says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from frontrow.campaign.uplift.measurement import MEASURED
from frontrow.errors import CampaignError
from frontrow.storage.json_file import read_json


@dataclass(frozen=True)
class Amount:
    """A figure over everyone contacted, against contacting nobody.

    Attributes:
        value: The figure.
        low: Lower end of its interval; None where the data give no bound.
        high: Upper end.
    """

    value: float
    low: float | None
    high: float | None

    @property
    def is_certain(self) -> bool:
        """Whether the interval is on one side of zero."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


@dataclass(frozen=True)
class MeasuredEffects:
    """What a campaign caused.

    Attributes:
        measured_on: The orders before this day were known.
        buyers: Buyers more than without the campaign; None where that was not measured.
        earned: Margin less the cost of the contacts; the revenue of its products where no margin is known.
        earned_as: Which of the two.
        currency: ISO 4217 code; empty for none.
    """

    measured_on: dt.date
    buyers: Amount | None
    earned: Amount | None
    earned_as: Literal["margin", "revenue"]
    currency: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def read_measured_effects(folder: str | Path) -> MeasuredEffects | None:
    """What the latest measurement of a campaign says; None where it was not measured yet.

    Args:
        folder: The campaign's folder.

    Raises:
        CampaignError: The file of the measurement is damaged.
    """
    file = Path(folder) / MEASURED
    if not file.is_file():
        return None
    damaged = CampaignError(f"{file} is damaged. Measure the campaign again.")
    return read_json(file, _parse, damaged=damaged)


def _parse(record: Mapping[str, Any]) -> MeasuredEffects:
    overall = {str(uplift["outcome"]): uplift for uplift in record["overall"]}
    buyers, margin, revenue = (overall.get(name) for name in ("conversion", "margin", "revenue"))
    earned = None if revenue is None else _over_everyone(revenue, 0.0)
    if margin is not None:
        earned = _over_everyone(margin, float(record["contact_cost"]))
    return MeasuredEffects(
        dt.datetime.fromisoformat(record["as_of"]).date(),
        None if buyers is None else _over_everyone(buyers, 0.0),
        earned,
        "revenue" if margin is None else "margin",
        str(record["currency"]),
    )


def _over_everyone(uplift: Mapping[str, Any], cost: float) -> Amount:
    ends = (uplift["difference"], uplift["interval"]["low"], uplift["interval"]["high"])
    value, low, high = (None if end is None else (end - cost) * uplift["contacted"] for end in ends)
    if value is None:
        raise ValueError("an uplift without a difference")
    return Amount(value, low, high)
