"""The contract that every export keeps; a test class of a few lines inherits all of it.

Example::

    class TestKlaviyo(ExportContract):
        export = get_export("klaviyo")
        email_header, sms_header = ("Email Address",), ("Phone Number",)
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest

from frontrow.campaign.addresses import CHANNELS, Channel, mailbox, sha256
from frontrow.campaign.export import CONTACT_SCHEMA, Export, get_export
from frontrow.tables.csv_output import FORMULA, PHONE_NUMBER

ROUGH: Any = [
    ("new:pot", "Red pot", "jane.doe+shop@gmail.com", "+447700900123", "vip, =cmd"),
    ("new:pot", "=HYPERLINK(1)\nsecond line", "bob@example.com", "+12125550123", None),
    ("@sum", "\uff1d2+3", "zoë@example.com", "+4930123456", '"quoted", @x'),
]


def rough_contacts(channel: Channel, *, copies: int = 1) -> pl.DataFrame:
    """Return contacts (`CONTACT_SCHEMA`) with formulas, quotes and line breaks in titles and tags.

    Args:
        channel: Decides which address they have.
        copies: Three contacts each, with different addresses.
    """
    rows = [
        {
            "product_id": product,
            "title": title,
            "customer_id": number + 1,
            "rank": number + 1,
            "probability": 1 / (number + 2),
            "address": phone if channel == "sms" else f"{number}{email}" if copies > 1 else email,
            "tags": tags,
            "campaign_tag": "frontrow-spring-pot",
        }
        for number, (product, title, email, phone, tags) in enumerate(ROUGH * copies)
    ]
    return pl.DataFrame(rows, schema=dict(CONTACT_SCHEMA))


class ExportContract:
    """The contract of `frontrow.campaign.export.Export`.

    Attributes:
        export: The export under test.
        email_header: The header that the platform documents, for the channel email.
        sms_header: The same for sms.
    """

    export: ClassVar[Export]
    email_header: ClassVar[tuple[str, ...]]
    sms_header: ClassVar[tuple[str, ...]]

    def test_its_name_is_that_of_its_file(self) -> None:
        """Names resolve to files only."""
        assert type(self.export).__module__ == f"frontrow.campaign.exports.{self.export.name}"
        assert get_export(self.export.name) is self.export

    @pytest.mark.parametrize("channel", CHANNELS)
    def test_the_header_is_the_documented_one(self, channel: Channel, tmp_path: Path) -> None:
        """It is equal to the letter in every file, also without a contact."""
        for contacts in (rough_contacts(channel), rough_contacts(channel).clear()):
            assert tuple(self.export.table(contacts, channel).columns) == self._header(channel)
            for path, _ in self.export.write(contacts, channel, tmp_path, "contacts"):
                assert tuple(_records(path)[0]) == self._header(channel)

    @pytest.mark.parametrize("channel", CHANNELS)
    def test_the_same_contacts_give_the_same_bytes(self, channel: Channel, tmp_path: Path) -> None:
        """The contacts themselves stay unchanged."""
        contacts = rough_contacts(channel)
        (first, _), (second, _) = (self.export.write(contacts, channel, tmp_path, stem)[0] for stem in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()
        assert contacts.equals(rough_contacts(channel))

    @pytest.mark.parametrize("channel", CHANNELS)
    def test_every_contact_has_one_row_unless_the_platform_refuses_it(self, channel: Channel, tmp_path: Path) -> None:
        """There is no row without a contact, and no contact twice."""
        contacts = rough_contacts(channel)
        ((path, rows),) = self.export.write(contacts, channel, tmp_path, "contacts")
        addresses = [self._address(record) for record in _records(path)[1:]]
        assert rows == len(addresses) == len(set(addresses))
        assert set(addresses) <= set().union(*map(forms_of, contacts["address"]))
        assert rows >= contacts.height - 1

    @pytest.mark.parametrize("channel", CHANNELS)
    def test_no_cell_is_a_formula_in_a_spreadsheet(self, channel: Channel, tmp_path: Path) -> None:
        """A phone number in E.164 is a number there: a plus sign and digits."""
        ((path, _),) = self.export.write(rough_contacts(channel), channel, tmp_path, "contacts")
        if path.suffix == ".csv":
            cells = [cell for record in _records(path) for cell in record]
            armed = [cell for cell in cells if re.match(FORMULA, cell) and not cell.startswith("'")]
            wrong = [cell for cell in armed if not re.match(PHONE_NUMBER, cell)]
            assert not wrong
            assert not [cell for cell in cells if "\n" in cell]

    @pytest.mark.parametrize("channel", CHANNELS)
    def test_nothing_else_of_the_person_is_in_the_file(self, channel: Channel, tmp_path: Path) -> None:
        """A hashed export holds no address at all; the others only the channel's."""
        for path, _ in self.export.write(rough_contacts(channel), channel, tmp_path, "contacts"):
            text = "\n".join(" ".join(record) for record in _records(path))
            others = rough_contacts("sms" if channel == "email" else "email")["address"]
            hashed = rough_contacts(channel)["address"].head(3 if self.export.hashed else 0)
            assert not [address for address in (*others, *hashed) if address.lstrip("+") in text]

    @pytest.mark.parametrize("channel", CHANNELS)
    def test_files_are_split_at_the_limits(
        self, channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each file has the header, none is above the limit, and no row is lost."""
        if self.export.max_rows is None and self.export.max_bytes is None:
            pytest.skip("no limit is documented")
        contacts = rough_contacts(channel, copies=40)
        total = self.export.table(contacts, channel).height
        if self.export.max_rows is not None:
            monkeypatch.setattr(type(self.export), "max_rows", 7)
        else:
            monkeypatch.setattr(type(self.export), "max_bytes", 400)
        files = self.export.write(contacts, channel, tmp_path, "contacts")
        assert len(files) > 2
        assert sum(rows for _, rows in files) == total == sum(len(_records(path)) - 1 for path, _ in files)
        for path, rows in files:
            assert rows <= 7 or self.export.max_rows is None
            assert path.stat().st_size <= (self.export.max_bytes or 10**9)
            assert tuple(_records(path)[0]) == self._header(channel)

    def _header(self, channel: Channel) -> tuple[str, ...]:
        return self.email_header if channel == "email" else self.sms_header

    def _address(self, record: list[str]) -> str:
        """Return the first cell that is not empty."""
        return next(cell for cell in record if cell)


def forms_of(address: str) -> set[str]:
    """Return every form of an address in a file: plain, bare digits, mailbox, and the digests of each.

    Example:
        >>> len(forms_of("jane.doe@gmail.com")), len(forms_of("+12125550123"))
        (4, 4)
    """
    plain = {address, mailbox(address)} if "@" in address else {address, address.lstrip("+")}
    return {*plain, *map(sha256, plain)}


def _records(path: Path) -> list[list[str]]:
    """Return the header and rows of a file as text."""
    if path.suffix == ".parquet":
        table = pl.read_parquet(path)
        return [table.columns, *([str(cell) for cell in row] for row in table.iter_rows())]
    return list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))
