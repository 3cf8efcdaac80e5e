"""Erase a person from a shop; what was bought stays, as a guest's, so that the products' histories do not change."""

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

    Recommenders kept in the folder know what each customer bought, so all of them go; the next one is fitted anew.
    The person's number is never given again. Importing the same orders again does not bring the person back,
    because orders already imported are skipped; a customers export that still lists the person does.

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.

    Returns:
        How many order lines are a guest's now.

    Raises:
        ShopError: The folder holds no shop, the shop knows no such person, or another command has changed it
            meanwhile. The message does not repeat `who`.
    """
    folder = Path(folder)
    held = versions(folder)
    shop = Shop.read(folder)
    customers = shop.customers.collect()
    numbers = customers.filter(_is(who))["customer_id"]
    if numbers.is_empty():
        raise ShopError(f"{folder} knows no customer by that e-mail address or id. Nothing was changed.")
    theirs = pl.col("customer_id").is_in(numbers.implode()).fill_null(False)
    lines = shop.orders.collect()
    erased = lines.with_columns(customer_id=pl.when(~theirs).then("customer_id"))
    if (folder / RECOMMENDERS).is_dir():
        shutil.rmtree(folder / RECOMMENDERS)
    with replace_files(folder, read=held) as staged:
        write_parquet(customers.filter(~theirs).lazy(), staged / CUSTOMERS)
        write_parquet(erased.lazy(), staged / ORDERS)
        for log in (CONTACT_LOG, HELD_OUT_LOG):
            if (folder / log).is_file():
                write_parquet(_logged(folder / log).filter(~theirs).lazy(), staged / log)
    return int(lines.select(theirs.sum()).item())


def _logged(file: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(file, glob=False)
    except pl.exceptions.PolarsError as error:
        raise ShopError(f"{file} is damaged. Put it back from a copy, or delete it; nothing was changed.") from error


def _is(who: str) -> pl.Expr:
    """Whether a customer's row is that of a person; e-mails are compared as they are kept."""
    asked = who.strip()
    return (
        (pl.col("email") == asked.lower()) | (pl.col("source_id") == asked) | (pl.col("source_id") == asked.lower())
    ).fill_null(False)
