"""Launch days a shop states itself, where the first sale is not the launch."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final

from frontrow.errors import InputError
from frontrow.shop.shop import EPOCH
from frontrow.tables.text_table import filled_rows, read_text_table

COLUMNS: Final = ("product_id", "launch_date")
ADVICE: Final = "Write a CSV file with the columns product_id and launch_date."
DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})([ T].*)?")


def read_launch_dates(file: str | Path) -> dict[str, int]:
    """Read a CSV file with the columns `product_id` and `launch_date` (YYYY-MM-DD); others are passed over.

    Returns:
        Launch day by product id, as days since 1970-01-01.

    Raises:
        InputError: The file or a column is missing, a cell is empty, a date cannot be read, or a product has two.
    """
    file = Path(file)
    days: dict[str, int] = {}
    for row, product_id, date in filled_rows(read_text_table(file, ADVICE, required=COLUMNS), COLUMNS).iter_rows():
        if product_id is None:
            raise InputError("is empty", file=file, row=row, column="product_id", advice=ADVICE)
        day = launch_day(date, file, row)
        if days.setdefault(product_id, day) != day:
            problem = f'gives "{product_id}" another date than a row above'
            raise InputError(problem, file=file, row=row, column="launch_date", advice="Keep one of the two.")
    return days


def launch_day(date: str | None, file: Path, row: int) -> int:
    """A cell of the column `launch_date` as days since 1970-01-01; a time of day after it is passed over.

    Raises:
        InputError: It is no date.

    Example:
        >>> launch_day("1970-01-03 00:00", Path("dates.csv"), 2)
        2
    """
    found = DATE.fullmatch(date or "")
    try:
        return (dt.date.fromisoformat(found[1] if found else "") - EPOCH).days
    except ValueError as error:
        problem = f'"{date}" is not a date' if date else "is empty"
        advice = "Write 2026-03-01, say."
        raise InputError(problem, file=file, row=row, column="launch_date", advice=advice) from error
