"""What an export is: one file of `exports/` writes the contacts of a campaign in the format of one platform.

To add a platform, add a file `exports/NAME.py` that ends in `EXPORT = MyPlatform()`, a subclass of `Export`. It shows
up in `frontrow campaign --export` and in the contract tests without another edit. Names resolve to the files of that
folder only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

import frontrow.campaign.exports
from frontrow.campaign.addresses import Channel
from frontrow.campaign.properties import IN_CONTACTS
from frontrow.discovery import load_plugins, look_up
from frontrow.errors import CampaignError
from frontrow.tables.csv_output import csv_lines

CONTACT_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "product_id": pl.String(),
    "title": pl.String(),
    "customer_id": pl.Int64(),
    "rank": pl.Int64(),
    "probability": pl.Float64(),
    # for the channel: an e-mail trimmed and lower-cased, or a phone number in E.164
    "address": pl.String(),
    # the customer's own tags, comma-separated; null for none
    "tags": pl.String(),
    # identifies campaign and product
    "campaign_tag": pl.String(),
}
"""Chosen properties come after these columns, each under `properties.IN_CONTACTS` and its name."""

MEGABYTE: Final = 1_000_000
LIST_FIELDS: Final = ("title", "url", "image_url", "price")
"""What lists say of each product, in the order of the columns."""

PRODUCT_HEADERS: Final = {field: f"product_{{}}_{field}" for field in LIST_FIELDS}
"""The header of each field of lists on platforms with room for it, such as `product_1_title`."""

LIFTED: Final = "lifted"
"""The property `group` of those who were held out, once their hold-out was lifted."""


class Export(ABC):
    """One platform.

    Attributes:
        name: Its name for `--export`, which is the name of its file.
        title: Its name for a person.
        max_bytes: Largest size of a file in bytes, as the platform documents it; None for no documented limit.
        max_rows: Largest number of rows of a file, without the header; None for no documented limit.
        least_rows: Customers below which the platform advises against a list; None for no documented limit.
        hashed: Whether addresses are written as SHA-256 only.
        suffix: Suffix of its files.
        uses_tags: Whether contacts get the campaign's tag, in one pool with all others.
        guide: Name of the page about it, a file of `docs/platforms/`; empty for none.
        do_not: What would write to the wrong people there, or spoil the measurement; said before anything else.
        steps: What to do there, in the words of its own menus (as of December 2026), to contact those in a file.
        held_out_steps: What to do there so that those held out hear nothing of the product.
        lift_steps: What to do there after the window, so that those held out are customers like others again.
        phone_columns: Columns of phone numbers in E.164. They are written as they are; every other text that a
            spreadsheet could read as a formula gets an apostrophe in front (`tables.csv_output`).
        list_headers: The header of each of `LIST_FIELDS` in lists of products, with `{}` for the rank; empty where the
            platform takes no lists.
        list_steps: What to do there with a file of lists and its template.
        most_fields: Fields of its own that an account may have beside the address; None for no documented limit.
        longest_text: Largest size of a text in bytes; None for no documented limit.
        address_headers: The header of the address in lists, for each channel.
        property_headers: The header of each of `properties.PROPERTIES`; empty where the platform takes no such columns.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    max_bytes: ClassVar[int | None] = None
    max_rows: ClassVar[int | None] = None
    least_rows: ClassVar[int | None] = None
    hashed: ClassVar[bool] = False
    suffix: ClassVar[str] = ".csv"
    uses_tags: ClassVar[bool] = False
    guide: ClassVar[str] = ""
    do_not: ClassVar[tuple[str, ...]] = (
        "Do not upload the file of those held out into a list that messages are sent to.",
        "Do not send the message to a list of everyone as well: those held out are on it.",
    )
    steps: ClassVar[tuple[str, ...]] = ("Upload the file as a list of its own, and send the message to this list.",)
    held_out_steps: ClassVar[tuple[str, ...]] = (
        "Upload the file of those held out as a second list, and leave this list out of every message about the "
        "product.",
    )
    lift_steps: ClassVar[tuple[str, ...]] = ("Delete the list of those held out.",)
    phone_columns: ClassVar[tuple[str, ...]] = ()
    property_headers: ClassVar[Mapping[str, str]] = {}
    list_headers: ClassVar[Mapping[str, str]] = {}
    list_steps: ClassVar[tuple[str, ...]] = ()
    most_fields: ClassVar[int | None] = None
    longest_text: ClassVar[int | None] = None
    address_headers: ClassVar[Mapping[str, str]] = {}

    def property_columns(self, contacts: pl.DataFrame) -> list[pl.Expr]:
        """The properties that contacts have, under the platform's own headers, for `table`.

        Args:
            contacts: `CONTACT_SCHEMA` and the properties.
        """
        columns = {f"{IN_CONTACTS}{name}": header for name, header in self.property_headers.items()}
        return [
            (to_one_line(column) if contacts.schema[column] == pl.String else pl.col(column)).alias(header)
            for column, header in columns.items()
            if column in contacts.columns
        ]

    @abstractmethod
    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """The cells as the platform documents them, under its own header, one row a contact.

        Args:
            contacts: `CONTACT_SCHEMA`, and any chosen properties.
            channel: email or sms.
        """

    def list_table(self, contacts: pl.DataFrame, positions: int, fields: Sequence[str]) -> pl.DataFrame:
        """Lists of products as the platform takes them, one row a customer.

        Args:
            contacts: `address`, `campaign_tag`, and `FIELD_RANK` for each field and rank.
            positions: Number of ranks.
            fields: Of `LIST_FIELDS`.
        """
        columns = [pl.col("address").alias(self.address_headers["email"])]
        if self.uses_tags:
            columns.append(pl.col("campaign_tag").alias("Tags"))
        for rank in range(1, positions + 1):
            columns += [
                self._fit(f"{field}_{rank}", is_address=field in ("url", "image_url")).alias(
                    self.list_headers[field].format(rank)
                )
                for field in fields
            ]
        return self.take(contacts).select(columns)

    def take(self, contacts: pl.DataFrame) -> pl.DataFrame:
        """The contacts whose address the platform takes.

        Args:
            contacts: `address` and any other columns.
        """
        return contacts

    def list_template(self, positions: int, fields: Sequence[str]) -> str | None:  # noqa: ARG002 for those that have one
        """A sample template for lists, in the platform's own language; None where it has none.

        Args:
            positions: Number of ranks.
            fields: Of `LIST_FIELDS`.
        """
        return None

    def list_columns(self, positions: int, fields: Sequence[str]) -> list[dict[str, str]]:
        """The header of each field, one dictionary a rank.

        Args:
            positions: Number of ranks.
            fields: Of `LIST_FIELDS`.
        """
        ranks = range(1, positions + 1)
        return [{field: self.list_headers[field].format(rank) for field in fields} for rank in ranks]

    def _fit(self, column: str, *, is_address: bool) -> pl.Expr:
        """A text within the platform's limit: cut at a whole character; an address that is too long is left out."""
        text = to_one_line(column)
        if self.longest_text is None:
            return text
        longest = self.longest_text
        if is_address:
            return pl.when(text.str.len_bytes() <= longest).then(text)
        return text.map_elements(lambda value: value.encode()[:longest].decode(errors="ignore"), return_dtype=pl.String)

    def lift_table(self, held_out: pl.DataFrame, channel: Channel) -> pl.DataFrame | None:
        """A file that takes a mark off those held out, for platforms where deleting a list or a tag does not.

        Args:
            held_out: `CONTACT_SCHEMA`, and the property `group` where it was written.
            channel: email or sms.

        Returns:
            The cells under the platform's header; None where there is nothing to take off by a file.
        """
        header = self.property_headers.get("group")
        group = f"{IN_CONTACTS}group"
        if header is None or group not in held_out.columns:
            return None
        lifted = held_out.with_columns(pl.lit(LIFTED).alias(group))
        table = self.table(lifted.drop(pl.selectors.starts_with(IN_CONTACTS) - pl.selectors.by_name(group)), channel)
        return table.select(table.columns[0], header)

    def write(self, contacts: pl.DataFrame, channel: Channel, folder: Path, stem: str) -> list[tuple[Path, int]]:
        """Write the contacts to `folder`, in as many files as the platform's limits require.

        Args:
            contacts: `CONTACT_SCHEMA` and any chosen properties, one row or more.
            channel: email or sms.
            folder: An existing folder.
            stem: Stem of the file's name; further files get `-part-2` and so on.

        Returns:
            Each file and its rows.
        """
        return self.write_table(self.table(contacts, channel), folder, stem)

    def write_table(self, table: pl.DataFrame, folder: Path, stem: str) -> list[tuple[Path, int]]:
        """Write cells to `folder`, in as many files as the platform's limits require.

        Args:
            table: The cells, under the platform's header.
            folder: An existing folder.
            stem: See `write`.

        Returns:
            Each file and its rows.
        """
        written = []
        for number, (content, rows) in enumerate(self._contents(table), 1):
            part = f"-part-{number}" if number > 1 else ""
            path = folder / f"{stem}{part}{self.suffix}"
            path.write_bytes(content)
            written.append((path, rows))
        return written

    def _contents(self, table: pl.DataFrame) -> Iterator[tuple[bytes, int]]:
        """The bytes of each file, a header on top of every one, and its rows."""
        header, *lines = csv_lines(table, exact=self.phone_columns)
        file_lines, size = [header], len(header)
        for line in lines:
            too_many = self.max_rows is not None and len(file_lines) > self.max_rows
            too_large = self.max_bytes is not None and size + len(line) > self.max_bytes
            if too_many or too_large:
                yield b"".join(file_lines), len(file_lines) - 1
                file_lines, size = [header], len(header)
            file_lines.append(line)
            size += len(line)
        yield b"".join(file_lines), len(file_lines) - 1


def export_names() -> list[str]:
    """The platforms, which are the files of `exports/` that hold an `EXPORT`.

    Example:
        >>> "klaviyo" in export_names()
        True
    """
    return sorted(_exports())


def get_export(name: str) -> Export:
    """Return the export of a platform by its name.

    Raises:
        CampaignError: There is no such platform; the message lists the available ones.
    """
    return look_up(_exports(), name, kind="export", error=CampaignError)


def to_one_line(column: str) -> pl.Expr:
    """Free text as one line.

    Example:
        >>> pl.DataFrame({"title": [" Red  pot "]}).select(to_one_line("title"))["title"].to_list()
        ['Red pot']
    """
    return pl.col(column).str.replace_all(r"\s+", " ").str.strip_chars()


def _exports() -> dict[str, Export]:
    return load_plugins(frontrow.campaign.exports, "EXPORT")
