"""Any table of order lines: frontrow's own column names, or others with `--map field=Column`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.errors import InputError
from frontrow.importing.column_parsing import parse_columns
from frontrow.importing.format import SHARED_TEXT, Format, ParsedFile, ParseSettings
from frontrow.importing.order_lines import (
    collect_orders,
    extract_contacts,
    normalize_lines,
    validate_lines,
)
from frontrow.importing.repeated_fields import RepeatedFields, read_repeated_fields
from frontrow.masking import list_columns
from frontrow.tables.clock import read_clock
from frontrow.tables.columns import match_columns
from frontrow.tables.parse import (
    clean_currency,
    clean_email,
    clean_identifier,
    clean_quoted_text,
    clean_text,
    parse_flag,
)
from frontrow.tables.table_file import Table

ITEM: Final = (
    *("product_id", "sku", "title", "product_type", "vendor", "tags", "description"),
    *("quantity", "price", "discount", "refunded"),
)
PRODUCT: Final = ("title", "sku", "product_id")
IDENTIFIERS: Final = ("order_id", "customer_id", "product_id", "sku")
TEXTS: Final = (
    *("title", "vendor", "product_type", "tags", "description"),
    *("country", "province", "city", "company"),
)
REQUIRED: Final = ("order_id", "ordered_at", "quantity", "price")
REFUNDS: Final = ("refunded", "refunded_amount")
# each field with the column names that other systems use for it; those are looked up only in this format
GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "order_id": (
        *("order", "order number", "order no", "order name", "invoice", "invoice no", "transaction id", "receipt"),
    ),
    "customer_id": ("customer", "customer no", "client id", "user id", "member id", "account id", "buyer id"),
    "ordered_at": (
        *("order date", "created at", "date", "invoice date", "timestamp", "purchase date", "purchased at", "t dat"),
    ),
    "product_id": ("product", "article id", "item id", "product code", "asin", "stock code"),
    "sku": ("variant sku", "lineitem sku", "item sku", "product sku"),
    "title": (
        *("product name", "product title", "item name", "name", "lineitem name", "description of item", "prod name"),
    ),
    "vendor": ("brand", "supplier", "manufacturer"),
    "product_type": ("type", "category", "product category", "product type name", "department"),
    "tags": ("product tags", "labels"),
    "description": ("product description", "details", "detail desc"),
    "price": ("unit price", "item price", "lineitem price", "sales price", "amount"),
    "quantity": ("qty", "units", "lineitem quantity", "count"),
    "discount": ("line discount", "discount amount", "lineitem discount"),
    "refunded": ("line refund", "lineitem refund", "refund"),
    "refunded_amount": ("order refund", "refund amount", "amount refunded"),
    "cancelled_at": ("canceled at", "cancelled", "canceled", "cancellation date"),
    "updated_at": ("order updated at", "modified at", "last modified"),
    "country": ("shipping country", "ship country", "country code"),
    "province": ("state", "region", "shipping province"),
    "city": ("town", "shipping city"),
    "currency": ("currency code",),
    "email": ("e mail", "email address", "customer email"),
    "phone": ("telephone", "mobile"),
    "company": ("company name", "organisation", "organization"),
    "accepts_marketing": ("accepts email marketing", "newsletter", "marketing consent", "opt in"),
}
FIELDS: Final = tuple(GUESSES)


def guess_columns(header: Iterable[str]) -> dict[str, str]:
    """Return a proposal of columns for the fields, from their names alone; each column is used once.

    Example:
        >>> guess_columns(["Order No", "Qty", "Unit price", "colour"])
        {'order_id': 'Order No', 'price': 'Unit price', 'quantity': 'Qty'}
    """
    matches = match_columns(header, {field: (field, *names) for field, names in GUESSES.items()})
    first_field = {column: field for field, column in reversed(matches.items())}
    return {field: column for field, column in matches.items() if first_field[column] == field}


class OrderLines(Format):
    """A table with one order line per row."""

    name = "order_lines"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {field: (field,) for field in FIELDS}
    identifying_fields = REQUIRED

    def guess_columns(self, header: tuple[str, ...]) -> dict[str, str]:
        """Return a proposal for `--map`; see `Format.guess_columns`."""
        return guess_columns(header)

    def choose_columns(self, table: Table, settings: ParseSettings) -> Mapping[str, str]:
        """Return the column of each field; see `Format.choose_columns`."""
        return choose_columns(table, settings.mapping)[0]

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file. See `Format.parse`."""
        columns, guessed = choose_columns(table, settings.mapping)
        rows = _name_keys(read_repeated_fields(table, columns, _clean, ITEM))
        runs, warnings = parse_columns(table, rows.runs, columns, settings.time_zone)
        runs = _with_positive_refunds(_cancel_whole_orders(runs))
        lines, more = _parse_lines(table, rows, runs, columns, settings.time_zone)
        return ParsedFile(
            lines=normalize_lines(lines),
            orders=collect_orders(runs, settings.time_zone, lines=lines),
            clock=read_clock(rows.runs["ordered_at"]),
            contacts=extract_contacts(runs, settings.time_zone),
            warnings=(*table.warnings, *warnings, *more),
            columns=columns,
            guessed=guessed,
        )


