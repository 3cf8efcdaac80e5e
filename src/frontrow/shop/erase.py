"""Erase a person from a shop; the order lines stay, as a guest's, so that the products' histories do not change."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from frontrow.errors import ShopError
from frontrow.shop.shop import Shop
from frontrow.storage.folder import (
    CONTACT_LOG,
    CUSTOMERS,
    HELD_OUT_LOG,
    ORDERS,
    RECOMMENDERS,
    replace_files,
    versions,
    write_parquet,
)


def forget(folder: str | Path, who: str) -> int:
    """Erase a person: their row of `customers.parquet`, and their number on every order line and in both campaign logs.

    Cached recommenders contain what each customer bought, so all of them are removed; the next one is fitted again.
    The person's number is never given again. Importing the same orders again does not bring the person back,
    because orders already imported are skipped; a customers export that still lists the person does.

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.

    Returns:
        Number of order lines that are a guest's now.

    Raises:
        ShopError: The folder holds no shop, the shop has no such person, or another command has changed it
            meanwhile. The message does not repeat `who`.
    """
    folder = Path(folder)
    before = versions(folder)
    shop = Shop.read(folder)
    customers = shop.customers.collect()
    numbers = customers.filter(_matches(who))["customer_id"]
    if numbers.is_empty():
        raise ShopError(f"{folder} has no customer with that e-mail address or id. Nothing was changed.")
    is_erased = pl.col("customer_id").is_in(numbers.implode()).fill_null(False)
    lines = shop.orders.collect()
    erased = lines.with_columns(customer_id=pl.when(~is_erased).then("customer_id"))
    if (folder / RECOMMENDERS).is_dir():
        shutil.rmtree(folder / RECOMMENDERS)
    with replace_files(folder, read=before) as staged:
        write_parquet(customers.filter(~is_erased).lazy(), staged / CUSTOMERS)
        write_parquet(erased.lazy(), staged / ORDERS)
        for log in (CONTACT_LOG, HELD_OUT_LOG):
            if (folder / log).is_file():
                write_parquet(_read_log(folder / log).filter(~is_erased).lazy(), staged / log)
    return int(lines.select(is_erased.sum()).item())


def _read_log(file: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(file, glob=False)
    except pl.exceptions.PolarsError as error:
        raise ShopError(f"{file} is damaged. Put it back from a copy, or delete it; nothing was changed.") from error


def _matches(who: str) -> pl.Expr:
    """Whether a customer's row is that of a person; e-mail addresses are in lower case."""
    key = who.strip()
    return (
        (pl.col("email") == key.lower()) | (pl.col("source_id") == key) | (pl.col("source_id") == key.lower())
    ).fill_null(False)
