"""Suppression lists: addresses that must not be contacted, as CSV files of e-mail addresses and phone numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from frontrow.campaign.addresses import digits, endings, mailbox, normal_email, normal_phone
from frontrow.errors import InputError
from frontrow.tables.text_table import read_records

FEWEST_DIGITS: Final = 7
"""Fewest digits of a phone number; numbers with and without a country code are compared from the right."""

EMPTY: Final = {"", "-", "null", "none", "n/a"}
ADDRESS_COLUMN: Final = re.compile(r"^(e-?mail|phone|mobile|sms|cell|tel)", re.IGNORECASE)


@dataclass(frozen=True)
class SuppressionList:
    """Addresses that must not be contacted, through any channel.

    Attributes:
        mailboxes: Normal e-mail addresses, and the mailboxes behind them (`addresses.mailbox`).
        numbers: Digits of phone numbers that have a country code.
        local_numbers: Digits of those that have none.
        sources: One record a file: name and entries. No digest, because that of a short list reveals its addresses.
    """

    mailboxes: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    local_numbers: frozenset[str] = frozenset()
    sources: tuple[dict[str, str | int], ...] = ()

    @classmethod
    def read(cls, files: Sequence[str | Path], *, default_region: str | None = None) -> SuppressionList:
        """Read lists and combine them.

        A file has one person a row. Where a header names columns of e-mails or phones, those are read, else every
        column; a first row without a digit or an at sign is a header. A row without an address is an error, because
        the person meant would be contacted.

        Args:
            files: CSV files, as `tables.text_table.read_records` reads them.
            default_region: ISO country code of two letters for numbers without a country code.

        Raises:
            InputError: A file is missing or not CSV, or a row cannot be read; the message has file and row, and not
                the cell.
        """
        parts = [_read(Path(file), default_region) for file in files]
        return cls(
            frozenset().union(*(part.mailboxes for part in parts)),
            frozenset().union(*(part.numbers for part in parts)),
            frozenset().union(*(part.local_numbers for part in parts)),
            tuple(source for part in parts for source in part.sources),
        )

    def has_email(self, email: str | None) -> bool:
        """Whether an e-mail address, as typed, is on the list.

        Example:
            >>> SuppressionList(frozenset({"janedoe@gmail.com"})).has_email("Jane.Doe+shop@gmail.com")
            True
        """
        normal = normal_email(email)
        return normal is not None and bool({normal, mailbox(normal)} & self.mailboxes)

    def has_phone(self, phone: str | None, normal: str | None) -> bool:
        """Whether a phone number is on the list; in case of doubt, yes.

        Args:
            phone: As typed.
            normal: The same number in E.164; None where it is unknown.

        Example:
            >>> listed = SuppressionList(numbers=frozenset({"447700900123"}))
            >>> listed.has_phone("+44 7700 900 123", "+447700900123"), listed.has_phone("07700 900123", None)
            (True, True)
        """
        numbers = {digits(number) for number in (phone, normal) if number}
        if normal is None and numbers & self._endings:
            return True
        return bool(numbers & self.numbers or endings(sorted(numbers), FEWEST_DIGITS) & self.local_numbers)

    @cached_property
    def _endings(self) -> set[str]:
        return endings(sorted(self.numbers | self.local_numbers), FEWEST_DIGITS)


def _read(file: Path, default_region: str | None) -> SuppressionList:
    rows = read_records(file, "Give a CSV file of e-mail addresses or phone numbers.")
    columns = _address_columns(rows)
    cells = [_cells(row, columns) for row in rows]
    start = 1 if cells and (columns is not None or _looks_like_header(cells[0])) else 0
    emails: set[str] = set()
    phones: set[str] = set()
    for number, row in enumerate(cells[start:], start + 1):
        row_emails = [email for cell in row if (email := normal_email(cell))]
        row_phones = [cell for cell in row if _looks_like_phone(cell)]
        if (row and not row_emails and not row_phones) or sum("@" in cell for cell in row) > len(row_emails):
            raise InputError(
                "is neither an e-mail address nor a phone number of seven digits or more",
                file=file,
                row=number,
                advice="Correct or delete the row; nothing was written.",
            )
        emails.update(row_emails)
        phones.update(normal_phone(re.sub(r"^00", "+", cell), default_region) or cell for cell in row_phones)
    return SuppressionList(
        frozenset(emails | {mailbox(email) for email in emails}),
        frozenset(digits(phone) for phone in phones if phone.startswith("+")),
        frozenset(digits(phone) for phone in phones if not phone.startswith("+")),
        ({"file": file.name, "entries": len(emails) + len(phones)},),
    )


def _address_columns(rows: list[list[str]]) -> list[int] | None:
    """The columns that a header marks as addresses; None where there is no such header."""
    columns = [column for column, name in enumerate(rows[0] if rows else []) if ADDRESS_COLUMN.match(name.strip())]
    return columns if columns and _looks_like_header(rows[0]) else None


def _cells(row: list[str], columns: list[int] | None) -> list[str]:
    """The cells of the address columns that are not empty; of all columns where `columns` is None."""
    selected = row if columns is None else [row[column] for column in columns if column < len(row)]
    stripped = [cell.strip().strip("'").strip() for cell in selected]
    return [cell for cell in stripped if cell.lower() not in EMPTY]


def _looks_like_phone(cell: str) -> bool:
    bare = cell.translate(str.maketrans("", "", " +-().\u00a0/"))
    return bare.isdecimal() and FEWEST_DIGITS <= len(bare) <= 15


def _looks_like_header(cells: list[str]) -> bool:
    return not any("@" in cell or any(character.isdecimal() for character in cell) for cell in cells)
