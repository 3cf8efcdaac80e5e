"""What is to be said of the file of new products: what looks like a slip in it, and what similar products sold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.launch.new_products.finding import Finding
from frontrow.present.section import Section, Table
from frontrow.present.wording import ABSENT

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
    """What the most similar past launches sold; None where nothing is similar.

    Args:
        launches: `similar_launches.SIMILAR_LAUNCH_SCHEMA`.
        horizon_days: Days after the launch within which a purchase counts.
        currency: The shop's.
    """
    table = page_table(launches, horizon_days, currency)
    return None if table is None else Section("similar", "", (table,))


def page_table(launches: pl.DataFrame | None, horizon_days: int, currency: str) -> Table | None:
    """The table of the most similar past launches, for a page; None where there are none.

    Args:
        launches: `similar_launches.SIMILAR_LAUNCH_SCHEMA`; None where they were not looked for.
        horizon_days: Days after the launch within which a purchase counts.
        currency: The shop's.
    """
    if launches is None or launches.is_empty():
        return None
    price, buyers = f"price ({currency})" if currency else "price", f"buyers in {horizon_days} days"
    shown = launches["product_id"].unique(maintain_order=True).head(MAX_PRODUCTS)
    rows = [
        [
            row["title"] if row["rank"] == 1 else None,
            row["similar_title"],
            str(row["launch_date"]),
            ABSENT if row["price"] is None else f"{row['price']:,.2f}",
            f"{row['buyers']:,}",
        ]
        for row in launches.filter(pl.col("product_id").is_in(shown.implode())).iter_rows(named=True)
    ]
    columns = ("new product", "similar launch", "launched on", price, buyers)
    title = "The most similar past launches, and how many earlier customers bought them"
    return Table(title, columns, rows, numeric=(price, buyers))
