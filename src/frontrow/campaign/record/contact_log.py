"""The contact log of a shop: who was contacted when, through which channel, in which campaign; no personal data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.campaign.record.log_file import read_log
from frontrow.storage.folder import CONTACT_LOG

CONTACT_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "customer_id": pl.Int64(),
    # on the shop's calendar
    "contacted_on": pl.Date(),
    "channel": pl.String(),
    # the campaign's name
    "campaign": pl.String(),
}


@dataclass(frozen=True)
class ContactLog:
    """Who was contacted, one row a customer, day, channel and campaign.

    Attributes:
        rows: `CONTACT_SCHEMA`, oldest first.
    """

    rows: pl.DataFrame

    @classmethod
    def read(cls, folder: str | Path) -> ContactLog:
        """The log kept in a shop's folder; an empty one where nobody was contacted yet.

        Raises:
            ShopError: The file is damaged, or no contact log.
        """
        lost = "without it nobody counts as contacted."
        return cls(read_log(Path(folder) / CONTACT_LOG, CONTACT_SCHEMA, name="contact log", lost=lost))

    def contacted(self, *, since: dt.date, at_least: int = 1) -> pl.Series:
        """Customers contacted so many times on or after a day, whatever the channel.

        Example:
            >>> day = dt.date(2026, 3, 1)
            >>> log = ContactLog.read("/nowhere").with_contacts(pl.Series([7, 8]), day, "email", "spring")
            >>> log.contacted(since=day).to_list(), log.contacted(since=day, at_least=2).to_list()
            ([7, 8], [])
        """
        counts = self.rows.filter(pl.col("contacted_on") >= since).group_by("customer_id").len()
        return counts.filter(pl.col("len") >= at_least)["customer_id"].sort()

    def with_contacts(self, customer_ids: pl.Series, on: dt.date, channel: str, campaign: str) -> ContactLog:
        """The log with customers contacted on a day; what it holds already is not counted twice."""
        new = pl.DataFrame({"customer_id": customer_ids}, schema={"customer_id": pl.Int64()}).with_columns(
            contacted_on=pl.lit(on, pl.Date), channel=pl.lit(channel), campaign=pl.lit(campaign)
        )
        return ContactLog(
            pl.concat([self.rows, new]).unique().sort("contacted_on", "campaign", "customer_id", "channel")
        )
