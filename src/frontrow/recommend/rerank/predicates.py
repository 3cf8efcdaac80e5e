"""Which products of the shelf a description fits."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.recommend.rerank.rules import Match

Mask = NDArray[np.bool_]

TEXT_FIELDS = {"product_types": "product_type", "vendors": "vendor", "tags": "tags", "product_ids": "product_id"}
"""A field of `Match`, and the column of the shelf it looks at."""


def fits(shelf: pl.DataFrame, match: Match) -> list[Mask]:
    """One mask over the shelf for each field given, in the order of `Match`; the prices are one field.

    Example:
        >>> told = pl.DataFrame({"vendor": ["Alder", None], "price": [5.0, 9.0]})
        >>> [mask.tolist() for mask in fits(told, Match(vendors=("alder",), price_from=6.0))]
        [[True, False], [False, True]]
    """
    masks = [
        _any_of(shelf, column, getattr(match, name)) for name, column in TEXT_FIELDS.items() if getattr(match, name)
    ]
    if match.price_from is not None or match.price_to is not None:
        least = 0.0 if match.price_from is None else match.price_from
        most = float("inf") if match.price_to is None else match.price_to
        masks.append(shelf["price"].is_between(least, most).fill_null(False).to_numpy())
    return masks


def missing(shelf: pl.DataFrame, match: Match) -> dict[str, list[str]]:
    """By field, the values given that no product has.

    Example:
        >>> missing(pl.DataFrame({"tags": ["spring, Red"]}), Match(tags=("red", "rde")))
        {'tags': ['rde']}
    """
    found = {}
    for name, column in TEXT_FIELDS.items():
        wanted = getattr(match, name)
        absent = [value for value in wanted if not _any_of(shelf, column, (value,)).any()]
        if absent:
            found[name] = absent
    return found


def values_of(shelf: pl.DataFrame, name: str) -> list[str]:
    """What the products have in the column that a field of `Match` looks at, each once, sorted."""
    column = TEXT_FIELDS[name]
    told = shelf[column].drop_nulls()
    return sorted({one.strip() for cell in told for one in (cell.split(",") if column == "tags" else [cell])} - {""})


def _any_of(shelf: pl.DataFrame, column: str, wanted: tuple[str, ...]) -> Mask:
    if column == "product_id":
        return shelf[column].is_in(list(wanted)).to_numpy()
    folded = [one.strip().lower() for one in wanted]
    told = shelf[column].str.to_lowercase()
    if column == "tags":
        return (
            told.str.split(",").list.eval(pl.element().str.strip_chars().is_in(folded)).list.any().fill_null(False)
        ).to_numpy()
    return told.str.strip_chars().is_in(folded).fill_null(False).to_numpy()
