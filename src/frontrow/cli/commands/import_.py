"""frontrow import: export files into a shop on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, cast

import typer

from frontrow.cli import terminal

if TYPE_CHECKING:
    from frontrow.shop.import_report import DataReport, FileReport

RULES: Final = "product_rules.json"


def command(
    files: Annotated[list[Path], typer.Argument(help="Exports: CSV, Excel or Parquet.", show_default=False)],
    shop: Annotated[Path, typer.Option(help="The shop's folder, made if there is none.", show_default=False)],
    format: Annotated[
        str | None, typer.Option("--format", help="Format of all files, where the header does not tell.")
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=Column, for a table of order lines; may be repeated.")
    ] = None,
    time_zone: Annotated[str | None, typer.Option(help="The shop's time zone, such as Europe/London.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of all amounts, such as GBP.")] = None,
    grain: Annotated[str | None, typer.Option(help="What one product is: product (the parent) or variant.")] = None,
    parent_sku: Annotated[
        str | None, typer.Option(help="Regular expression; its first group is the parent's code in a SKU.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Read a shop's exports and add what is new to the shop on disk."""
    from frontrow.shop.update import ImportOptions, import_files

    options = ImportOptions(
        format=format,
        mapping=_pairs(mapping or []),
        time_zone=time_zone,
        currency=None if currency is None else currency.strip().upper(),
        grain=_grain(grain),
        parent_sku=parent_sku,
        dry_run=dry_run,
    )
    report = import_files(files, shop, options=options)
    if as_json:
        terminal.as_json(report.to_dict())
    else:
        print_report(report, shop)


def _pairs(mapping: list[str]) -> dict[str, str]:
    pairs = {}
    for pair in mapping:
        field, sign, column = pair.partition("=")
        if not (sign and field.strip() and column.strip()):
            raise typer.BadParameter(f'"{pair}" is not field=Column', param_hint="--map")
        pairs[field.strip()] = column.strip()
    return pairs


def _grain(value: str | None) -> Literal["product", "variant"] | None:
    if value not in (None, "product", "variant"):
        raise typer.BadParameter(f'"{value}" is neither product nor variant', param_hint="--grain")
    return cast("Literal['product', 'variant'] | None", value)


def print_report(report: DataReport, folder: Path) -> None:
    """The report as a person reads it: guesses, then each file's rows, then the shop."""
    for file in report.files:
        if file.guessed:
            pairs = [(field, file.columns[field]) for field in file.guessed]
            terminal.table(
                f"{file.file}: columns guessed by name; correct with --map field=Column", ["field", "column"], pairs
            )
    terminal.table(
        "Rows",
        ["file", "format", "what became of them", "rows"],
        [row for file in report.files for row in _rows(file)],
        numeric=["rows"],
    )
    terminal.table("The shop", ["", "now", "new"], _totals(report), numeric=["now", "new"])
    for note in [*(f"{file.file}: {note}" for file in report.files for note in file.notes), *report.notes]:
        terminal.text(f"Note: {note}.")
    terminal.text(_outcome(report, folder))


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
        ("days", days, ""),
        ("currency", report.currency or "not known", ""),
        ("time zone", report.time_zone, ""),
    ]


def _outcome(report: DataReport, folder: Path) -> str:
    if report.written:
        return f"Written to {folder}. What is no product is decided in {folder / RULES}; edit it as you like."
    if report.dry_run:
        return "Dry run: nothing was written."
    if not folder.exists():
        return f"The files hold nothing to keep: {folder} was not made."
    return f"Nothing new: {folder} is unchanged."
