"""Who has unsubscribed through a message, by customer number; no personal data.

An export made a minute before the click, or by a system that never hears of it, still says that the customer accepts
messages. So what the platform reports is kept in a table of its own, which no import touches: whoever is in it has no
consent, whatever the exports say, until the person opts in again and somebody says so (`frontrow resubscribe`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import ShopError
from frontrow.storage.pointer import UNSUBSCRIBED
from frontrow.storage.shop_tables import ShopTables

UNSUBSCRIBED_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "customer_id": pl.Int64(),
    # email or sms
    "channel": pl.String(),
    # when it was recorded, on the shop's calendar
    "unsubscribed_on": pl.Date(),
    # the name of the campaign whose results said so
    "campaign": pl.String(),
}
CONSENT: Final = {"email": "accepts_email", "sms": "accepts_sms"}
"""The column of the customers' table that says who agreed to a channel."""


@dataclass(frozen=True)
class Unsubscribed:
    """Who has unsubscribed, one row a customer and channel.

    Attributes:
        rows: `UNSUBSCRIBED_SCHEMA`, oldest first.
    """

    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(UNSUBSCRIBED_SCHEMA)))

    @classmethod
    def read(cls, folder: str | Path) -> Unsubscribed:
        """Who has unsubscribed in the shop in `folder`; nobody where the shop has no such table.

        Raises:
            ShopError: The folder holds no shop, or the table is damaged.
        """
        return cls.parse(ShopTables.open(Path(folder), (UNSUBSCRIBED,)))

    @classmethod
    def parse(cls, tables: ShopTables) -> Unsubscribed:
        """Take the table out of a shop's opened tables; nobody where it is not among them.

        Args:
            tables: Opened with the name `UNSUBSCRIBED`.

        Raises:
            ShopError: The table is damaged.
        """
        if UNSUBSCRIBED not in tables:
            return cls()
        rows = tables.read(UNSUBSCRIBED)
        if dict(rows.schema) != dict(UNSUBSCRIBED_SCHEMA) or rows.null_count().sum_horizontal().item():
            raise ShopError(
                f"{tables.folder / tables.pointer.tables[UNSUBSCRIBED].file} does not say who has unsubscribed. "
                f"Find out what is left with: frontrow check {tables.folder}"
            )
        return cls(rows)

    def customers(self, channel: str) -> pl.Series:
        """The numbers of those who have unsubscribed from a channel.

        Args:
            channel: email or sms.
        """
        return self.rows.filter(pl.col("channel") == channel)["customer_id"]

    def add(self, customer_ids: pl.Series, channel: str, day: dt.date, campaign: str) -> Unsubscribed:
        """The same with customers who have unsubscribed; who is in it already stays as first recorded.

        Args:
            customer_ids: Their numbers.
            channel: email or sms.
            day: When it is recorded, on the shop's calendar.
            campaign: The name of the campaign whose results say so.

        Example:
            >>> nobody = Unsubscribed()
            >>> twice = nobody.add(pl.Series([7]), "email", dt.date(2026, 3, 1), "spring")
            >>> twice = twice.add(pl.Series([7, 8]), "email", dt.date(2026, 4, 1), "summer")
            >>> twice.rows.select("customer_id", "campaign").rows()
            [(7, 'spring'), (8, 'summer')]
        """
        added = pl.DataFrame({"customer_id": customer_ids.unique().cast(pl.Int64)}).with_columns(
            channel=pl.lit(channel), unsubscribed_on=pl.lit(day, pl.Date), campaign=pl.lit(campaign)
        )
        rows = pl.concat([self.rows, added]).unique(["customer_id", "channel"], keep="first", maintain_order=True)
        return Unsubscribed(rows.sort("unsubscribed_on", "campaign", "channel", "customer_id"))

    def remove(self, customer_ids: pl.Series, channel: str | None = None) -> Unsubscribed:
        """The same without customers who have opted in again.

        Args:
            customer_ids: Their numbers.
            channel: email or sms; None for both.
        """
        is_theirs = pl.col("customer_id").is_in(customer_ids.implode())
        if channel is not None:
            is_theirs &= pl.col("channel") == channel
        return Unsubscribed(self.rows.filter(~is_theirs))

    def withdraw_consent(self, customers: pl.LazyFrame) -> pl.LazyFrame:
        """The customers' table with no consent for those who have unsubscribed.

        Args:
            customers: `schema.CUSTOMER_SCHEMA`.

        Example:
            >>> unsubscribed = Unsubscribed().add(pl.Series([7]), "email", dt.date(2026, 3, 1), "spring")
            >>> agreed = [True, True]
            >>> customers = pl.LazyFrame({"customer_id": [7, 8], "accepts_email": agreed, "accepts_sms": agreed})
            >>> unsubscribed.withdraw_consent(customers).collect().rows()
            [(7, False, True), (8, True, True)]
        """
        if self.rows.is_empty():
            return customers
        return customers.with_columns(
            pl.when(pl.col("customer_id").is_in(self.customers(channel).implode()))
            .then(False)
            .otherwise(pl.col(column))
            .alias(column)
            for channel, column in CONSENT.items()
        )

    def to_tables(self) -> dict[str, pl.LazyFrame]:
        """The table as it is kept on disk, by name."""
        return {UNSUBSCRIBED: self.rows.lazy()}
