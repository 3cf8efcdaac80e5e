"""What is to be said of the file of new products: what looks like a slip in it, and what similar products sold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.launch.new_products.finding import Finding
from frontrow.present.section import Section, Table
from frontrow.present.wording import ABSENT, count

SHOWN: Final = 12
"""Findings that a person is shown; JSON has all of them."""

MAX_PRODUCTS: Final = 20
"""Products whose similar launches are shown; JSON has all of them."""


def describe_findings(findings: Sequence[Finding], file: str | Path) -> list[str]:
    """One text for each of the first findings, and how many more there are.

    Args:
        findings: In the order of the file.
        file: The file's name or path.
    """
    texts = [finding.describe(file) for finding in findings]
    if len(texts) <= SHOWN:
        return texts
    return [*texts[:SHOWN], f"{Path(file).name}: {len(texts) - SHOWN} more findings are in the output of --json."]


def build_similar_launches_section(launches: pl.DataFrame, horizon_days: int, currency: str) -> Section | None:
    """What the most similar past launches sold, in one table; None where nothing is similar.

    Args:
        launches: `similar_launches.SIMILAR_LAUNCH_SCHEMA`.
        horizon_days: Days after the launch within which a purchase counts.
        currency: The shop's.
    """
    if launches.is_empty():
        return None
    columns = _columns(horizon_days, currency)
    rows = [
        [row["title"] if row["rank"] == 1 else None, *_cells(row)]
        for table in _by_product(launches)
        for row in table.iter_rows(named=True)
    ]
    title = "The most similar past launches, and how many earlier customers bought them"
    return Section("similar", "", (Table(title, ("new product", *columns), rows, numeric=columns[2:]),))


def page_tables(launches: pl.DataFrame | None, horizon_days: int, currency: str) -> list[Table]:
    """The most similar past launches for a page, one table a product.

    Args:
        launches: `similar_launches.SIMILAR_LAUNCH_SCHEMA`; None where they were not looked for.
        horizon_days: Days after the launch within which a purchase counts.
        currency: The shop's.
    """
    if launches is None or launches.is_empty():
        return []
    columns = _columns(horizon_days, currency)
    return [
        Table(table["title"][0], columns, [_cells(row) for row in table.iter_rows(named=True)], numeric=columns[2:])
        for table in _by_product(launches)
    ]


def _columns(horizon_days: int, currency: str) -> tuple[str, ...]:
    price = f"price ({currency})" if currency else "price"
    return ("similar launch", "launched on", price, f"buyers in {horizon_days} days")


def _by_product(launches: pl.DataFrame) -> list[pl.DataFrame]:
    return launches.partition_by("product_id", maintain_order=True)[:MAX_PRODUCTS]


def _cells(row: dict[str, Any]) -> list[str]:
    price = ABSENT if row["price"] is None else f"{row['price']:,.2f}"
    return [row["similar_title"], str(row["launch_date"]), price, count(row["buyers"])]
