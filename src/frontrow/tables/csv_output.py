"""The one way in which frontrow writes a CSV file: no text cell is a formula in a spreadsheet.

A title such as `=HYPERLINK("http://...")` comes from whoever can name a product, and a spreadsheet that opens the file
would run it. Every text cell that a spreadsheet could take for a formula gets an apostrophe in front; numbers stay
numbers. `restore_text` takes the apostrophe off again where frontrow reads such a file back.

One kind of cell stays as it is, and only in the columns that a caller names: phone numbers in E.164, which platforms
take in no other form. A plus sign and digits are a number to a spreadsheet, and nothing runs. Other exports need no
exception: an e-mail address that begins like a formula is no address (`campaign.addresses`), a hash has digits and
letters only, and tags for Shopify begin with the campaign's own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import IO, Final

import polars as pl

# full-width and small forms, which spreadsheets set for East Asia read as the sign itself, and the minus of mathematics
SIGNS: Final = "=+@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212-"
# white space, quotes and invisible characters, which some spreadsheets skip
SKIPPED: Final = "\\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\"'`\u2018\u2019\u201c\u201d"
FORMULA: Final = f"^(?:[{SKIPPED}]*[{SIGNS}]|[\t\r\n])"
"""What a spreadsheet may read as a formula; a regular expression for Python and Polars alike."""

PHONE_NUMBER: Final = r"^\+\d{1,15}$"

_FORMULA = re.compile(FORMULA)


def write_csv(
    rows: pl.DataFrame,
    file: str | Path | IO[bytes],
    *,
    exact: Collection[str] = (),
    decimals: int = 6,
    byte_order_mark: bool = False,
    line_end: str = "\n",
    header: bool = True,
) -> None:
    r"""Write a table as CSV in UTF-8, with every formula disarmed; lists of texts are joined by "; ".

    Args:
        rows: The table.
        file: Where to write.
        exact: Columns of phone numbers in E.164, which stay as they are.
        decimals: Of the fractions of numbers.
        byte_order_mark: Begin with the mark by which some programs recognise UTF-8.
        line_end: Ends each row.
        header: Begin with the names of the columns.

    Example:
        >>> file = io.BytesIO()
        >>> write_csv(pl.DataFrame({"title": ["=1+1", "Pot"], "change": [-1, 2]}), file)
        >>> file.getvalue().decode()
        "title,change\n'=1+1,-1\nPot,2\n"
    """
    disarm_formulas(rows, exact).write_csv(
        file,
        float_precision=decimals,
        include_bom=byte_order_mark,
        line_terminator=line_end,
        include_header=header,
    )


def csv_lines(rows: pl.DataFrame, *, exact: Collection[str] = ()) -> list[bytes]:
    r"""Return the header and each row as a line of CSV in UTF-8, with every formula disarmed.

    Args:
        rows: The table.
        exact: Columns of phone numbers in E.164, which stay as they are.

    Example:
        >>> csv_lines(pl.DataFrame({"phone": ["+447700900123", "+1+cmd"]}), exact=["phone"])
        [b'phone\r\n', b'+447700900123\r\n', b"'+1+cmd\r\n"]
    """
    disarmed = disarm_formulas(rows, exact)
    return [_csv_line(cells) for cells in (disarmed.columns, *disarmed.iter_rows())]


def disarm_formulas(rows: pl.DataFrame, exact: Collection[str] = ()) -> pl.DataFrame:
    """Return a table whose text is no formula in any cell or column name; lists of texts become one text.

    Args:
        rows: The table.
        exact: Columns of phone numbers in E.164, which stay as they are.
    """
    lists = pl.selectors.by_dtype(pl.List(pl.String))
    texts = rows.with_columns(lists.list.join("; "), pl.selectors.categorical().cast(pl.String))
    texts = texts.with_columns(pl.selectors.enum().cast(pl.String))
    names = {name: disarm_text(name) for name in texts.columns}
    return texts.with_columns(
        _disarm(name, is_exact=name in exact) for name, dtype in texts.schema.items() if dtype == pl.String
    ).rename(names)


def disarm_text(text: str) -> str:
    """Return a text with an apostrophe in front if a spreadsheet may read it as a formula.

    Example:
        >>> disarm_text("=1+1"), disarm_text(" @sum"), disarm_text("Pot - red")
        ("'=1+1", "' @sum", 'Pot - red')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def restore_text(text: str) -> str:
    """Return the text that `disarm_text` was given.

    Example:
        >>> restore_text("'=1+1"), restore_text("'tis"), restore_text(disarm_text("'=1+1"))
        ('=1+1', "'tis", "'=1+1")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _disarm(column: str, *, is_exact: bool) -> pl.Expr:
    text = pl.col(column)
    armed = text.str.contains(FORMULA)
    if is_exact:
        armed &= ~text.str.contains(PHONE_NUMBER)
    return pl.when(armed).then(pl.lit("'") + text).otherwise(text).alias(column)


def _csv_line(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()
