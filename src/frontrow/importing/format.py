"""What a source is: one file of this folder reads one export format.

To add a format, add a file `sources/NAME.py` that ends in `SOURCE = MySource()`, a subclass of `Source`. It shows
up in `frontrow import --format`, in recognition by header, and in the contract tests without another edit. Names
resolve to the files of this folder only.
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
from frontrow.tables.columns import match
from frontrow.tables.table_file import Table

LINE_FIELDS: Final[Mapping[str, pl.DataType]] = {
    "row": pl.UInt32(),
    "order_id": pl.String(),
    # the customer's id or e-mail as in the source; null for a guest
    "source_id": pl.String(),
    # with the shop's time zone
    "ordered_at": pl.Datetime("us"),
    # null where the source has no id of its own: SKU and title then tell products apart
    "product_id": pl.String(),
    "sku": pl.String(),
    "title": pl.String(),
    "product_type": pl.String(),
    "vendor": pl.String(),
    "tags": pl.String(),
    "description": pl.String(),
    "quantity": pl.Int64(),
    "price": pl.Float64(),
    "discount": pl.Float64(),
    "partially_refunded": pl.Boolean(),
    "country": pl.String(),
    "province": pl.String(),
    "city": pl.String(),
    # why the row is no purchase; null for the rows that are kept
    "dropped": pl.String(),
}
CONTACT_FIELDS: Final[Mapping[str, pl.DataType]] = {
    "source_id": pl.String(),
    "email": pl.String(),
    "phone": pl.String(),
    "company": pl.String(),
    "accepts_email": pl.Boolean(),
    "accepts_sms": pl.Boolean(),
    "tags": pl.String(),
    # when this was said; null in a customers export, which knows best
    "said_at": pl.Datetime("us"),
}
CATALOGUE_FIELDS: Final[Mapping[str, pl.DataType]] = {
    # one row a variant, the product's own values on each
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
class Wishes:
    """What the person who imports, or the shop on disk, has decided.

    Attributes:
        time_zone: IANA name; stamps without an offset are read in it, and all stamps are given in it.
        mapping: Field to column, for tables that name their columns in their own way.
    """

    time_zone: str = "UTC"
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What a source makes of a file; every row is in `lines`, or in `kept` or `dropped`.

    Attributes:
        lines: All rows of a file of orders, with the reason in `dropped` for those that are no purchase. Columns of
            `LINE_FIELDS` that hold nothing at all may be absent.
        contacts: What the file says about customers.
        catalogue: What the file says about products.
        kept: Rows used of a file that holds no orders.
        dropped: Rows of such a file left out, by reason.
        currency: The most common currency of the rows kept, empty when the file does not say.
        other_currencies: The others it names.
        notes: What a person should know.
        columns: The column taken for each field.
        guessed: The fields whose column was guessed from its name.
    """

    lines: pl.DataFrame | None = None
    contacts: pl.DataFrame | None = None
    catalogue: pl.DataFrame | None = None
    kept: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    currency: str = ""
    other_currencies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()


class Source(ABC):
    """One export format.

    Attributes:
        name: What `--format` calls it: the name of its file.
        title: What a person calls it.
        fields: Every field it can use, each with the spellings of its column, the usual one first.
        recognised_by: The fields that a header has in this format and in no other.
        time_zone: The time zone its stamps are in when they say nothing; None when that is not known.
        currency: The currency of its amounts when the file says nothing.
        parent_sku: A regular expression whose first group is the parent's code in a SKU, where the format has one.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    fields: ClassVar[Mapping[str, tuple[str, ...]]]
    recognised_by: ClassVar[tuple[str, ...]]
    time_zone: ClassVar[str | None] = None
    currency: ClassVar[str] = ""
    parent_sku: ClassVar[str | None] = None

    def recognises(self, header: tuple[str, ...]) -> bool:
        """Whether a file with this header is in this format."""
        found = match(header, {field: self.fields[field] for field in self.recognised_by})
        return len(found) == len(self.recognised_by)

    @abstractmethod
    def read(self, table: Table, wishes: Wishes) -> Reading:
        """Read the whole file.

        Raises:
            InputError: The file cannot be used; names file, row and column, and no personal data.
        """


def source_names() -> list[str]:
    """The formats, which are the files of this folder that hold a `SOURCE`.

    Example:
        >>> "shopify_orders" in source_names()
        True
    """
    return sorted(_sources())


def source_named(name: str) -> Source:
    """The source of a format's name.

    Raises:
        ValueError: There is none.
    """
    return look_up(_sources(), name, kind="format", error=ValueError)


def recognise(table: Table) -> Source:
    """The one source that recognises the header.

    Raises:
        UnknownFormatError: None does; the message says what the columns look like.
        InputError: Several do.
    """
    matching = [source for source in _sources().values() if source.recognises(table.header)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        names = " and ".join(source.name for source in matching)
        raise InputError(f"the header is that of {names}", file=table.file, row=1, advice="Say which with --format.")
    raise UnknownFormatError("the header matches no known export", file=table.file, row=1, advice=_advice(table))


def _advice(table: Table) -> str:
    from frontrow.importing.formats.order_lines import guess

    guesses = " ".join(f"--map {field}={_quoted(column)}" for field, column in guess(table.header).items())
    known = f"Known formats: {', '.join(source_names())}."
    if not guesses:
        return known
    return (
        f"If it holds one order line a row, check this guess and import with: --format order_lines {guesses}. {known}"
    )


def _quoted(column: str) -> str:
    return f"'{column}'" if " " in column else column


def _sources() -> dict[str, Source]:
    return load_plugins(frontrow.importing.formats, "SOURCE")
