"""Erase a person from a shop; the order lines stay, as a guest's, so that the products' histories do not change."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import polars as pl

from frontrow.errors import ShopError
from frontrow.shop.forgotten import FORGOTTEN, Forgotten
from frontrow.shop.shop import Shop
from frontrow.storage.commit import commit
from frontrow.storage.folder import RECOMMENDERS
from frontrow.storage.pointer import CONTACT_LOG, CUSTOMERS, HELD_OUT_LOG, ORDERS
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.shop_tables import ShopTables
from frontrow.storage.waiting import DEFAULT_WAIT


def forget(folder: str | Path, who: str, *, wait: float = DEFAULT_WAIT) -> int:
    """Erase a person: their row of the customers, and their number on every order line and in both campaign logs.

    Cached recommenders contain what each customer bought, so all of them are removed; the next one is fitted again.
    The person's number is never given again, and no later import brings the person back: their orders come in as a
    guest's, and what a customers export says about them is left out (`Forgotten`).

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.
        wait: Seconds to wait for another command that is changing the shop.

    Returns:
        Number of order lines that are a guest's now.

    Raises:
        ShopError: The folder holds no shop, or the shop has no such person. The message does not repeat `who`.
        ShopLockedError: Another command did not finish in time.
    """
    folder = Path(folder)
    with lock_shop(folder, "forget", wait=wait):
        return _forget(folder, who)


def _forget(folder: Path, who: str) -> int:
    shop = Shop.read(folder, hold=False)
    customers = shop.customers.collect()
    numbers = customers.filter(_matches(who))["customer_id"]
    if numbers.is_empty():
        raise ShopError(f"{folder} has no customer with that e-mail address or id. Nothing was changed.")
    is_erased = pl.col("customer_id").is_in(numbers.implode()).fill_null(False)
    lines = shop.orders.collect()
    erased = lines.with_columns(customer_id=pl.when(~is_erased).then("customer_id"))
    if (folder / RECOMMENDERS).is_dir():
        shutil.rmtree(folder / RECOMMENDERS)
    tables = {CUSTOMERS: customers.filter(~is_erased).lazy(), ORDERS: erased.lazy()}
    logs = ShopTables.open(folder, (CONTACT_LOG, HELD_OUT_LOG))
    tables |= {name: logs.read(name).filter(~is_erased).lazy() for name in (CONTACT_LOG, HELD_OUT_LOG) if name in logs}
    forgotten = _with_tombstone(Forgotten.read(folder), customers.filter(is_erased))
    commit(folder, tables | forgotten.to_tables(), {FORGOTTEN: forgotten.to_section()})
    return int(lines.select(is_erased.sum()).item())


def _with_tombstone(forgotten: Forgotten, persons: pl.DataFrame) -> Forgotten:
    """Add what recognises erased persons when an export brings them again."""
    identifiers = [*persons["source_id"].drop_nulls(), *persons["email"].drop_nulls()]
    return forgotten.add(identifiers, dt.datetime.now(dt.UTC).date(), phones=persons["phone"].drop_nulls())


def _matches(who: str) -> pl.Expr:
    """Whether a customer's row is that of a person; e-mail addresses are in lower case."""
    key = who.strip()
    return (
        (pl.col("email") == key.lower()) | (pl.col("source_id") == key) | (pl.col("source_id") == key.lower())
    ).fill_null(False)
