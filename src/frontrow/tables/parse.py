"""Cells to values: text, numbers, stamps, yes and no. Every function is a Polars expression or makes one."""

from __future__ import annotations

from typing import Final

import polars as pl

GROUPED: Final = r"^\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?$"
DECIMAL_COMMA: Final = r"^(\d{1,3}(\.\d{3})+|\d+),\d{1,2}$|^0,\d+$"
DECIMAL_POINT: Final = r"\.\d{1,2}$|,\d{3}\."
THREE_DECIMALS: Final = r"^\d+,000$"
WHERE_COMMAS_ARE_DECIMAL: Final = r"^(\d{1,3}(\.\d{3})+(,\d+)?|\d+,\d+)$"
CURRENCY_SIGNS: Final = r"[\s\u00a0£$€¥₹]"
WITH_OFFSET: Final = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%:z", "%Y-%m-%dT%H:%M:%S%z")
WITHOUT_OFFSET: Final = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
)
DATE_ONLY: Final = ("%Y-%m-%d", "%Y/%m/%d")
YES: Final = ("yes", "true", "1", "y", "t", "subscribed")
NO: Final = ("no", "false", "0", "n", "f", "unsubscribed", "not_subscribed", "not subscribed")


def text(column: str) -> pl.Expr:
    """The cell without white space around it; an empty one is null.

    Example:
        >>> pl.DataFrame({"a": [" x ", "  "]}).select(text("a"))["a"].to_list()
        ['x', None]
    """
    stripped = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped).alias(column)


def unquoted(column: str) -> pl.Expr:
    """Text without the apostrophe that keeps a spreadsheet from reading it as a number.

    Example:
        >>> pl.DataFrame({"zip": ["'01234"]}).select(unquoted("zip")).item()
        '01234'
    """
    bare = text(column).str.strip_prefix("'").str.strip_chars()
    return pl.when(bare != "").then(bare).alias(column)


def identifier(column: str, dtype: pl.DataType) -> pl.Expr:
    """Text of an identifier; a number that a spreadsheet made a fraction is whole again (`1234.0` is `1234`)."""
    if dtype.is_float():
        return pl.col(column).cast(pl.Int64, strict=False).cast(pl.String).alias(column)
    return unquoted(column).str.replace(r"^(\d+)\.0+$", "$1")


def email(column: str) -> pl.Expr:
    """An e-mail address as a key: trimmed, lower-cased; null when blank."""
    return unquoted(column).str.to_lowercase()


def flag(column: str) -> pl.Expr:
    """Yes or no; null when neither is said."""
    lower = text(column).str.to_lowercase()
    return pl.when(lower.is_in(YES)).then(True).when(lower.is_in(NO)).then(False).alias(column)


def number(frame: pl.DataFrame, column: str, *, whole: bool = False) -> pl.Series:
    """Amounts as floats; what is no finite number is null.

    Grouped thousands (`1,234.50`, `1,23,456.78`), decimal commas (`12,50`) and currency signs are understood. Whether
    the comma of `12,500` groups thousands is told by the other cells of the column; of a column of whole numbers that
    are thousands all of them (`1,000`, `2,000`), it is none.

    Example:
        >>> number(pl.DataFrame({"a": ["12.5", "1,23,456.78", "12,50", "£3", "x"]}), "a").to_list()
        [12.5, 123456.78, 12.5, 3.0, None]
        >>> number(pl.DataFrame({"a": ["12,500", "3,20"]}), "a").to_list()
        [12.5, 3.2]
    """
    cells = frame[column]
    plain = cells.cast(pl.Float64, strict=False)
    if cells.dtype == pl.String and plain.null_count() > cells.null_count():
        plain = frame.select(plain.alias("plain"), column).select(_number_of_text(column, whole=whole))["plain"]
    return plain.to_frame("n").select(pl.when(pl.col("n").is_finite()).then("n").alias(column))[column]


def _number_of_text(column: str, *, whole: bool) -> pl.Expr:
    """Only columns with a cell that is no plain number take the slow road."""
    bare = pl.col(column).str.replace_all(CURRENCY_SIGNS, "").str.strip_prefix("'")
    sign = pl.when(bare.str.starts_with("-")).then(-1.0).otherwise(1.0)
    digits = bare.str.strip_prefix("-")
    of_commas = _commas_are_decimal(digits, whole=whole) & digits.str.contains(WHERE_COMMAS_ARE_DECIMAL)
    amount = (
        pl.when(digits.str.contains(GROUPED) & ~of_commas)
        .then(digits.str.replace_all(",", ""))
        .when(of_commas | digits.str.contains(DECIMAL_COMMA))
        .then(digits.str.replace_all(".", "", literal=True).str.replace(",", "."))
        .otherwise(digits)
    )
    value = sign * amount.cast(pl.Float64, strict=False)
    return pl.when(of_commas).then(value).otherwise(pl.coalesce("plain", value)).alias("plain")


def _commas_are_decimal(digits: pl.Expr, *, whole: bool) -> pl.Expr:
    """Whether the column has a decimal comma and no decimal point, or nothing but whole units to three decimals."""
    commas, points = digits.str.contains(DECIMAL_COMMA).any(), digits.str.contains(DECIMAL_POINT).any()
    filled = pl.when(digits != "").then(digits)
    return (commas & ~points) | pl.lit(whole) & filled.str.contains(THREE_DECIMALS).all()


def whole_number(frame: pl.DataFrame, column: str) -> pl.Series:
    """Quantities as integers; a fraction is null."""
    amount = number(frame, column, whole=True)
    whole = (amount == amount.round()) & (amount.abs() < 1e12)
    return amount.to_frame("n").select(pl.when(whole).then("n").cast(pl.Int64, strict=False).alias(column))[column]
