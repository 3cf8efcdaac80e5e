"""New products given as a frame of any library, in place of a file."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from frontrow.errors import FrameError
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA, make_product_id
from frontrow.masking import describe_value
from frontrow.tables.frames import conform_frame, read_frame

NAME: Final = "new products"
LAUNCH_DATE: Final = "launch_date"
AMOUNTS: Final = ("price", "margin", "stock")


def conform_new_products(frame: Any, launch_day: int) -> pl.DataFrame:
    """New products in the types of `launch_files.NEW_PRODUCT_SCHEMA`.

    Args:
        frame: pandas, Polars (eager or lazy), PyArrow or a DuckDB relation. Only `title` is required; a date in
            `launch_date` is read where there is no `launch_day`. Other columns are ignored.
        launch_day: For products without either (days since 1970-01-01).

    Returns:
        One row a product; a product without an id gets one made of its title.

    Raises:
        FrameError: A column is missing or of another type, a title is empty, an amount is negative, or two products
            have one id; names the column and the row, counted from 0.

    Example:
        >>> conform_new_products(pl.DataFrame({"title": ["Blue Pot"]}), 20_000)["product_id"].to_list()
        ['new:blue-pot']
    """
    table = read_frame(frame, NAME)
    if LAUNCH_DATE in table.columns and "launch_day" not in table.columns:
        dates = conform_frame(table, {LAUNCH_DATE: pl.Date()}, NAME)[LAUNCH_DATE]
        table = table.with_columns(dates.cast(pl.Int32).alias("launch_day"))
    products = conform_frame(table, NEW_PRODUCT_SCHEMA, NAME, required=("title",), filled=("title",))
    for column in AMOUNTS:
        negative = products[column] < 0
        if negative.any():
            row = int(negative.arg_true()[0])
            raise FrameError(
                f"found {products[column][row]} in row {row}, expected zero or more", frame=NAME, column=column
            )
    ids = [given or make_product_id(title) for given, title in products.select("product_id", "title").iter_rows()]
    products = products.with_columns(
        pl.Series("product_id", ids, pl.String), pl.col("launch_day").fill_null(launch_day)
    )
    repeated = products["product_id"].is_duplicated()
    if repeated.any():
        value = describe_value(products["product_id"][int(repeated.arg_true()[0])])
        raise FrameError(
            f"{value} is given twice", frame=NAME, column="product_id", advice="Give each product its own."
        )
    return products
