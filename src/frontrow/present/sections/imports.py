"""What an import did: guessed columns, what became of each row, what the shop holds now."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from frontrow.present.section import Section, Sentence, Table
from frontrow.shop.file_report import FileReport
from frontrow.shop.import_report import DataReport

RULES: Final = "product_rules.json"

CORRECT: Final = "correct with --map field=Column"
"""What a command line says where columns were guessed; a page names its field instead."""


def build_sections(report: DataReport, folder: Path) -> list[Section]:
    """The data report, as a person reads it.

    Args:
        report: What the import did.
        folder: The shop's folder.
    """
    guesses = [_guesses(file) for file in report.files if file.guessed]
    rows = Table(
        "Rows",
        ("file", "format", "what became of them", "rows"),
        [row for file in report.files for row in _rows(file)],
        numeric=("rows",),
    )
    totals = Table("The shop", ("", "now", "new"), _totals(report), numeric=("now", "new"))
    warnings = [*(f"{file.file}: {warning}" for file in report.files for warning in file.warnings), *report.warnings]
    return [
        Section("import", "", (*guesses, rows, totals)),
        Section("warnings", "", tuple(Sentence(f"Warning: {warning}.") for warning in warnings)),
        Section("outcome", "", (Sentence(_outcome(report, folder)),)),
    ]


def _guesses(file: FileReport) -> Table:
    title = f"{file.file}: columns guessed by name; {CORRECT}"
    return Table(title, ("field", "column"), [(field, file.columns[field]) for field in file.guessed])


def _rows(file: FileReport) -> list[tuple[str, str, str, str]]:
    rows = [(file.file, file.format, "kept", f"{file.kept:,}")]
    rows += [("", "", f"  of these {reason}, no product", f"{count:,}") for reason, count in file.not_products.items()]
    rows += [("", "", f"dropped: {reason}", f"{count:,}") for reason, count in file.dropped.items()]
    return [*rows, ("", "", "all", f"{file.rows:,}")]


def _totals(report: DataReport) -> list[tuple[str, str, str]]:
    days = "" if report.first_day is None else f"{report.first_day} to {report.last_day}"
    return [
        ("orders", f"{report.orders:,}", ""),
        ("  by guests", f"{report.guest_orders:,}", ""),
        ("order lines", f"{report.lines:,}", f"{report.new_lines:,}"),
        ("customers", f"{report.customers:,}", f"{report.new_customers:,}"),
        ("products", f"{report.products:,}", ""),
        ("  and no products", f"{report.not_products:,}", f"{report.new_products:,} together"),
        *((f"orders {change} in the meantime", "", f"{count:,}") for change, count in report.changed_orders.items()),
        *((("products that were one, renamed", "", f"{report.joined_products:,}"),) if report.joined_products else ()),
        ("revenue", f"{report.revenue:,.2f}", ""),
        ("days", days, ""),
        ("currency", report.currency or "not known", ""),
        ("time zone", report.time_zone, ""),
    ]


def _outcome(report: DataReport, folder: Path) -> str:
    if report.written:
        return f"Written to {folder}. What is not a product is decided in {folder / RULES}; edit it as you like."
    if report.dry_run:
        return "Dry run: nothing was written."
    if not folder.exists():
        return f"The files hold nothing to keep: {folder} was not made."
    return f"Nothing new: {folder} is unchanged."