def _cancel_whole_orders(runs: pl.DataFrame) -> pl.DataFrame:
    """A system may state on one line of an order only that it was cancelled."""
    if "is_cancelled" not in runs.columns:
        return runs
    ids = runs.filter("is_cancelled")["order_id"].drop_nulls().unique()
    of_order = pl.col("order_id").is_in(ids.implode()).fill_null(False)
    return runs.with_columns(is_cancelled=pl.col("is_cancelled") | of_order)


def _with_positive_refunds(rows: pl.DataFrame) -> pl.DataFrame:
    """Some systems write what was given back as a loss."""
    return rows.with_columns(pl.col(name).abs() for name in REFUNDS if name in rows.columns)


def _parse_lines(
    table: Table, rows: RepeatedFields, runs: pl.DataFrame, columns: Mapping[str, str], time_zone: str
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the lines, validated, with their order and its date, and warnings."""
    lines = rows.lines.with_columns(rows.of_lines(rows.runs["dropped"]))
    lines, warnings = parse_columns(table, lines, columns, time_zone)
    lines = _with_positive_refunds(lines)
    is_cancelled = pl.col("is_cancelled") if "is_cancelled" in runs.columns else pl.lit(False)
    cancelled = pl.when(is_cancelled).then(pl.lit("cancelled", SHARED_TEXT))
    reason = runs.select(of_run=pl.coalesce(cancelled, pl.col("dropped").cast(SHARED_TEXT)))["of_run"]
    lines = lines.with_columns(
        rows.of_lines(reason),
        rows.of_lines(runs["order_id"]),
        rows.of_lines(runs["ordered_at"]),
        dropped=pl.col("dropped").cast(SHARED_TEXT),
    ).with_columns(dropped=pl.coalesce("of_run", "dropped"))
    return validate_lines(lines), warnings


def choose_columns(table: Table, mapping: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the column of each field: as mapped, else of the field's own name, else guessed.

    Args:
        table: The file.
        mapping: Field to column, as a person wrote it.

    Returns:
        Field to column, and the fields whose column was guessed.

    Raises:
        InputError: The mapping has an unknown field or column, or a required field has no column.
    """
    columns: dict[str, str] = {}
    header = list_columns(table.header)
    for field, column in mapping.items():
        if field not in FIELDS:
            advice = f"Fields: {', '.join(FIELDS)}."
            raise InputError(f'"{field}" is not a field of --map', file=table.file, advice=advice)
        match = match_columns(table.header, {field: (column,)})
        if not match:
            problem = f"--map {field} names a column that does not exist"
            raise InputError(problem, file=table.file, advice=f"The columns are: {header}.")
        columns |= match
    same_name = match_columns(table.header, {field: (field,) for field in FIELDS})
    columns |= {field: column for field, column in same_name.items() if field not in columns}
    free = [column for column in table.header if column not in columns.values()]
    guesses = {field: column for field, column in guess_columns(free).items() if field not in columns}
    columns |= guesses
    missing = [field for field in REQUIRED if field not in columns]
    if not columns.keys() & {"product_id", "sku", "title"}:
        missing.append("product_id")
    if missing:
        problem = f"no column was found for {', '.join(missing)}"
        advice = f"Choose one with --map {missing[0]}=COLUMN; the columns are: {header}."
        raise InputError(problem, file=table.file, row=1, advice=advice)
    return columns, tuple(guesses)


def _clean(field: str, dtype: pl.DataType) -> pl.Expr | None:
    """What cleans the cells of a field: identifiers, texts, flags."""
    if field in IDENTIFIERS:
        return clean_identifier(field, dtype)
    if field in TEXTS:
        return clean_text(field)
    if field == "cancelled_at":
        return _is_cancelled()
    cleaners = {
        "email": clean_email,
        "phone": clean_quoted_text,
        "accepts_marketing": parse_flag,
        "currency": clean_currency,
    }
    return cleaners[field](field) if field in cleaners else None


def _name_keys(rows: RepeatedFields) -> RepeatedFields:
    """Add what products and customers are found by; the customer's id is the key, else the e-mail."""
    absent = [pl.lit(None, SHARED_TEXT).alias(name) for name in PRODUCT if name not in rows.lines.columns]
    lines = rows.lines.with_columns(absent).with_columns(
        # a product id is how a later catalogue finds the product when there is no SKU
        sku=pl.coalesce("sku", "product_id")
    )
    customer = [pl.col(name) for name in ("customer_id", "email") if name in rows.runs.columns]
    runs = rows.runs.with_columns(source_id=pl.coalesce(*customer, pl.lit(None, pl.String)))
    return RepeatedFields(lines, runs)


def _is_cancelled() -> pl.Expr:
    """Whether the cell is a date, a yes or any text but a no."""
    stated = clean_text("cancelled_at")
    return (stated.is_not_null() & parse_flag("cancelled_at").fill_null(True)).alias("is_cancelled")


FORMAT = OrderLines()
