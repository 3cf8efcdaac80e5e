"""What an import did with the rows of one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from frontrow.importing.format import SHARED_TEXT
from frontrow.importing.order_assembly import ORDER
from frontrow.importing.order_versions import ALREADY_IMPORTED

if TYPE_CHECKING:
    from frontrow.shop.incoming import ReadFile
    from frontrow.shop.new_lines import NewLines


@dataclass(frozen=True)
class FileReport:
    """One file's rows.

    Attributes:
        file: Its name, without the folder.
        format: The format it was read as.
        rows: Rows in the file, without the header.
        kept: Rows that are purchases, or that say something about a product or customer.
        dropped: Rows left out, by reason; `rows` is `kept` plus all of these.
        not_products: Rows among the kept ones that are postage, gift cards and the like, by reason.
        columns: The column of each field.
        guessed: Fields whose column was guessed from its name.
        warnings: What a person should know.
    """

    file: str
    format: str
    rows: int
    kept: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    not_products: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class LineCounts:
    """Numbers of rows of files, or of parts of them.

    Attributes:
        dropped: `file`, `dropped` (the reason why they are left out, null for the rows that came in) and `len`.
        not_products: `file`, `reason` and `len` of the rows that came in, of products that are none.
    """

    dropped: pl.DataFrame
    not_products: pl.DataFrame


def count_lines(counts: pl.DataFrame, new: NewLines, hidden: pl.DataFrame, unchanged: pl.Series) -> LineCounts:
    """Count what became of the rows of files.

    Args:
        counts: Number of rows by `file` and `dropped`, as `shop.incoming.Incoming` has it.
        new: Order lines that come in.
        hidden: The products that are none, with the `reason`.
        unchanged: Of each order that comes in, whether the shop has it just so.
    """
    of_orders = new.lines.select("file", unchanged=unchanged.gather(new.lines[ORDER]))
    same = of_orders.filter("unchanged").group_by("file").len().with_columns(dropped=pl.lit(ALREADY_IMPORTED))
    different = of_orders.filter(~pl.col("unchanged")).group_by("file").len()
    counted = different.with_columns(dropped=pl.lit(None, pl.String))
    others = counts.filter(pl.col("dropped").is_not_null())
    all_counts = pl.concat([others, *(part.select(others.columns) for part in (same, counted))])
    hidden = hidden.with_columns(pl.col("product_id").cast(SHARED_TEXT))
    purchases = new.filter(~unchanged).lines.select("file", "product_id")
    not_products = purchases.join(hidden, on="product_id").group_by("file", "reason").len()
    return LineCounts(all_counts, not_products)


def add_up_counts(parts: Sequence[LineCounts]) -> LineCounts:
    """Return the numbers of rows of files of which each part was counted."""
    return LineCounts(pl.concat([part.dropped for part in parts]), pl.concat([part.not_products for part in parts]))


def report_files(files: Sequence[ReadFile], counts: LineCounts) -> tuple[FileReport, ...]:
    """Return what became of the rows of each file.

    Args:
        files: The files, in their order.
        counts: Numbers of rows, by the number of the file.
    """
    dropped = counts.dropped.group_by("file", "dropped").agg(pl.col("len").sum())
    not_products = counts.not_products.group_by("file", "reason").agg(pl.col("len").sum())
    return tuple(_report_file(file, number, dropped, not_products) for number, file in enumerate(files))


def _report_file(file: ReadFile, number: int, counts: pl.DataFrame, not_products: pl.DataFrame) -> FileReport:
    of_file = counts.filter(pl.col("file") == number).sort(["len", "dropped"], descending=[True, False])
    dropped = dict(of_file.filter(pl.col("dropped").is_not_null()).select("dropped", "len").iter_rows())
    rows = int(of_file["len"].sum())
    if not rows:
        dropped = dict(file.parsed.dropped)
        rows = file.parsed.kept + sum(dropped.values())
    hidden = not_products.filter(pl.col("file") == number).sort(["len", "reason"], descending=[True, False])
    return FileReport(
        file=file.name,
        format=file.format.name,
        rows=rows,
        kept=rows - sum(dropped.values()),
        dropped=dropped,
        not_products=dict(hidden.select("reason", "len").iter_rows()),
        columns=file.parsed.columns,
        guessed=file.parsed.guessed,
        warnings=file.parsed.warnings,
    )
