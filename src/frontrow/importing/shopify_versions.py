"""Several states of one order in one Shopify export, as where two exports were put together in a spreadsheet.

An order has one row with its own fields, and further rows for its other items. A second row with the order's own
fields begins another state of the order, unless the file repeats those fields on every row. Where the rows were
sorted, so that the items of two states stand mixed, each state must have the same items: else nothing tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from frontrow.errors import InputError
from frontrow.tables.table_file import ROW, Table
from frontrow.tables.whole_file import MixedStates

KEY = "order_id"
POSITION = "position"
STATE = "state"
MIXED = (
    "Sort the rows by the order's name and then as they were exported, or import the exports one beside the other "
    "instead of putting them together."
)


def number_versions(
    table: Table, lines: pl.DataFrame, openings: pl.DataFrame, item_cells: Sequence[str]
) -> pl.DataFrame:
    """Add the `version` of its order to each row, from 0.

    Args:
        table: The file.
        lines: All rows: `position`, `row`, `order_id`, the item's cells, and `opens`: whether the row has the order's
            own fields.
        openings: The rows with `opens`, and others, with a number for the order's own fields in `STATE`.
        item_cells: Columns of `lines` with the item's.

    Raises:
        InputError: The items of two states of an order stand mixed and cannot be told apart.
    """
    opening = openings.select(POSITION, KEY, STATE, "opens").filter("opens")
    repeated = opening.filter(opening[KEY].is_duplicated())
    if not repeated.height:
        return lines.with_columns(version=pl.lit(0, pl.Int32))
    states = repeated.select(POSITION, STATE)
    rows = lines.filter(pl.col(KEY).is_in(repeated[KEY].unique().implode()))
    rows = rows.select(POSITION, ROW, KEY, "opens", item=_dense_number(rows, [KEY, *item_cells]))
    rows = rows.join(states, on=POSITION, how="left", maintain_order="left")
    rows = _mark_positions(rows)
    mixed = rows.filter(pl.col("mixed").any().over(KEY))
    versions = pl.concat([_number_in_turn(rows.filter(~pl.col("mixed").any().over(KEY))), _number_mixed(table, mixed)])
    return lines.join(versions, on=POSITION, how="left", maintain_order="left").with_columns(
        pl.col("version").fill_null(0)
    )


def _mark_positions(rows: pl.DataFrame) -> pl.DataFrame:
    """Add where a row stands: whether it is its order's first, follows other orders, or may be of any state."""
    previous = pl.col(POSITION).shift(1).over(KEY)
    first = previous.is_null()
    # by the rows of the file, where the table is a part of it
    far = pl.col(ROW).cast(pl.Int64) - pl.col(ROW).cast(pl.Int64).shift(1).over(KEY) > 1
    apart = ((pl.col(POSITION) - previous > 1) | far).fill_null(False)
    # an item without the order's fields belongs to the state above it, if it stands below that state's rows
    return rows.with_columns(first=first, mixed=~pl.col("opens") & (first | apart))


def _number_in_turn(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the states of orders whose rows stand one below the other.

    A row with the order's fields begins another state if those differ from the state above, or if it repeats the first
    item of that state: else the file has the order's fields on every row.
    """
    previous_state = pl.col("state").forward_fill().shift(1).over(KEY)
    rows = rows.with_columns(differs=(pl.col("state") != previous_state).fill_null(False))
    first_item = pl.col("item").first().over(KEY, "state")
    begins = pl.col("opens") & ~pl.col("first") & (pl.col("differs") | (pl.col("item") == first_item))
    return rows.select(POSITION, version=begins.cast(pl.Int32).cum_sum().over(KEY))


def _number_mixed(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Number the states of orders whose rows stand mixed: the first of each item is of the first state, and so on."""
    states = pl.col("opens").sum().over(KEY)
    uneven = rows.filter(pl.len().over(KEY, "item") % states != 0)
    if uneven.height:
        mixed = MixedStates(int(uneven[ROW].min()), uneven[KEY].n_unique())  # type: ignore[arg-type]
        if table.whole is None:
            refuse_mixed(table, [mixed])
        else:
            table.whole.mixed.append(mixed)
    occurrence = pl.int_range(pl.len()).over(KEY, "item")
    return rows.select(POSITION, version=(occurrence % states).cast(pl.Int32))


def refuse_mixed(table: Table, parts: Sequence[MixedStates]) -> None:
    """Refuse a file that holds orders of which nothing tells which row is of which state.

    Args:
        table: The file.
        parts: What cannot be told apart in each part of it.

    Raises:
        InputError: There is any; shows the first row.
    """
    if not parts:
        return
    orders = sum(part.orders for part in parts)
    whose = "an order" if orders == 1 else f"{orders:,} orders"
    problem = f"the rows of {whose} in several states stand mixed, and nothing tells which row is of which state"
    raise InputError(problem, file=table.file, row=min(part.row for part in parts), advice=MIXED)


def _dense_number(rows: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Return a number for each row, equal where all the columns are."""
    cells = rows.select(columns)
    numbers = cells.unique(maintain_order=True).with_row_index("number")
    return cells.join(numbers, on=list(columns), how="left", nulls_equal=True, maintain_order="left")["number"]
