"""The share of the buyers on a list who would not have bought without the contact: assumed, or measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frontrow.errors import CampaignError


@dataclass(frozen=True)
class IncrementalShare:
    """Share of the buyers on the list who would not have bought without the contact.

    The defaults are an assumption, wide on purpose. In the one public randomised e-mail test with purchases
    (Hillstrom, "MineThatData e-mail analytics challenge", 2008) the two mailings had .35 and .54, among customers
    chosen by lot; among the likeliest buyers, more would have bought anyway.

    Attributes:
        low: Lower end.
        expected: What is reckoned with.
        high: Upper end.
        measured: Whether a hold-out told it; an assumption has to be shown as one.
    """

    low: float = 0.1
    expected: float = 0.3
    high: float = 0.5
    measured: bool = False

    def __post_init__(self) -> None:
        if not -1 <= self.low <= self.expected <= self.high <= 1:
            raise CampaignError(
                f"The incremental share is {self.low:g}, {self.expected:g}, {self.high:g}. "
                "Give low, expected and high in rising order, none above 1 (of every buyer) or below -1."
            )

    @classmethod
    def measured_by(cls, record: Mapping[str, Any]) -> IncrementalShare:
        """What an earlier campaign's hold-out told, cut to between -1 and 1.

        Args:
            record: What `effect.Effect.to_dict` gives of an outcome that is 0 or 1, such as having bought.

        Raises:
            CampaignError: The record tells no share, for none of the contacted bought.

        Example:
            >>> told = {"incremental_share": 0.25, "incremental_interval": {"low": -0.5, "high": 0.75}}
            >>> IncrementalShare.measured_by(told)
            IncrementalShare(low=-0.5, expected=0.25, high=0.75, measured=True)
        """
        share, interval = record.get("incremental_share"), record.get("incremental_interval")
        if share is None or interval is None:
            raise CampaignError("That campaign tells no incremental share: nobody contacted bought. Assume a range.")
        # an end is None where it has no bound
        low = -1.0 if interval["low"] is None else interval["low"]
        high = 1.0 if interval["high"] is None else interval["high"]
        low, expected, high = (min(max(float(one), -1.0), 1.0) for one in (low, share, high))
        return cls(low, expected, high, measured=True)
