"""Show which first sales of a shop were launches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.present.section import Section, Sentence
from frontrow.present.sections.launches import build_sections, build_table
from frontrow.service.opening import OpenedShop, RunSettings, open_shop
from frontrow.storage.table_output import TableFile


@dataclass(frozen=True)
class LaunchesResult:
    """The life of each product.

    Attributes:
        table: One row a product, by launch date (`present.sections.launches.COLUMNS`).
        shop: The shop as this run sees it.
        top: Number of rows shown.
        all_products: Whether products whose first sale was not a launch are shown too.
        output: Where the table was written; None for nowhere.
    """

    table: pl.DataFrame
    shop: OpenedShop
    top: int
    all_products: bool
    output: TableFile | None

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what this run does differently from what was asked or stated."""
        return self.shop.notices

    def to_dict(self) -> list[dict[str, Any]]:
        """Plain values for JSON: one object a product."""
        return self.table.to_dicts()

    def sections(self) -> list[Section]:
        """Verdicts and the latest launches."""
        sections = build_sections(
            self.table,
            horizon_days=self.shop.settings.horizon_days,
            currency=self.shop.history.settings.currency,
            top=self.top,
            all_products=self.all_products,
        )
        if self.output is None:
            return sections
        return [*sections, Section("output", "", (Sentence(f"Every product: {self.output.path}"),))]


def list_launches(
    folder: Path, run: RunSettings, *, top: int = 20, all_products: bool = False, output: TableFile | None = None
) -> LaunchesResult:
    """The life of each product of a shop: launches, and why other first sales do not count as one.

    Args:
        folder: The shop's folder.
        run: What this run decides.
        top: Number of rows shown.
        all_products: Whether products whose first sale was not a launch are shown too.
        output: Where the table is written; None for nowhere.

    Raises:
        LaunchError: A launch date is stated for an unknown product.
        ShopError: The folder holds no shop.
    """
    shop = open_shop(folder, run)
    table = build_table(compute_life_cycles(shop.history, shop.settings))
    if output is not None:
        output.write(table)
    return LaunchesResult(table, shop, top, all_products, output)
