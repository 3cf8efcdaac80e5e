"""Order lines in a frame of any library, made a shop in memory: what an import of the same rows as a file gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import FrameError, InputError
from frontrow.importing.formats.order_lines import choose_columns
from frontrow.shop.import_report import DataReport
from frontrow.shop.import_settings import DEFAULT_SETTINGS, ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_table
from frontrow.tables.frames import read_frame
from frontrow.tables.table_file import ROW, Table

NAME: Final = "orders"
FORMAT: Final = "order_lines"
ON_THE_COMMAND_LINE: Final = re.compile(r"--map (\w+)=COLUMN")


@dataclass(frozen=True)
class ReadOrders:
    """A shop made of a frame, and what became of its rows.

    Attributes:
        shop: The shop, in memory.
        report: Rows kept and dropped by reason, columns guessed, warnings; rows are counted from 0.
    """

    shop: Shop
    report: DataReport


def read_orders(frame: Any, settings: ImportSettings = DEFAULT_SETTINGS) -> ReadOrders:
    """Make a shop of order lines in a frame: rows are validated, products and customers found, as an import does.

    Args:
        frame: pandas, Polars (eager or lazy), PyArrow or a DuckDB relation, one row an order line. It has `order_id`,
            `ordered_at`, `quantity`, `price` and one of `product_id`, `sku` and `title`; the other fields of
            `frontrow import --map` may follow. Values may be text, as in a file.
        settings: `mapping` names the column of each field where it has another name; time zone, currency, grain.

    Raises:
        FrameError: It is no frame, a column is missing or has cells of another kind; names the column, and the row,
            counted from 0.

    Example:
        >>> import datetime as dt
        >>> frame = pl.DataFrame({"order_id": [1, 2], "client": ["a", "b"], "ordered_at": [dt.datetime(2026, 3, 1)] * 2,
        ...     "title": ["Pot", "Pot"], "quantity": [1, -1], "price": [9.5, 9.5]})
        >>> read = read_orders(frame, ImportSettings(mapping={"customer_id": "client"}, time_zone="UTC"))
        >>> read.shop.orders.collect().height, dict(read.report.files[0].dropped)
        (1, {'returned (negative quantity)': 1})
    """
    table = _make_table(frame)
    settings = replace(settings, format=FORMAT)
    try:
        choose_columns(table, settings.mapping)
    except InputError as error:
        raise _as_frame_error(error, row=None) from error
    try:
        shop, report = import_table(table, settings)
    except InputError as error:
        raise _as_frame_error(error, row=error.row) from error
    return ReadOrders(shop, report)


def _make_table(frame: Any) -> Table:
    """The frame as a file that has been opened; decimals are numbers, and rows are counted from 0."""
    rows = read_frame(frame, NAME).rename({ROW: f"{ROW} (2)"}, strict=False)
    rows = rows.with_columns(pl.selectors.decimal().cast(pl.Float64))
    return Table(Path(NAME), tuple(rows.columns), rows.with_row_index(ROW).lazy(), height=rows.height)


def _as_frame_error(error: InputError, *, row: int | None) -> FrameError:
    """What is wrong with a file, said of a frame."""
    problem = str(error).partition(": ")[2]
    problem = ON_THE_COMMAND_LINE.sub(r'mapping={"\1": COLUMN}', problem).replace("--map", "mapping")
    problem = problem.replace(", or export the file again", "")
    return FrameError(problem if row is None else f"row {row}: {problem}", frame=NAME, column=error.column)
