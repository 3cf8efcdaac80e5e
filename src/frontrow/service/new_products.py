"""Read a file of new products and compare it with the shop, before anything that takes long."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from frontrow.errors import InputError
from frontrow.launch.launch_files import open_new_products
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.product_checks import Finding, check_new_products
from frontrow.launch.settings import LaunchSettings
from frontrow.launch.sold_products import find_sold_products
from frontrow.shop.shop import History


@dataclass(frozen=True)
class CheckedProducts:
    """New products, compared with the shop.

    Attributes:
        products: `launch_files.NEW_PRODUCT_SCHEMA`; one that the shop sells already has the shop's id.
        findings: What a person should look at.
    """

    products: pl.DataFrame
    findings: tuple[Finding, ...]


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
    return CheckedProducts(sold.resolve(given.products, cycles), findings)


def _to_error(findings: tuple[Finding, ...], file: Path) -> InputError:
    """The first finding as an error, and how many more there are."""
    first, others = findings[0], len(findings) - 1
    advice = first.consequence
    if others:
        more = "1 more thing" if others == 1 else f"{others} more things"
        advice += f" There is {more} to look at; without --strict all are listed."
    return InputError(first.sentence, file=file, row=first.row, column=first.column, advice=advice)
