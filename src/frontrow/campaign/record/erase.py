"""Erase a person from a campaign's folder: from the assignment, and from the files with addresses, hashed ones too."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.campaign.addresses import digits, mailbox, normal_email, normal_phone, sha256
from frontrow.campaign.record.campaign import (
    ASSIGNMENT,
    EXPORTS,
    PROPERTIES_FILE,
    replace_assignment,
    settle_assignment,
)
from frontrow.campaign.record.responses import RESPONSES_FILE, erase_from_responses
from frontrow.errors import CampaignError
from frontrow.shop.forgotten import Forgotten
from frontrow.storage.folder import replace_file, sweep_staging, write_parquet
from frontrow.tables.csv_output import csv_lines, restore_text

CUSTOMER: Final = "customer_id"
DIGEST: Final = re.compile("[0-9a-f]{64}")


def address_forms(emails: Iterable[str], phones: Iterable[str], regions: Iterable[str]) -> Iterator[str]:
    """The forms in which export files write a person's addresses: normalised, and hashed.

    Args:
        emails: The person's e-mail addresses.
        phones: The person's phone numbers.
        regions: Country codes for phone numbers without one.

    Example:
        >>> forms = list(address_forms(["Jane.Doe@gmail.com"], [], []))
        >>> forms[:2], [len(form) for form in forms[2:]]
        (['jane.doe@gmail.com', 'janedoe@gmail.com'], [64, 64])
    """
    regions = list(regions)
    plain = [form for email in map(normal_email, emails) if email is not None for form in (email, mailbox(email))]
    numbers = {normal_phone(phone, region) for phone in phones for region in (None, *regions)}
    plain += [form for number in sorted(number for number in numbers if number) for form in (number, digits(number))]
    for form in dict.fromkeys(plain):
        yield form
    for form in dict.fromkeys(plain):
        yield sha256(form)


def erase_from_campaign(folder: Path, numbers: Sequence[int], forgotten: Forgotten) -> list[Path]:
    """Erase persons from a campaign's folder; a file that says nothing of them stays as it is.

    What an interrupted command left there goes too.

    Args:
        folder: The campaign's folder.
        numbers: Their customer numbers.
        forgotten: Recognises their addresses.

    Returns:
        The files that were written anew.

    Raises:
        CampaignError: A file is damaged, so that nobody can be erased from it.
    """
    for place in (folder, folder / EXPORTS):
        sweep_staging(place)
    written = [folder / RESPONSES_FILE] if erase_from_responses(folder, numbers) else []
    for file in sorted([folder / ASSIGNMENT, folder / PROPERTIES_FILE, *(folder / EXPORTS).glob("*")]):
        if file.suffix == ".parquet" and file.is_file():
            written += [file] if _erase_from_parquet(file, numbers, forgotten) else []
        elif file.suffix == ".csv":
            written += [file] if _erase_from_csv(file, numbers, forgotten) else []
    return written


def _erase_from_parquet(file: Path, numbers: Sequence[int], forgotten: Forgotten) -> bool:
    try:
        rows = pl.read_parquet(file, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise CampaignError(f"{file} is damaged: nobody can be erased from it. Delete it.") from error
    is_theirs = _find_rows(rows, numbers, forgotten)
    if not is_theirs.any():
        if file.name == ASSIGNMENT:
            settle_assignment(file.parent)
        return False
    if file.name == ASSIGNMENT:
        replace_assignment(file.parent, rows.filter(~is_theirs))
        return True
    with replace_file(file) as staged:
        write_parquet(rows.filter(~is_theirs).lazy(), staged)
    return True


def _erase_from_csv(file: Path, numbers: Sequence[int], forgotten: Forgotten) -> bool:
    try:
        header, *lines = csv.reader(io.StringIO(file.read_bytes().decode(), newline=""))
    except (ValueError, csv.Error) as error:
        raise CampaignError(f"{file} is damaged: nobody can be erased from it. Delete it.") from error
    if any(len(line) != len(header) for line in lines) or len({*header}) != len(header):
        raise CampaignError(f"{file} is damaged: nobody can be erased from it. Delete it.")
    rows = pl.DataFrame(lines, schema=dict.fromkeys(header, pl.String), orient="row")
    is_theirs = _find_rows(rows, numbers, forgotten)
    if not is_theirs.any():
        return False
    phones = [name for name in header if "phone" in name.lower()]
    plain = rows.filter(~is_theirs).with_columns(pl.all().map_elements(restore_text, return_dtype=pl.String))
    with replace_file(file) as staged:
        staged.write_bytes(b"".join(csv_lines(plain, exact=phones)))
    return True


def _find_rows(rows: pl.DataFrame, numbers: Sequence[int], forgotten: Forgotten) -> pl.Series:
    """Which rows are of forgotten persons: by number, or by a cell that is an address or the digest of one."""
    is_theirs = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    for column in rows:
        if column.name == CUSTOMER:
            is_theirs |= column.cast(pl.String).is_in([str(number) for number in numbers])
        elif column.dtype == pl.String:
            is_phone = "phone" in column.name.lower()
            is_address = column.str.contains("@") | column.str.contains(f"^{DIGEST.pattern}$") | pl.lit(is_phone)
            addresses = pl.select(pl.when(is_address).then(column)).to_series()
            is_theirs |= forgotten.matches(addresses, phones=is_phone)
    return is_theirs.fill_null(False)
