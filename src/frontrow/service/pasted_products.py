"""New products pasted from a spreadsheet: with a header or without, tabs, semicolons or commas between the cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from frontrow.errors import SettingError
from frontrow.launch.launch_files import NEW_PRODUCT_COLUMNS
from frontrow.tables.nearest_name import fold_name

MOST_PRODUCTS: Final = 200
SEPARATORS: Final = ("\t", ";", ",")
"""Tried in this order: a comma may stand within a title, a tab never does."""

WITHOUT_HEADER: Final = ("title", "product_type", "vendor", "price", "tags", "launch_date", "margin", "stock")
"""What the cells are of a table without a header."""

OTHER_NAMES: Final = {
    "product": "title",
    "name": "title",
    "type": "product_type",
    "brand": "vendor",
    "date": "launch_date",
    "launch": "launch_date",
    "launched on": "launch_date",
    "code": "sku",
}
"""What people call a column, beside its own name."""


def parse_pasted_products(text: str) -> list[dict[str, str]]:
    r"""Read products from pasted text.

    Args:
        text: One product a line; the first line may be a header.

    Returns:
        One mapping a product from `launch_files.NEW_PRODUCT_COLUMNS` to what stands there, as text.

    Raises:
        SettingError: There is no product, or there are too many (setting `pasted`).

    Example:
        >>> parse_pasted_products("Title\tPrice\nBlue Pot\t12.50")
        [{'title': 'Blue Pot', 'price': '12.50'}]
        >>> parse_pasted_products("Blue Pot\tPots")
        [{'title': 'Blue Pot', 'product_type': 'Pots'}]
    """
    rows = [row for row in _split(text) if any(row)]
    if not rows:
        raise SettingError("pasted", "Paste one row a product, such as: Blue Pot, Pots, Clayfield, 12.50.")
    columns = _read_header(rows[0])
    if columns is None:
        columns = WITHOUT_HEADER
    else:
        rows = rows[1:]
    products = [_to_product(columns, row) for row in rows]
    if not products or not all(product.get("title") for product in products):
        raise SettingError("pasted", "Every row needs a title. Write the word title above the column of the titles.")
    if len(products) > MOST_PRODUCTS:
        raise SettingError("pasted", f"These are {len(products)} products; {MOST_PRODUCTS} at most are ranked at once.")
    return products


def _split(text: str) -> list[list[str]]:
    first_line = text.lstrip("\ufeff\r\n").partition("\n")[0]
    separator = next((sign for sign in SEPARATORS if sign in first_line), "\t")
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=separator)
    return [[cell.strip() for cell in row] for row in rows]


def _read_header(cells: Sequence[str]) -> tuple[str, ...] | None:
    """The columns that the cells name, empty for one that is not read; None where they name none."""
    names = {column.replace("_", " "): column for column in NEW_PRODUCT_COLUMNS}
    columns = tuple((names | OTHER_NAMES).get(fold_name(cell), "") for cell in cells)
    return columns if "title" in columns else None


def _to_product(columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    return {column: cell for column, cell in zip(columns, row, strict=False) if column and cell}
