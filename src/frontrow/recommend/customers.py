"""Whom lists are made for: customers that a file names, and new customers by what is known of their first order."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import InputError
from frontrow.masking import describe_cell, mask_column
from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Queries
from frontrow.schema import conform
from frontrow.storage.pointer import CUSTOMERS
from frontrow.storage.shop_tables import ShopTables
from frontrow.tables.country_names import find_country_code, find_same_country
from frontrow.tables.text_table import FIRST_ROW, filled_rows, read_text_table

KEYS: Final = ("customer_id", "source_id")

REGION_FIELDS: Final = ("country", "province", "city")

RANGES: Final = {"hour": (0, 23), "month": (1, 12)}

FIRST_ORDER_FIELDS: Final = (*REGION_FIELDS, *RANGES)
"""Columns of a file of first orders."""

FIRST_ORDER_SCHEMA: Final = {name: CONTEXT_SCHEMA[name] for name in FIRST_ORDER_FIELDS}


@dataclass(frozen=True)
class CustomerSelection:
    """Customers that a file names.

    Attributes:
        customer_ids: Of those the shop has, each once, in the order of the file; int64.
        unknown: Number of rows that name no customer of the shop.
    """

    customer_ids: NDArray[np.int64]
    unknown: int


def read_customer_ids(folder: str | Path) -> pl.DataFrame:
    """Read `customer_id` and `source_id` of a shop's customers, without its orders.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    tables = ShopTables.open(Path(folder), (CUSTOMERS,))
    return tables.scan(CUSTOMERS).select(KEYS).collect()


def read_customers(file: str | Path, shop_customers: pl.DataFrame) -> CustomerSelection:
    r"""Read for whom lists are made.

    Args:
        file: CSV with a column `customer_id` (the shop's numbers) or `source_id` (the ids of the shop's own system, as
            in `audience.csv`), the first where it has both; other columns are ignored.
        shop_customers: `read_customer_ids`.

    Raises:
        InputError: The file does not exist, has neither column, a `customer_id` is not a number, or no customer is one
            of the shop's.

    Example:
        >>> import tempfile
        >>> shop_customers = pl.DataFrame({"customer_id": [7, 8], "source_id": ["A-1", "a@example.com"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "customers.csv"
        ...     _ = file.write_text("source_id\nA@example.com \nA-1\nZ-9\nA-1\n")
        ...     read_customers(file, shop_customers)
        CustomerSelection(customer_ids=array([8, 7]), unknown=1)
    """
    file = Path(file)
    table = read_text_table(file, 'Give a CSV file with customer_id or source_id, "returning", "all" or "new".')
    keys = [name for name in KEYS if name in table.columns]
    if not keys:
        problem = "there is no column customer_id or source_id"
        raise InputError(problem, file=file, row=1, advice="Write one of the two above the ids.")
    rows = filled_rows(table, keys[:1])
    if keys[0] == "customer_id":
        numbers = _parse_customer_ids(file, rows).to_frame("customer_id")
        is_customer = shop_customers.select("customer_id", is_customer=True)
        matched = numbers.join(is_customer, on="customer_id", how="left", maintain_order="left")
    else:
        matched = _match_source_ids(rows["source_id"], shop_customers)
    customer_ids = matched.filter(pl.col("is_customer"))["customer_id"].unique(maintain_order=True)
    if customer_ids.len() == 0:
        raise InputError("names no customer of this shop", file=file, advice="Are the ids those of this shop?")
    unknown = matched.height - int(matched["is_customer"].sum())
    return CustomerSelection(customer_ids.cast(pl.Int64).to_numpy(), unknown)


def build_first_order_queries(contexts: pl.DataFrame) -> Queries:
    """Make the queries of new customers.

    Args:
        contexts: `FIRST_ORDER_SCHEMA`, one row a first order; null where not known.

    Example:
        >>> contexts = pl.DataFrame({"country": ["DE"], "month": [5]})
        >>> build_first_order_queries(conform(contexts, FIRST_ORDER_SCHEMA)).rows.tolist()
        [-1]
    """
    return Queries(np.full(contexts.height, -1, dtype=np.int64), conform(contexts, CONTEXT_SCHEMA))


def build_usual_contexts(past_contexts: pl.DataFrame, month: int) -> pl.DataFrame:
    """Make a first order from each country that orders come from, the country of most customers first.

    Args:
        past_contexts: `CONTEXT_SCHEMA`, one row a customer.
        month: Of the first orders, from 1.
    """
    countries = past_contexts.group_by("country").len().sort(["len", "country"], descending=[True, False])
    contexts = countries.select("country").with_columns(month=pl.lit(month, pl.Int8))
    return conform(contexts, FIRST_ORDER_SCHEMA)


def read_contexts(file: str | Path, month: int) -> pl.DataFrame:
    r"""Read first orders.

    Args:
        file: CSV, one row a first order, with any of the columns `FIRST_ORDER_FIELDS`; an empty cell is not known.
        month: Of orders without a month.

    Returns:
        `FIRST_ORDER_SCHEMA`.

    Raises:
        InputError: The file does not exist, has no row or another column, or an hour or month is out of range.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "first.csv"
        ...     _ = file.write_text("country,hour\nDE,9\n,\n")
        ...     read_contexts(file, month=5).rows()
        [('DE', None, None, 9, 5), (None, None, None, None, 5)]
    """
    file = Path(file)
    advice = f"Give a CSV file with columns among {', '.join(FIRST_ORDER_FIELDS)}."
    # a row of empty cells is an order of which nothing is known
    table = read_text_table(file, advice)
    for name in table.columns:
        if name not in FIRST_ORDER_FIELDS:
            raise InputError(f'has the unknown column "{mask_column(name)}"', file=file, row=1, advice=advice)
    if table.height == 0:
        raise InputError("has no row", file=file, advice=advice)
    numbers = [_parse_integers(file, table[name], *RANGES[name]) for name in RANGES if name in table.columns]
    texts = [table[name].str.strip_chars().replace("", None) for name in table.columns if name not in RANGES]
    contexts = conform(pl.DataFrame([*texts, *numbers]), FIRST_ORDER_SCHEMA)
    return contexts.with_columns(pl.col("month").fill_null(month))


