"""What an export is: one file of `exports/` writes the contacts of a campaign in the format of one platform.

To add a platform, add a file `exports/NAME.py` that ends in `EXPORT = MyPlatform()`, a subclass of `Export`. It shows
up in `frontrow campaign --export` and in the contract tests without another edit. Names resolve to the files of that
folder only.
"""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

import frontrow.campaign.exports
from frontrow.campaign.addresses import Channel
from frontrow.discovery import load_plugins, look_up
from frontrow.errors import CampaignError

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
MEGABYTE: Final = 1_000_000
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet reads a cell that starts with one of these as a formula."""


class Export(ABC):
    """One platform.

    Attributes:
        name: Its name for `--export`, which is the name of its file.
        title: Its name for a person.
        max_bytes: Largest size of a file in bytes, as the platform documents it; None for no documented limit.
        max_rows: Largest number of rows of a file, without the header; None for no documented limit.
        hashed: Whether addresses are written as SHA-256 only.
        suffix: Suffix of its files.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    max_bytes: ClassVar[int | None] = None
    max_rows: ClassVar[int | None] = None
    hashed: ClassVar[bool] = False
    suffix: ClassVar[str] = ".csv"

    @abstractmethod
    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """The cells as the platform documents them, under its own header, one row a contact.

        Args:
            contacts: `CONTACT_SCHEMA`.
            channel: email or sms.
        """

    def write(self, contacts: pl.DataFrame, channel: Channel, folder: Path, stem: str) -> list[tuple[Path, int]]:
        """Write the contacts to `folder`, in as many files as the platform's limits require.

        Args:
            contacts: `CONTACT_SCHEMA`, one row or more.
            channel: email or sms.
            folder: An existing folder.
            stem: Stem of the file's name; further files get `-part-2` and so on.

        Returns:
            Each file and its rows.
        """
        written = []
        for number, (content, rows) in enumerate(self._contents(self.table(contacts, channel)), 1):
            part = f"-part-{number}" if number > 1 else ""
            path = folder / f"{stem}{part}{self.suffix}"
            path.write_bytes(content)
            written.append((path, rows))
        return written

    def _contents(self, table: pl.DataFrame) -> Iterator[tuple[bytes, int]]:
        """The bytes of each file, a header on top of every one, and its rows."""
        header, *lines = (_csv_line(row) for row in [table.columns, *table.iter_rows()])
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


def escape_formulas(column: str) -> pl.Expr:
    """Free text as one line that no spreadsheet reads as a formula: an apostrophe is put before such a start.

    Example:
        >>> pl.DataFrame({"title": ["=1+1", " Red  pot "]}).select(escape_formulas("title"))["title"].to_list()
        ["'=1+1", 'Red pot']
    """
    line = pl.col(column).str.replace_all(r"\s+", " ").str.strip_chars()
    starts = pl.any_horizontal(line.str.starts_with(sign) for sign in FORMULA)
    return pl.when(starts).then("'" + line).otherwise(line).alias(column)


def _csv_line(cells: object) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)  # type: ignore[arg-type]
    return line.getvalue().encode()


def _exports() -> dict[str, Export]:
    return load_plugins(frontrow.campaign.exports, "EXPORT")
