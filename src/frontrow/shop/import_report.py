"""What an import did with every row: kept, or dropped and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class FileReport:
    """One file's rows.

    Attributes:
        file: Its name, without the folder.
        format: The format it was read as.
        rows: Rows in the file, without the header.
        kept: Rows that are purchases, or that say something about a product or customer.
        dropped: Rows left out, by reason; `rows` is `kept` plus all of these.
        not_products: Rows among the kept ones that are postage, gift cards and the like, by reason.
        columns: The column of each field.
        guessed: Fields whose column was guessed from its name.
        warnings: What a person should know.
    """

    file: str
    format: str
    rows: int
    kept: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    not_products: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataReport:
    """What an import did, and what the shop holds afterwards.

    Attributes:
        files: One report per file, in the order given.
        new_lines: Order lines added to the shop.
        new_products: Products added.
        new_customers: Customers added.
        orders: Orders of the whole shop.
        lines: Order lines of the whole shop.
        customers: Customers of the whole shop.
        guest_orders: Orders without a customer.
        products: Products of the whole shop, without those that the product rules exclude.
        not_products: Products that the product rules exclude.
        first_day: Day of the first order; None when there is none.
        last_day: Day of the last order.
        currency: ISO 4217 code; empty when no file said.
        time_zone: IANA name.
        written: Whether the shop on disk was changed.
        dry_run: Whether only the report was asked for.
        warnings: What a person should know.
    """

    files: tuple[FileReport, ...]
    new_lines: int
    new_products: int
    new_customers: int
    orders: int
    lines: int
    customers: int
    guest_orders: int
    products: int
    not_products: int
    first_day: dt.date | None
    last_day: dt.date | None
    currency: str
    time_zone: str
    written: bool
    dry_run: bool = False
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        return asdict(self)
