"""Erase a person from a shop; the order lines stay, as a guest's, so that the products' histories do not change.

One commit erases the person from every table, and notes the person's number as one whose erasure is not finished: what
lies beside the tables (fitted models, campaign folders) is done afterwards, and resumed where it was interrupted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import ShopError
from frontrow.shop.forgotten import FORGOTTEN, Forgotten
from frontrow.shop.order_blocks import count_as_guests, move_to_guests
from frontrow.shop.shop import Shop
from frontrow.storage.commit import commit
from frontrow.storage.folder import remove_models
from frontrow.storage.pointer import (
    CONTACT_LOG,
    CUSTOMERS,
    HELD_OUT_LOG,
    ORDER_BLOCKS,
    ORDERS,
    UNSUBSCRIBED,
    Pointer,
)
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.shop_tables import ShopTables
from frontrow.storage.waiting import DEFAULT_WAIT

UNFINISHED: Final = "forgetting"
"""The section of `shop.json` with the numbers of erased persons of whom something outside the tables may be left."""


@dataclass(frozen=True)
class Person:
    """What a shop knows of a person who is about to be erased.

    Attributes:
        emails: E-mail addresses.
        phones: Phone numbers as in the source.
        countries: Where the person's orders were shipped.
    """

    emails: tuple[str, ...]
    phones: tuple[str, ...]
    countries: tuple[str, ...]


def _no_forms(_: Person) -> Iterable[str]:
    return ()


def forget(
    folder: str | Path,
    who: str,
    *,
    further_forms: Callable[[Person], Iterable[str]] = _no_forms,
    wait: float = DEFAULT_WAIT,
) -> int:
    """Erase a person from the tables: the customer's row, and the number on every order line and in every log.

    The person's number is never given again, and no later import brings the person back: their orders come in as a
    guest's, and what a customers export says about them is left out (`Forgotten`). To forget a person again changes
    nothing.

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.
        further_forms: Other forms of the person's addresses by which they are to be recognised, such as hashed ones.
        wait: Seconds to wait for another command that is changing the shop.

    Returns:
        Number of order lines that are a guest's now; 0 for a person who was forgotten before.

    Raises:
        ShopError: The folder holds no shop, or the shop has no such person. The message does not repeat `who`.
        ShopLockedError: Another command did not finish in time.
    """
    folder = Path(folder)
    with lock_shop(folder, "forget", wait=wait):
        return _forget(folder, who, further_forms)


def is_forgotten(folder: str | Path, who: str) -> bool:
    """Whether a person was forgotten before, and is no customer again.

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    if Shop.read(folder).customers.filter(matches_person(who)).select(pl.len()).collect().item():
        return False
    return bool(Forgotten.read(folder).matches(pl.Series([who])).item())


def read_unfinished(folder: Path) -> list[int]:
    """The numbers of erased persons of whom something outside the tables may be left.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    return [int(number) for number in Pointer.read(folder).sections.get(UNFINISHED, [])]


def _forget(folder: Path, who: str, further_forms: Callable[[Person], Iterable[str]]) -> int:
    shop = Shop.read(folder, hold=False)
    numbers = shop.customers.filter(matches_person(who)).select("customer_id").collect()["customer_id"]
    if numbers.is_empty():
        if is_forgotten(folder, who):
            return 0
        raise ShopError(f"{folder} has no customer with that e-mail address or id. Nothing was changed.")
    is_erased = pl.col("customer_id").is_in(numbers.implode()).fill_null(False)
    lines = shop.orders.filter(is_erased).collect()
    rows = shop.customers.filter(is_erased).collect()
    last_number = shop.customers.select(pl.col("customer_id").max()).collect().item()
    person = Person(_texts(rows, "email"), _texts(rows, "phone"), _texts(lines, "country"))
    identifiers = [*_texts(rows, "source_id"), *person.emails, *further_forms(person)]
    today = dt.datetime.now(dt.UTC).date()
    before = Forgotten.read(folder)
    highest = max(before.last_customer_id, last_number)
    forgotten = replace(before.add(identifiers, today, phones=person.phones), last_customer_id=highest)
    unfinished = sorted({*read_unfinished(folder), *numbers})
    commit(
        folder,
        {**_erase_from_tables(folder, lines, is_erased), **forgotten.to_tables()},
        {FORGOTTEN: forgotten.to_section(), UNFINISHED: unfinished},
    )
    remove_models(folder)
    return lines.height


def _erase_from_tables(folder: Path, lines: pl.DataFrame, is_erased: pl.Expr) -> Mapping[str, pl.LazyFrame]:
    """Every table that has customer numbers, without those of the persons; they are read when they are written."""
    tables = ShopTables.open(folder, Pointer.read(folder).tables)
    erased = {}
    for name in tables.pointer.tables:
        rows = tables.scan(name)
        if name in (CUSTOMERS, CONTACT_LOG, HELD_OUT_LOG, UNSUBSCRIBED):
            erased[name] = rows.filter(~is_erased)
        elif "customer_id" in rows.collect_schema():
            erased[name] = rows.with_columns(customer_id=pl.when(~is_erased).then("customer_id"))
    if ORDER_BLOCKS in tables.pointer.tables:
        # the person's lines move to those of guests, so that a large shop is still read block by block
        sizes = tables.read(ORDER_BLOCKS)
        erased[ORDERS] = move_to_guests(tables.scan(ORDERS), sizes, lines, is_erased)
        erased[ORDER_BLOCKS] = count_as_guests(sizes, lines).lazy()
    return erased


def _texts(rows: pl.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(rows[column].drop_nulls().unique(maintain_order=True))


def matches_person(who: str) -> pl.Expr:
    """Whether a customer's row is that of a person; e-mail addresses are in lower case.

    Args:
        who: The person's e-mail address, or the id as in the source.
    """
    key = who.strip()
    return (
        (pl.col("email") == key.lower()) | (pl.col("source_id") == key) | (pl.col("source_id") == key.lower())
    ).fill_null(False)
