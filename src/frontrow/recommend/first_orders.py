"""New customers: all that is known of one is where and when the first order is placed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from frontrow.errors import InputError
from frontrow.models.interactions.contexts import CONTEXT_SCHEMA
from frontrow.models.interactions.interactions import Queries
from frontrow.recommend.trained import TrainedRecommender
from frontrow.schema import conform
from frontrow.tables.text_table import printable_name, read_text_table

FIELDS: Final = ("country", "province", "city", "hour", "month")
"""What a file of first orders may tell."""

PLACES: Final = ("country", "province", "city")

RANGES: Final = {"hour": (0, 23), "month": (1, 12)}


def first_orders(contexts: pl.DataFrame) -> Queries:
    """Ask about customers never seen.

    Args:
        contexts: `FIELDS`, one row a first order; null where not known.

    Example:
        >>> told = pl.DataFrame({"country": ["DE"], "month": [5]})
        >>> first_orders(conform(told, {name: CONTEXT_SCHEMA[name] for name in FIELDS})).rows.tolist()
        [-1]
    """
    return Queries(np.full(contexts.height, -1, dtype=np.int64), conform(contexts, CONTEXT_SCHEMA))


def usual_contexts(trained: TrainedRecommender) -> pl.DataFrame:
    """A first order from each country that orders come from, those of most customers first, in the cutoff's month."""
    countries = trained.contexts.group_by("country").len().sort(["len", "country"], descending=[True, False])
    told = countries.select("country").with_columns(month=pl.lit(trained.month, pl.Int8))
    return conform(told, {name: CONTEXT_SCHEMA[name] for name in FIELDS})


def read_contexts(file: str | Path, month: int) -> pl.DataFrame:
    r"""Read first orders.

    Args:
        file: CSV, one row a first order, with any of the columns `FIELDS`; an empty cell is not known.
        month: Of orders whose month is not told.

    Returns:
        `FIELDS`.

    Raises:
        InputError: There is no such file, it has no row or another column, or an hour or month is none.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     file = Path(there) / "first.csv"
        ...     _ = file.write_text("country,hour\nDE,9\n,\n")
        ...     read_contexts(file, month=5).rows()
        [('DE', None, None, 9, 5), (None, None, None, None, 5)]
    """
    file = Path(file)
    told = _table(file)
    numbers = [_whole(file, told[name], name, *RANGES[name]) for name in RANGES if name in told.columns]
    texts = [told[name].str.strip_chars().replace("", None) for name in told.columns if name not in RANGES]
    read = conform(pl.DataFrame([*texts, *numbers]), {name: CONTEXT_SCHEMA[name] for name in FIELDS})
    return read.with_columns(pl.col("month").fill_null(month))


def as_ordered(told: pl.DataFrame, contexts: pl.DataFrame) -> pl.DataFrame:
    """Countries, provinces and cities as past orders write them, where only upper and lower case differ.

    Args:
        told: `read_contexts`.
        contexts: `CONTEXT_SCHEMA` of past orders.

    Example:
        >>> past = conform(pl.DataFrame({"country": ["DE", "de", "DE"], "city": ["Bonn"] * 3}), CONTEXT_SCHEMA)
        >>> told = pl.DataFrame({"country": ["de", "De", "FR"], "province": [None] * 3, "city": ["BONN", "", None]})
        >>> as_ordered(told, past).rows()
        [('de', None, 'Bonn'), ('DE', None, ''), ('FR', None, None)]
    """
    return told.with_columns(_as_ordered(told[name], contexts[name]) for name in PLACES)


def _as_ordered(told: pl.Series, past: pl.Series) -> pl.Series:
    counted = past.drop_nulls().value_counts().sort("count", past.name, descending=[True, False])
    there = set(counted[past.name])
    usual: dict[str, str] = {}
    for one in counted[past.name]:
        usual.setdefault(one.casefold(), one)
    written = [one if one is None or one in there else usual.get(one.casefold(), one) for one in told]
    return pl.Series(told.name, written, dtype=pl.String)


def unknown_countries(told: pl.DataFrame, contexts: pl.DataFrame) -> list[str]:
    """What to say of countries that no past order went to: their lists are those of a first order from anywhere.

    Args:
        told: `as_ordered`.
        contexts: `CONTEXT_SCHEMA` of past orders.

    Example:
        >>> past = pl.DataFrame({"country": ["United Kingdom", "EIRE", "United Kingdom"]})
        >>> unknown_countries(pl.DataFrame({"country": ["UK", "EIRE", None]}), past)
        ['no past order went to the country "UK"; most went to "United Kingdom", "EIRE".']
    """
    counted = contexts["country"].drop_nulls().value_counts().sort("count", "country", descending=[True, False])
    there = counted["country"].to_list()
    most = ", ".join(f'"{one}"' for one in there[:3])
    told_most = f"most went to {most}" if there else "no past order tells its country"
    absent = told["country"].drop_nulls().unique(maintain_order=True)
    return [f'no past order went to the country "{one}"; {told_most}.' for one in absent if one not in there]


def _table(file: Path) -> pl.DataFrame:
    advice = f"Give a CSV file with columns among {', '.join(FIELDS)}."
    # a line of empty cells asks about an order of which nothing is known
    told = read_text_table(file, advice)
    for name in told.columns:
        if name not in FIELDS:
            # where there is no header, a person may stand in row 1
            which = f'column "{name}"' if printable_name(name) else "column of such a name"
            raise InputError(f"knows no {which}", file=file, row=1, advice=advice)
    if told.height == 0:
        raise InputError("has no row", file=file, advice=advice)
    return told


def _whole(file: Path, told: pl.Series, name: str, least: int, most: int) -> pl.Series:
    text = told.str.strip_chars().replace("", None)
    number = text.cast(pl.Int64, strict=False)
    wrong = text.is_not_null() & ~number.is_between(least, most).fill_null(False)
    if wrong.any():
        row = int(wrong.arg_true()[0])
        problem = f'"{text[row]}" is not from {least} to {most}'
        raise InputError(problem, file=file, row=row + 2, column=name, advice="Correct it, or leave it empty.")
    return number.cast(pl.Int8)
