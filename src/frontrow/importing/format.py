"""What a format is: one file of `importing/formats` reads the files of one export.

To add a format, add a file `formats/NAME.py` that ends in `FORMAT = MyFormat()`, an instance of a subclass of
`Format`. It appears in `frontrow import --file-format`, in recognition by header and in the contract tests without
another edit. Names resolve to the files of that folder only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

import polars as pl

import frontrow.importing.formats
from frontrow.discovery import load_plugins, look_up
from frontrow.errors import InputError, UnknownFormatError
from frontrow.tables.clock import Clock
from frontrow.tables.columns import match_columns, require_columns
from frontrow.tables.parse import clean_identifier
from frontrow.tables.table_file import Table

SHARED_TEXT: Final = pl.Categorical()
"""Text that many rows have in common, such as titles: each distinct text is in memory once. No table on disk has it."""

LINE_FIELDS: Final[Mapping[str, pl.DataType]] = {
    "row": pl.UInt32(),
    "order_id": pl.String(),
    # which of several states of the order in this file, from 0; absent where each order is there once
    "version": pl.Int32(),
    # null where the source has no id of its own: SKU and title then tell products apart
    "product_id": SHARED_TEXT,
    "sku": SHARED_TEXT,
    "title": SHARED_TEXT,
    "product_type": SHARED_TEXT,
    "vendor": SHARED_TEXT,
    "tags": SHARED_TEXT,
    "description": SHARED_TEXT,
    "quantity": pl.Int64(),
    "price": pl.Float64(),
    # taken off this line; what was taken off the whole order is in `ORDER_FIELDS`
    "discount": pl.Float64(),
    # given back later for this line
    "refunded": pl.Float64(),
    # why the row is not a purchase; null for the rows that are kept
    "dropped": SHARED_TEXT,
}
ORDER_FIELDS: Final[Mapping[str, pl.DataType]] = {
    # the order's place in the file
    "row": pl.UInt32(),
    "order_id": pl.String(),
    "version": pl.Int32(),
    # the customer's id or e-mail as in the source; null for a guest
    "source_id": pl.String(),
    # with the shop's time zone
    "ordered_at": pl.Datetime("us"),
    "country": SHARED_TEXT,
    "province": SHARED_TEXT,
    "city": SHARED_TEXT,
    # ISO 4217 code; null where the file does not say
    "currency": pl.String(),
    # amounts of the whole order, to be spread over its lines
    "order_discount": pl.Float64(),
    "subtotal": pl.Float64(),
    "refunded_amount": pl.Float64(),
    "partially_refunded": pl.Boolean(),
    # what shows which of two states of an order is the later one; see `order_versions`
    "is_cancelled": pl.Boolean(),
    "refund_state": pl.Int8(),
    "updated_at": pl.Datetime("us"),
    "fulfilment": pl.Int8(),
    "payment": pl.Int8(),
    # the file holds lines of the order, but not the row with the order's own fields
    "is_partial": pl.Boolean(),
    # why the whole order is not a purchase
    "dropped": pl.String(),
}
CONTACT_FIELDS: Final[Mapping[str, pl.DataType]] = {
    # the order that states it, and which of its states in this file; null in a customers export
    "order_id": pl.String(),
    "version": pl.Int32(),
    "source_id": pl.String(),
    "email": pl.String(),
    "phone": pl.String(),
    "company": pl.String(),
    "accepts_email": pl.Boolean(),
    "accepts_sms": pl.Boolean(),
    "tags": pl.String(),
    # when this was stated; null in a customers export, which counts most
    "stated_at": pl.Datetime("us"),
}
CATALOGUE_FIELDS: Final[Mapping[str, pl.DataType]] = {
    # one row per variant, with the product's own values on each
    "handle": pl.String(),
    "title": pl.String(),
    # "Option1 / Option2", null for a product without variants
    "variant": pl.String(),
    "sku": pl.String(),
    "product_type": pl.String(),
    "vendor": pl.String(),
    "tags": pl.String(),
    "description": pl.String(),
    "price": pl.Float64(),
    "cost": pl.Float64(),
    "image_url": pl.String(),
    "status": pl.String(),
}


@dataclass(frozen=True)
class ParseSettings:
    """What the person who imports, or the shop on disk, has decided.

    Attributes:
        time_zone: IANA name; timestamps without an offset are read in it, and all timestamps are returned in it.
        mapping: Field to column, for tables with column names of their own.
    """

    time_zone: str = "UTC"
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ParsedFile:
    """What a file holds; every row is in `lines`, or counted in `kept` or `dropped`.

    Attributes:
        lines: All rows of a file of orders, with the reason in `dropped` for those that are not a purchase. Columns of
            `LINE_FIELDS` that are empty may be absent.
        orders: What the file says about each order as a whole, one row an order and version. Columns of `ORDER_FIELDS`
            that are empty may be absent.
        clock: What the timestamps say about the shop's time zone; None for a file without timestamps.
        contacts: What the file says about customers.
        catalogue: What the file says about products.
        kept: Number of rows used of a file without orders.
        dropped: Rows of such a file left out, by reason.
        warnings: What a person should know.
        columns: The column of each field.
        guessed: The fields whose column was guessed from its name.
    """

    lines: pl.DataFrame | None = None
    orders: pl.DataFrame | None = None
    clock: Clock | None = None
    contacts: pl.DataFrame | None = None
    catalogue: pl.DataFrame | None = None
    kept: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()


UNKNOWN: Final = "the header matches no known export"
"""What is said of a file in no known format; a page offers to name its columns then."""


class Format(ABC):
    """One export format.

    Attributes:
        name: The name for `--file-format`: that of its file.
        fields: Every field it can use, each with the possible names of its column, the usual one first.
        identifying_fields: The fields that a header has in this format and in no other.
        time_zone: The time zone of timestamps without an offset; None when that is not known.
        currency: The currency of amounts when the file does not say.
        parent_sku: A regular expression whose first group is the parent's code in a SKU, where the format has one.
        amounts: The fields whose cells are numbers; how one is read depends on the others of its column.
        continues_orders: Whether a row without an order's id may belong to the order above it.
    """

    name: ClassVar[str]
    fields: ClassVar[Mapping[str, tuple[str, ...]]]
    identifying_fields: ClassVar[tuple[str, ...]]
    time_zone: ClassVar[str | None] = None
    currency: ClassVar[str] = ""
    parent_sku: ClassVar[str | None] = None
    amounts: ClassVar[tuple[str, ...]] = ("quantity", "price", "discount", "refunded", "refunded_amount")
    continues_orders: ClassVar[bool] = False

    @property
    def has_orders(self) -> bool:
        """Whether its files hold order lines."""
        return "order_id" in self.fields and "quantity" in self.fields

    def matches_header(self, header: tuple[str, ...]) -> bool:
        """Whether a file with this header is in this format."""
        columns = match_columns(header, {field: self.fields[field] for field in self.identifying_fields})
        return len(columns) == len(self.identifying_fields)

    def guess_columns(self, header: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG002
        """Return a proposal for `--map`, field to column, for a header of no known format; most formats have none."""
        return {}

    def choose_columns(self, table: Table, settings: ParseSettings) -> Mapping[str, str]:  # noqa: ARG002
        """Return the column of each field that the file has.

        Args:
            table: The file.
            settings: What was decided about it.

        Raises:
            InputError: A column is missing without which the file cannot be used.
        """
        return require_columns(table, self.fields, self.identifying_fields)

    def order_key(self, column: str, dtype: pl.DataType) -> pl.Expr:
        """Return the id of each row's order, as `parse` reads it.

        Args:
            column: The file's column of `order_id`.
            dtype: Its type.
        """
        return clean_identifier(column, dtype)

    @abstractmethod
    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file.

        Args:
            table: The file.
            settings: What was decided about it.

        Raises:
            InputError: The file cannot be used; shows file, row and column, and no personal data.
        """


