"""Read what became of a campaign's messages from a platform's files: an address and truth values a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.response_layout import RESPONSES, ResponseLayout, load_layouts
from frontrow.errors import InputError, SettingError
from frontrow.masking import list_columns
from frontrow.tables.columns import match_columns
from frontrow.tables.table_file import Table, open_table

FIELDS = ("email", "phone", *RESPONSES)
"""What `--map` can name a column of."""


@dataclass(frozen=True)
class ResponseFile:
    """A file of responses as a person named it.

    Attributes:
        path: The file.
        response: What every row of it says; None where its columns say it.
    """

    path: Path
    response: str | None = None

    @classmethod
    def parse(cls, text: str) -> ResponseFile:
        """Read FILE, or RESPONSE=FILE.

        Example:
            >>> ResponseFile.parse("opened=spring.csv").response, ResponseFile.parse("spring.csv").response
            ('opened', None)
        """
        name, sign, path = text.partition("=")
        if sign and path and name.strip().lower() in RESPONSES:
            return cls(Path(path), name.strip().lower())
        return cls(Path(text))


@dataclass(frozen=True)
class ResponseRows:
    """What one file, or one answer of a platform, says.

    Attributes:
        name: The file's name, or the platform's.
        layout: Name of the layout that read it.
        rows: `address` as in the file, and a truth value for each response in `reported`; the only place where
            addresses are.
        reported: The responses that it tells of.
    """

    name: str
    layout: str
    rows: pl.DataFrame
    reported: tuple[str, ...]


def check_mapping(mapping: Mapping[str, str]) -> None:
    """Refuse fields that no file of responses has.

    Raises:
        SettingError: There is no such field.
    """
    for field in mapping:
        if field not in FIELDS:
            raise SettingError("map", f'"{field}" is not a field. The fields are: {", ".join(FIELDS)}.')


def read_responses(files: Sequence[ResponseFile], channel: Channel, mapping: Mapping[str, str]) -> list[ResponseRows]:
    """Read files of responses.

    Args:
        files: As a person named them.
        channel: Of the campaign: which addresses are looked for.
        mapping: Column by field, where a person named them.

    Raises:
        InputError: A file cannot be read, has no column of addresses, or does not say what happened; the message has
            no cell of it.
        SettingError: `mapping` names an unknown field.
    """
    check_mapping(mapping)
    return [_read(open_table(file.path), file, channel, mapping) for file in files]


def _read(table: Table, file: ResponseFile, channel: Channel, mapping: Mapping[str, str]) -> ResponseRows:
    layout = _choose_layout(table, channel, mapping)
    address = layout.find_address(table.header, channel)
    if address is None or _missing_columns(table, mapping):
        raise _cannot_read(table, channel, mapping)
    flags = {file.response: pl.lit(True)} if file.response is not None else layout.find_responses(table.header, channel)
    if not flags:
        raise InputError(
            f"the columns do not say what became of the messages; found {list_columns(table.header)}",
            file=table.file,
            row=1,
            advice=f"Write what its rows are, as in opened={table.file.name} ({', '.join(RESPONSES)}), or name a "
            "column with --map opened=COLUMN.",
        )
    rows = table.read(table.header).with_columns(pl.col(address).cast(pl.String))
    rows = rows.select(pl.col(address).alias("address"), *(flag.alias(name) for name, flag in flags.items()))
    rows = rows.filter(pl.col("address").fill_null("").str.strip_chars() != "")
    # an event that no row tells of may simply not be in this file
    reported = [
        name
        for name in RESPONSES
        if name in flags and (file.response or _is_reported(rows, name, layout, table, channel))
    ]
    return ResponseRows(table.file.name, layout.name, rows.select("address", *reported), tuple(reported))


def _choose_layout(table: Table, channel: Channel, mapping: Mapping[str, str]) -> ResponseLayout:
    """The layout that finds most in a file; the plain one where a person named columns, or no other finds any."""
    layouts = load_layouts()
    plain = layouts.pop("generic")
    if mapping:
        return plain.with_columns(mapping)
    fitting = [layout for layout in (*layouts.values(), plain) if layout.find_address(table.header, channel)]
    return max(fitting, key=lambda layout: len(layout.find_responses(table.header, channel)), default=plain)


def _is_reported(rows: pl.DataFrame, response: str, layout: ResponseLayout, table: Table, channel: Channel) -> bool:
    """Whether a file tells of a response: it has a column of its own for it, or a row that names it."""
    own_column = ResponseLayout(layout.name, layout.title, layout.addresses, layout.responses)
    return response in own_column.find_responses(table.header, channel) or bool(rows[response].any())


def _missing_columns(table: Table, mapping: Mapping[str, str]) -> list[str]:
    """The columns that a person named and the file does not have."""
    matches = match_columns(table.header, {field: (column,) for field, column in mapping.items()})
    return [column for field, column in mapping.items() if field not in matches]


def _cannot_read(table: Table, channel: Channel, mapping: Mapping[str, str]) -> InputError:
    if missing := _missing_columns(table, mapping):
        problem = f"there is no column {' and no column '.join(missing)}; found {list_columns(table.header)}"
        return InputError(problem, file=table.file, row=1, advice="Correct --map.")
    field = "email" if channel == "email" else "phone"
    return InputError(
        f"there is no column of {'e-mail addresses' if channel == 'email' else 'phone numbers'}; found "
        f"{list_columns(table.header)}",
        file=table.file,
        row=1,
        advice=f"Name it with --map {field}=COLUMN.",
    )
