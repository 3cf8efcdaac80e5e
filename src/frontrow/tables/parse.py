"""Text cells to values: text, identifiers, numbers, yes and no, as Polars expressions or series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

GROUPED: Final = r"^\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?$"
DECIMAL_COMMA: Final = r"^(\d{1,3}(\.\d{3})+|\d+),\d{1,2}$|^0,\d+$"
DECIMAL_POINT: Final = r"\.\d{1,2}$|,\d{3}\."
THREE_DECIMALS: Final = r"^\d+,000$"
WHERE_COMMAS_ARE_DECIMAL: Final = r"^(\d{1,3}(\.\d{3})+(,\d+)?|\d+,\d+)$"
CURRENCY_SIGNS: Final = r"[\s\u00a0£$€¥₹]"
EITHER_WAY: Final = r"^\D{0,3}\d{1,3}[.,]\d{3}\D{0,3}$"
NO_CURRENCY: Final = "XXX"
"""What ISO 4217 calls no currency."""

YES: Final = ("yes", "true", "1", "y", "t", "subscribed")
NO: Final = ("no", "false", "0", "n", "f", "unsubscribed", "not_subscribed", "not subscribed")


def clean_text(column: str) -> pl.Expr:
    """Return the cell without white space around it; null when it is empty.

    Example:
        >>> pl.DataFrame({"a": [" x ", "  "]}).select(clean_text("a"))["a"].to_list()
        ['x', None]
    """
    stripped = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped).alias(column)


def clean_quoted_text(column: str) -> pl.Expr:
    """Return clean text without the apostrophe that keeps a spreadsheet from reading it as a number.

    Example:
        >>> pl.DataFrame({"zip": ["'01234"]}).select(clean_quoted_text("zip")).item()
        '01234'
    """
    bare = clean_text(column).str.strip_prefix("'").str.strip_chars()
    return pl.when(bare != "").then(bare).alias(column)


def clean_identifier(column: str, dtype: pl.DataType) -> pl.Expr:
    """Return an identifier as text; a number that a spreadsheet made a fraction is whole again.

    Args:
        column: Name of the column.
        dtype: Its type; of floats the integer part is taken.

    Example:
        >>> pl.DataFrame({"id": ["1234.0"]}).select(clean_identifier("id", pl.String())).item()
        '1234'
    """
    if dtype.is_float():
        return pl.col(column).cast(pl.Int64, strict=False).cast(pl.String).alias(column)
    return clean_quoted_text(column).str.replace(r"^(\d+)\.0+$", "$1")


def clean_email(column: str) -> pl.Expr:
    """Return an e-mail address as a key: stripped, in lower case; null when it is blank."""
    return clean_quoted_text(column).str.to_lowercase()


def clean_currency(column: str) -> pl.Expr:
    """Return a currency as its code of three letters, or its sign; `NO_CURRENCY` for any other text.

    Example:
        >>> pl.DataFrame({"c": [" eur", "€", "Jane Smith", None]}).select(clean_currency("c"))["c"].to_list()
        ['EUR', '€', 'XXX', None]
    """
    code = clean_text(column).str.to_uppercase()
    is_currency = code.str.contains(r"^([A-Z]{3}|\p{Sc})$")
    return pl.when(code.is_null() | is_currency).then(code).otherwise(pl.lit(NO_CURRENCY)).alias(column)


def parse_flag(column: str) -> pl.Expr:
    """Return yes as true and no as false; null for everything else."""
    lower = clean_text(column).str.to_lowercase()
    return pl.when(lower.is_in(YES)).then(True).when(lower.is_in(NO)).then(False).alias(column)


def parse_numbers(
    frame: pl.DataFrame, column: str, *, expect_integers: bool = False, others: Sequence[str] = ()
) -> pl.Series:
    """Return a column as floats; null where a cell is not a finite number.

    Grouped thousands (`1,234.50`, `1,23,456.78`), decimal commas (`12,50`) and currency signs are understood. Whether
    the comma of `12,500` groups thousands is decided by the other cells of the column.

    Args:
        frame: Holds the column.
        column: Its name.
        expect_integers: Read a column in which every cell is like `1,000` or `2,000` as ones with three decimals.
        others: Cells of the same column that are not in the frame, and decide with those that are.

    Example:
        >>> parse_numbers(pl.DataFrame({"a": ["12.5", "1,23,456.78", "12,50", "£3", "x"]}), "a").to_list()
        [12.5, 123456.78, 12.5, 3.0, None]
        >>> parse_numbers(pl.DataFrame({"a": ["12,500", "3,20"]}), "a").to_list()
        [12.5, 3.2]
    """
    cells = frame[column]
    if others and cells.dtype == pl.String:
        column_of_file = pl.concat([cells, pl.Series(column, others, pl.String)]).to_frame()
        return parse_numbers(column_of_file, column, expect_integers=expect_integers).head(cells.len())
    plain = cells.cast(pl.Float64, strict=False)
    if cells.dtype == pl.String and plain.null_count() > cells.null_count():
        plain = frame.select(plain.alias("plain"), column).select(
            _parse_formatted(column, expect_integers=expect_integers)
        )["plain"]
    return plain.to_frame("n").select(pl.when(pl.col("n").is_finite()).then("n").alias(column))[column]


def parse_integers(frame: pl.DataFrame, column: str, *, others: Sequence[str] = ()) -> pl.Series:
    """Return a column of quantities as integers; a fraction is null.

    Args:
        frame: Holds the column.
        column: Its name.
        others: See `parse_numbers`.
    """
    numbers = parse_numbers(frame, column, expect_integers=True, others=others)
    is_whole = (numbers == numbers.round()) & (numbers.abs() < 1e12)
    return numbers.to_frame("n").select(pl.when(is_whole).then("n").cast(pl.Int64, strict=False).alias(column))[column]


def bare_digits(column: str) -> pl.Expr:
    """Return the cells of a column of amounts without currency signs, an apostrophe and a minus."""
    return _without_currency(column).str.strip_prefix("-")


def _without_currency(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all(CURRENCY_SIGNS, "").str.strip_prefix("'")


def _parse_formatted(column: str, *, expect_integers: bool) -> pl.Expr:
    """Parse numbers with signs, groups or decimal commas; called only for columns that have such a cell."""
    sign = pl.when(_without_currency(column).str.starts_with("-")).then(-1.0).otherwise(1.0)
    digits = bare_digits(column)
    with_decimal_comma = _commas_are_decimal(digits, expect_integers=expect_integers) & digits.str.contains(
        WHERE_COMMAS_ARE_DECIMAL
    )
    amount = (
        pl.when(digits.str.contains(GROUPED) & ~with_decimal_comma)
        .then(digits.str.replace_all(",", ""))
        .when(with_decimal_comma | digits.str.contains(DECIMAL_COMMA))
        .then(digits.str.replace_all(".", "", literal=True).str.replace(",", "."))
        .otherwise(digits)
    )
    value = sign * amount.cast(pl.Float64, strict=False)
    return pl.when(with_decimal_comma).then(value).otherwise(pl.coalesce("plain", value)).alias("plain")


def _commas_are_decimal(digits: pl.Expr, *, expect_integers: bool) -> pl.Expr:
    """Whether the column has a decimal comma and no decimal point, or only whole units with three decimals."""
    commas, points = digits.str.contains(DECIMAL_COMMA).any(), digits.str.contains(DECIMAL_POINT).any()
    filled = pl.when(digits != "").then(digits)
    return (commas & ~points) | pl.lit(expect_integers) & filled.str.contains(THREE_DECIMALS).all()