def format_names() -> list[str]:
    """Return the names of all formats: the files of `importing/formats` that hold a `FORMAT`.

    Example:
        >>> "shopify_orders" in format_names()
        True
    """
    return sorted(_formats())


def get_format(name: str) -> Format:
    """Return the format of a name.

    Raises:
        ValueError: There is no such format; the message lists the available ones.
    """
    return look_up(_formats(), name, kind="format", error=ValueError)


def recognize_format(table: Table) -> Format:
    """Return the format whose header this is.

    Raises:
        UnknownFormatError: There is none; the message proposes columns for `--map`.
        InputError: There are several.
    """
    matching = [file_format for file_format in _formats().values() if file_format.matches_header(table.header)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        names = " and ".join(file_format.name for file_format in matching)
        advice = "Choose one of them with --file-format."
        raise InputError(f"the header is that of {names}", file=table.file, row=1, advice=advice)
    raise UnknownFormatError(UNKNOWN, file=table.file, row=1, advice=_advice(table))


def _advice(table: Table) -> str:
    available = f"Known formats: {', '.join(format_names())}."
    for file_format in _formats().values():
        if columns := file_format.guess_columns(table.header):
            guesses = " ".join(f"--map {field}={_quoted(column)}" for field, column in columns.items())
            check = "If each row is one order line, check this guess and import with"
            return f"{check}: --file-format {file_format.name} {guesses}. {available}"
    return available


def _quoted(column: str) -> str:
    return f"'{column}'" if " " in column else column


def _formats() -> dict[str, Format]:
    return load_plugins(frontrow.importing.formats, "FORMAT")
