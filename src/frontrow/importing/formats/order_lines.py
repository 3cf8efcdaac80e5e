"""Any table of order lines: frontrow's own column names, or others with `--map field=Column`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.errors import InputError
from frontrow.importing.format import Reading, Source, Wishes
from frontrow.importing.order_lines import judge, order_contacts, read_cells, repeated_header, settle
from frontrow.importing.warnings import currencies
from frontrow.tables.columns import match
from frontrow.tables.parse import email, flag, identifier, text, unquoted
from frontrow.tables.table_file import Table

NEEDED: Final = ("order_id", "ordered_at", "quantity", "price")
FIELDS: Final = (
    *("order_id", "customer_id", "ordered_at", "product_id", "sku", "title", "vendor", "product_type", "tags"),
    *("description", "price", "quantity", "discount", "country", "province", "city", "currency"),
    *("email", "phone", "company", "accepts_marketing"),
)
# how other systems call the fields; looked up only when a person asked for this format
GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "order_id": (
        "order",
        "order number",
        "order no",
        "order name",
        "invoice",
        "invoice no",
        "transaction id",
        "receipt",
    ),
    "customer_id": ("customer", "customer no", "client id", "user id", "member id", "account id", "buyer id"),
    "ordered_at": (
        "order date",
        "created at",
        "date",
        "invoice date",
        "timestamp",
        "purchase date",
        "purchased at",
        "t dat",
    ),
    "product_id": ("product", "article id", "item id", "product code", "asin", "stock code"),
    "sku": ("variant sku", "lineitem sku", "item sku", "product sku"),
    "title": (
        "product name",
        "product title",
        "item name",
        "name",
        "lineitem name",
        "description of item",
        "prod name",
    ),
    "vendor": ("brand", "supplier", "manufacturer"),
    "product_type": ("type", "category", "product category", "product type name", "department"),
    "tags": ("product tags", "labels"),
    "description": ("product description", "details", "detail desc"),
    "price": ("unit price", "item price", "lineitem price", "sales price", "amount"),
    "quantity": ("qty", "units", "lineitem quantity", "count"),
    "discount": ("line discount", "discount amount", "lineitem discount"),
    "country": ("shipping country", "ship country", "country code"),
    "province": ("state", "region", "shipping province"),
    "city": ("town", "shipping city"),
    "currency": ("currency code",),
    "email": ("e mail", "email address", "customer email"),
    "phone": ("telephone", "mobile"),
    "company": ("company name", "organisation", "organization"),
    "accepts_marketing": ("accepts email marketing", "newsletter", "marketing consent", "opt in"),
}


def guess(header: Iterable[str]) -> dict[str, str]:
    """A proposal of columns for the fields, from their names alone; each column is taken once.

    Example:
        >>> guess(["Order No", "Qty", "Unit price", "colour"])
        {'order_id': 'Order No', 'price': 'Unit price', 'quantity': 'Qty'}
    """
    found = match(header, {field: (field, *GUESSES[field]) if field in GUESSES else (field,) for field in FIELDS})
    first_taker = {column: field for field, column in reversed(found.items())}
    return {field: column for field, column in found.items() if first_taker[column] == field}


class OrderLines(Source):
    """A table with one order line a row."""

    name = "order_lines"
    title = "table of order lines"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {field: (field,) for field in FIELDS}
    recognised_by = NEEDED

    def read(self, table: Table, wishes: Wishes) -> Reading:
        """Read the whole file; see `Source.read`."""
        columns, guessed = choose_columns(table, wishes.mapping)
        raw = table.read(columns.values())
        raw = raw.select("row", *(pl.col(column).alias(field) for field, column in columns.items()))
        rows = _clean(raw).with_columns(dropped=repeated_header(raw, columns))
        rows, notes = read_cells(table, rows, columns, wishes.time_zone)
        rows = judge(rows).with_columns(
            pl.when(pl.col("order_id").is_null())
            .then("ordered_at")
            .otherwise(pl.col("ordered_at").min().over("order_id"))
        )
        currency, others = currencies(rows)
        return Reading(
            lines=settle(rows, wishes.time_zone),
            contacts=order_contacts(rows, wishes.time_zone),
            currency=currency,
            other_currencies=others,
            notes=(*table.notes, *notes),
            columns=columns,
            guessed=guessed,
        )


def choose_columns(table: Table, mapping: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The column of each field: as mapped, else of the field's own name, else guessed.

    Returns:
        Field to column, and the fields whose column was guessed.

    Raises:
        InputError: The mapping names an unknown field or column, or a needed field has no column.
    """
    chosen: dict[str, str] = {}
    for field, column in mapping.items():
        if field not in FIELDS:
            raise InputError(f'"{field}" is no field of --map', file=table.file, advice=f"Fields: {', '.join(FIELDS)}.")
        there = match(table.header, {field: (column,)})
        if not there:
            advice = f"The columns are: {', '.join(table.header)}."
            raise InputError(
                f"--map {field} names a column that is not there", file=table.file, column=column, advice=advice
            )
        chosen |= there
    own = {
        field: column for field, column in match(table.header, {f: (f,) for f in FIELDS}).items() if field not in chosen
    }
    chosen |= own
    free = [column for column in table.header if column not in chosen.values()]
    guesses = {field: column for field, column in guess(free).items() if field not in chosen}
    chosen |= guesses
    missing = [field for field in NEEDED if field not in chosen]
    if not chosen.keys() & {"product_id", "sku", "title"}:
        missing.append("product_id")
    if missing:
        problem = f"no column was found for {', '.join(missing)}"
        advice = f"Say which with --map {missing[0]}=COLUMN; the columns are: {', '.join(table.header)}."
        raise InputError(problem, file=table.file, row=1, advice=advice)
    return chosen, tuple(guesses)


def _clean(raw: pl.DataFrame) -> pl.DataFrame:
    """Identifiers, texts and flags as they are kept; the customer's id goes before the e-mail as the key."""
    have = raw.schema
    rows = raw.with_columns(
        *(identifier(name, have[name]) for name in ("order_id", "customer_id", "product_id", "sku") if name in have),
        *(text(name) for name in ("title", "vendor", "product_type", "tags", "description") if name in have),
        *(text(name) for name in ("country", "province", "city", "company", "currency") if name in have),
        *(email(name) for name in ("email",) if name in have),
        *(unquoted(name) for name in ("phone",) if name in have),
        *(flag(name) for name in ("accepts_marketing",) if name in have),
    )
    rows = rows.with_columns(
        pl.lit(None, pl.String).alias(name)
        for name in ("title", "sku", "product_id", "email", "customer_id")
        if name not in have
    )
    # a product id is how a later catalogue finds the product when there is no SKU
    return rows.with_columns(sku=pl.coalesce("sku", "product_id"), source_id=pl.coalesce("customer_id", "email"))


SOURCE = OrderLines()
