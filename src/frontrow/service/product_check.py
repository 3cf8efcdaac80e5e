"""Compare new products with a shop while they are typed: no model is needed, and nothing is written to the shop."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import InputError, LaunchError
from frontrow.launch.audience.similar_launches import SIMILAR_LAUNCH_SCHEMA, find_similar_launches
from frontrow.launch.launch_files import NEW_PRODUCT_COLUMNS
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.new_products.checked_products import read_checked_products
from frontrow.launch.new_products.finding import Finding
from frontrow.present.section import Section, Sentence, Table
from frontrow.present.sections.new_products import page_tables
from frontrow.service.opening import OpenedShop
from frontrow.tables.csv_output import write_csv
from frontrow.tables.text_table import FIRST_ROW

MOST_TAGS: Final = 200
"""Tags that a form offers, the most frequent first."""


@dataclass(frozen=True)
class ProductProblem:
    """Why a product cannot be used as it was typed.

    Attributes:
        number: Which of the products it is, from 0; None for all of them together.
        column: The column at fault; empty for the whole product.
        sentence: What is wrong, and what to write.
    """

    number: int | None
    column: str
    sentence: str


@dataclass(frozen=True)
class ProductCheck:
    """What is to be said of new products before customers are ranked for them.

    Attributes:
        findings: What a person should look at, by number of the product from 0.
        similar_launches: `similar_launches.SIMILAR_LAUNCH_SCHEMA`; `product_id` is that of the new product.
        tables: The same as a person reads it, one table a product that has similar launches.
        problem: The first thing that makes a product useless; None where all can be ranked.
        horizon_days: Days after a launch within which a purchase counts.
    """

    findings: tuple[tuple[int, Finding], ...]
    similar_launches: pl.DataFrame
    tables: tuple[Table, ...]
    problem: ProductProblem | None
    horizon_days: int

    @property
    def notices(self) -> tuple[str, ...]:
        """Nothing is done differently from what was asked."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "problem": None if self.problem is None else asdict(self.problem),
            "findings": [{"product": number, **asdict(finding)} for number, finding in self.findings],
            "similar_launches": self.similar_launches.to_dicts(),
            "horizon_days": self.horizon_days,
        }

    def sections(self) -> list[Section]:
        """The findings, then the most similar launches of each product."""
        problem = () if self.problem is None else (Sentence(self.problem.sentence, "bad"),)
        texts = [
            Sentence(f"{finding.sentence}. {finding.consequence}", "open" if finding.severity == "warning" else "note")
            for _, finding in self.findings
        ]
        return [Section("check", "", (*problem, *texts)), Section("similar", "", self.tables)]


@dataclass(frozen=True)
class ProductChoices:
    """What a form of new products offers, the most frequent first.

    Attributes:
        product_types: Types of the products that were sold.
        vendors: Their vendors.
        tags: Their tags, `MOST_TAGS` at most.
        currency: The shop's.
        horizon_days: Days after a launch within which a purchase counts.
        orders_until: The last day of orders, as an ISO date.
    """

    product_types: tuple[str, ...]
    vendors: tuple[str, ...]
    tags: tuple[str, ...]
    currency: str
    horizon_days: int
    orders_until: str


def check_products(shop: OpenedShop, products: Sequence[Mapping[str, str]]) -> ProductCheck:
    """Compare new products with what the shop has sold.

    Args:
        shop: The shop, opened for a run without settings of its own.
        products: One mapping a product from `launch_files.NEW_PRODUCT_COLUMNS` to what a person typed.
    """
    empty = pl.DataFrame(schema=SIMILAR_LAUNCH_SCHEMA)
    horizon_days = shop.settings.horizon_days
    untitled = [number for number, product in enumerate(products) if not product.get("title", "").strip()]
    if not products or untitled:
        problem = ProductProblem(untitled[0] if untitled else None, "title", "Give the product a title.")
        return ProductCheck((), empty, (), problem, horizon_days)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "products.csv"
        _write(products, file)
        try:
            checked = read_checked_products(file, shop.history, shop.settings)
        except InputError as error:
            number = None if error.row is None else error.row - FIRST_ROW
            sentence = error.sentence[:1].upper() + error.sentence[1:]
            return ProductCheck((), empty, (), ProductProblem(number, error.column or "", sentence), horizon_days)
        except LaunchError as error:
            return ProductCheck((), empty, (), ProductProblem(None, "title", str(error)), horizon_days)
    similar = find_similar_launches(shop.history, checked.products, shop.settings)
    return ProductCheck(
        tuple((max(finding.row - FIRST_ROW, 0), _without_option(finding)) for finding in checked.findings),
        similar,
        tuple(page_tables(similar, horizon_days, shop.history.settings.currency)),
        None,
        horizon_days,
    )


def list_choices(shop: OpenedShop) -> ProductChoices:
    """What a form of new products offers for the shop.

    Args:
        shop: The shop.
    """
    cycles = compute_life_cycles(shop.history, shop.settings)
    tags = cycles["tags"].drop_nulls().str.split(",").explode().drop_nulls()
    return ProductChoices(
        product_types=_by_count(cycles["product_type"]),
        vendors=_by_count(cycles["vendor"]),
        tags=_by_count(tags)[:MOST_TAGS],
        currency=shop.history.settings.currency,
        horizon_days=shop.settings.horizon_days,
        orders_until=str(shop.history.cutoff.date()),
    )


def _without_option(finding: Finding) -> Finding:
    """The finding without the option of the command line that does the same."""
    return replace(finding, consequence=finding.consequence.replace(", as with --sales-so-far", ""))


def _write(products: Sequence[Mapping[str, str]], file: Path) -> None:
    """The products as the file that a command reads."""
    columns = [name for name in NEW_PRODUCT_COLUMNS if any(product.get(name, "").strip() for product in products)]
    rows = [[product.get(name, "").strip() or None for name in columns] for product in products]
    write_csv(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row"), file)


def _by_count(values: pl.Series) -> tuple[str, ...]:
    """Each value once, stripped, the most frequent first."""
    texts = pl.DataFrame({"value": values.cast(pl.String).str.strip_chars()}).filter(pl.col("value") != "")
    counts = texts.group_by("value").len().sort("len", "value", descending=[True, False])
    return tuple(counts["value"])
