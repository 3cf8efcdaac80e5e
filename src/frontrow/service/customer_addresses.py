"""The addresses of a few customers, for a person who asks for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from frontrow.storage.pointer import CUSTOMERS
from frontrow.storage.shop_tables import ShopTables


@dataclass(frozen=True)
class CustomerAddress:
    """How one customer is reached. The caller records who asked for it.

    Attributes:
        email: As in the shop; None where there is none.
        phone: As in the shop; None where there is none.
    """

    email: str | None
    phone: str | None


def read_addresses(folder: Path, customer_ids: Collection[int]) -> dict[int, CustomerAddress]:
    """The addresses of customers, by number; whoever is not in the shop any more has none.

    Args:
        folder: The shop's folder.
        customer_ids: Their numbers.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    tables = ShopTables.open(folder, (CUSTOMERS,))
    rows = (
        tables.scan(CUSTOMERS)
        .filter(pl.col("customer_id").is_in(list(customer_ids)))
        .select("customer_id", "email", "phone")
        .collect()
    )
    tables.close()
    return {customer_id: CustomerAddress(email, phone) for customer_id, email, phone in rows.iter_rows()}