def normalize_regions(contexts: pl.DataFrame, past_contexts: pl.DataFrame) -> pl.DataFrame:
    """Write countries, provinces and cities as past orders do, where only upper and lower case differ.

    Args:
        contexts: `FIRST_ORDER_SCHEMA`.
        past_contexts: `CONTEXT_SCHEMA` of past orders.

    Example:
        >>> past = conform(pl.DataFrame({"country": ["DE", "de", "DE"], "city": ["Bonn"] * 3}), CONTEXT_SCHEMA)
        >>> cities = {"province": [None] * 3, "city": ["BONN", "", None]}
        >>> normalize_regions(pl.DataFrame({"country": ["de", "De", "FR"], **cities}), past).rows()
        [('de', None, 'Bonn'), ('DE', None, ''), ('FR', None, None)]
    """
    return contexts.with_columns(_normalize_case(contexts[name], past_contexts[name]) for name in REGION_FIELDS)


def find_country_warnings(contexts: pl.DataFrame, past_contexts: pl.DataFrame) -> list[str]:
    """Name the countries that no past order went to: their lists are those of a first order from anywhere.

    Args:
        contexts: From `normalize_regions`.
        past_contexts: `CONTEXT_SCHEMA` of past orders.

    Example:
        >>> past = pl.DataFrame({"country": ["United Kingdom", "EIRE", "United Kingdom"]})
        >>> find_country_warnings(pl.DataFrame({"country": ["UK", "EIRE", None]}), past)
        ['no past order went to the country "UK"; the shop writes "United Kingdom".']
        >>> find_country_warnings(pl.DataFrame({"country": ["Peru"]}), past)
        ['no past order went to the country "Peru"; most went to "United Kingdom", "EIRE".']
    """
    past_countries = _by_count(past_contexts["country"])
    top = ", ".join(f'"{country}"' for country in past_countries[:3])
    most = f"most went to {top}" if past_countries else "no past order has a country"
    countries = contexts["country"].drop_nulls().unique(maintain_order=True)
    return [
        f"no past order went to the country {_describe_country(country, past_countries)}; "
        + (most if (same := find_same_country(country, past_countries)) is None else f'the shop writes "{same}"')
        + "."
        for country in countries
        if country not in past_countries
    ]


def _describe_country(country: str, past_countries: list[str]) -> str:
    """Return a country for a message: a code, a country's name, or nearly a past one; of any other text its shape."""
    is_country = (
        len(country) <= 3 or find_country_code(country) or difflib.get_close_matches(country, past_countries, n=1)
    )
    return f'"{country}"' if is_country else describe_cell(country)


def _match_source_ids(source_ids: pl.Series, shop_customers: pl.DataFrame) -> pl.DataFrame:
    """As written; else in lower case, as e-mail addresses are stored."""
    exact = shop_customers.select("source_id", exact="customer_id").unique("source_id")
    lower = shop_customers.select(lower_id="source_id", lower="customer_id").unique("lower_id")
    return (
        source_ids.to_frame("source_id")
        .with_columns(lower_id=pl.col("source_id").str.to_lowercase())
        .join(exact, on="source_id", how="left", maintain_order="left")
        .join(lower, on="lower_id", how="left", maintain_order="left")
        .select(pl.coalesce("exact", "lower").alias("customer_id"))
        .with_columns(is_customer=pl.col("customer_id").is_not_null())
    )


def _parse_customer_ids(file: Path, rows: pl.DataFrame) -> pl.Series:
    numbers = rows["customer_id"].cast(pl.Int64, strict=False)
    if numbers.null_count():
        raise InputError(
            "is not a customer number",
            file=file,
            row=rows["row"][int(numbers.is_null().arg_true()[0])],
            column="customer_id",
            advice="Name the column source_id where it holds the ids of your own system.",
        )
    return numbers


def _parse_integers(file: Path, cells: pl.Series, lowest: int, highest: int) -> pl.Series:
    texts = cells.str.strip_chars().replace("", None)
    numbers = texts.cast(pl.Int64, strict=False)
    is_invalid = texts.is_not_null() & ~numbers.is_between(lowest, highest).fill_null(False)
    if is_invalid.any():
        row = int(is_invalid.arg_true()[0])
        problem = f"{describe_cell(texts[row])} is not from {lowest} to {highest}"
        advice = "Correct it, or leave it empty."
        raise InputError(problem, file=file, row=row + FIRST_ROW, column=cells.name, advice=advice)
    return numbers.cast(pl.Int8)


def _normalize_case(texts: pl.Series, past_texts: pl.Series) -> pl.Series:
    spellings = dict.fromkeys(_by_count(past_texts))
    most_common: dict[str, str] = {}
    for spelling in spellings:
        most_common.setdefault(spelling.casefold(), spelling)
    normalized = [
        text if text is None or text in spellings else most_common.get(text.casefold(), text) for text in texts
    ]
    return pl.Series(texts.name, normalized, dtype=pl.String)


def _by_count(texts: pl.Series) -> list[str]:
    """Each text once, the most frequent first."""
    counted = texts.drop_nulls().value_counts().sort("count", texts.name, descending=[True, False])
    return list(counted[texts.name].to_list())
