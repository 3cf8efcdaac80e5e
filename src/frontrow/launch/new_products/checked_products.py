"""Read a file of new products and compare it with the shop, before anything that takes long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.errors import InputError
from frontrow.launch.launch_files import NewProductsFile, open_new_products
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.new_products.finding import HEADER_ROW, Finding
from frontrow.launch.new_products.name_checks import check_columns, check_tags, check_types, check_vendors
from frontrow.launch.new_products.sold_products import SoldProducts, find_sold_products, to_date
from frontrow.launch.new_products.value_checks import check_launch_days, check_prices, check_titles
from frontrow.launch.settings import LaunchSettings
from frontrow.masking import describe_value
from frontrow.shop.history import History


@dataclass(frozen=True)
class CheckedProducts:
    """New products, compared with the shop.

    Attributes:
        products: `launch_files.NEW_PRODUCT_SCHEMA`; one that the shop sells already has the shop's id.
        findings: What a person should look at.
        sold: Which of them the shop sells already.
    """

    products: pl.DataFrame
    findings: tuple[Finding, ...]
    sold: SoldProducts


def read_checked_products(
    file: Path, history: History, settings: LaunchSettings, *, strict: bool = False
) -> CheckedProducts:
    """Read the new products, and compare each with what the shop has sold.

    Args:
        file: The file of new products.
        history: What is known.
        settings: The launch model's.
        strict: Refuse a file in which there is anything that a person should look at.

    Raises:
        InputError: The file cannot be used; with `strict`, the first finding.
        LaunchError: Two of the products are the same product of the shop.
    """
    given = open_new_products(file, launch_day=history.cutoff_day)
    cycles = compute_life_cycles(history, settings)
    sold = find_sold_products(given.products, history, settings)
    findings = check_new_products(given, history, cycles, sold)
    if strict and findings:
        raise _to_error(findings, file)
    return CheckedProducts(sold.resolve(given.products, cycles), findings, sold)


def check_new_products(
    given: NewProductsFile, history: History, cycles: pl.DataFrame, sold: SoldProducts
) -> tuple[Finding, ...]:
    """Compare a file of new products with the shop.

    Args:
        given: The file.
        history: What is known.
        cycles: What `life_cycle.compute_life_cycles` returns for it.
        sold: What `sold_products.find_sold_products` returns for the file's products.

    Returns:
        In order of the rows; a value that several rows share is found once.
    """
    products = given.products.with_columns(
        row=pl.Series(given.rows, dtype=pl.Int64), sold=pl.int_range(pl.len()).is_in(sold.rows["launch"].implode())
    )
    new = products.filter(~pl.col("sold"))
    findings = [
        *check_columns(given.unread_columns),
        *_check_sold(sold, given.rows, history),
        *check_types(new, cycles),
        *check_vendors(new, cycles),
        *check_tags(new, cycles),
        *check_prices(new, cycles, history.settings.currency),
        *check_titles(new, cycles),
        *check_launch_days(new, history),
    ]
    return tuple(sorted(_merge(findings), key=lambda finding: finding.row))


def _merge(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that say the same of several rows, once each, with the first row."""
    merged: dict[tuple[Any, ...], Finding] = {}
    for finding in findings:
        key = (finding.column, finding.sentence, finding.consequence)
        earlier = merged.get(key)
        merged[key] = finding if earlier is None else replace(earlier, rows=earlier.rows + 1)
    return list(merged.values())


def _check_sold(sold: SoldProducts, rows: Sequence[int], history: History) -> Iterator[Finding]:
    for match in sold.rows.iter_rows(named=True):
        owners = {0: "no customer has it", 1: "1 customer has it"}.get(
            match["owners"], f"{match['owners']:,} customers have it"
        )
        sold_as = "" if match["sold_as"] == match["title"] else f" as {describe_value(match['sold_as'])}"
        since = f"{describe_value(match['title'])} has been on sale since {to_date(match['first_day'])}{sold_as}"
        if match["under_way"]:
            days = history.cutoff_day - match["launch_day"]
            others = (
                f"The others are ranked by its sales so far, of {days} {'day' if days == 1 else 'days'}, as with "
                "--sales-so-far."
            )
        else:
            others = (
                "Its window is over: the others are ranked as for a relaunch at the cutoff, and the buyers expected "
                "are those of a launch; a product that is no longer new may find fewer."
            )
        nobody = "They are never ranked. " if match["owners"] else ""
        yield Finding("warning", rows[match["launch"]], match["matched_by"], f"{since}; {owners}", f"{nobody}{others}")


def _to_error(findings: tuple[Finding, ...], file: Path) -> InputError:
    """The first finding as an error, and how many more there are."""
    first, others = findings[0], len(findings) - 1
    advice = first.consequence
    if others:
        more = "1 more thing is" if others == 1 else f"{others} more things are"
        advice += f" {more} to look at; without --strict all are listed."
    # what is said of the header names the column itself
    column = None if first.row == HEADER_ROW else first.column
    return InputError(first.sentence, file=file, row=first.row, column=column, advice=advice)
