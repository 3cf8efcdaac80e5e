"""Which products of the candidate items nobody is shown: one mask for each rule, so that each effect can be counted."""

from __future__ import annotations

import difflib
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.recommend.rerank.rules import Match, Rules

Mask = NDArray[np.bool_]

TEXT_FIELDS: Final = {
    "product_types": "product_type",
    "vendors": "vendor",
    "tags": "tags",
    "product_ids": "product_id",
}
"""A field of `Match`, and the column of the candidate items that it is compared with."""


def build_exclusion_masks(items: pl.DataFrame, rules: Rules, cutoff_day: int) -> dict[str, Mask]:
    """Mask the products that nobody is shown, by rule; rules that do not apply are left out.

    Args:
        items: `candidates.CANDIDATE_ITEM_SCHEMA`.
        rules: The rules of the shop.
        cutoff_day: Days since 1970-01-01. A product that was never sold is new, and not excluded by its age.

    Example:
        >>> from frontrow.recommend.candidates import CANDIDATE_ITEM_SCHEMA
        >>> from frontrow.schema import conform
        >>> items = pl.DataFrame({"status": ["draft", "active"], "last_day": [90, 10]})
        >>> masks = build_exclusion_masks(conform(items, CANDIDATE_ITEM_SCHEMA), Rules(sold_within_days=30), 100)
        >>> {rule: mask.tolist() for rule, mask in masks.items()}
        {'not for sale': [True, False], 'not sold lately': [False, True]}
    """
    masks: dict[str, Mask] = {}
    if rules.not_for_sale:
        statuses = [status.strip().lower() for status in rules.not_for_sale]
        masks["not for sale"] = items["status"].str.to_lowercase().is_in(statuses).fill_null(False).to_numpy()
    if rules.sold_within_days:
        first_day = cutoff_day - rules.sold_within_days
        masks["not sold lately"] = (items["last_day"] < first_day).fill_null(False).to_numpy()
    if rules.out_of_stock:
        masks["out of stock"] = items["product_id"].is_in(list(rules.out_of_stock)).to_numpy()
    included, excluded = build_match_masks(items, rules.include), build_match_masks(items, rules.exclude)
    if included:
        masks["not included"] = ~np.logical_and.reduce(included)
    if excluded:
        masks["excluded"] = np.logical_or.reduce(excluded)
    return masks


def build_match_masks(items: pl.DataFrame, match: Match) -> list[Mask]:
    """Mask the products that match, one mask for each given field in the order of `Match`; the prices are one field.

    Args:
        items: `candidates.CANDIDATE_ITEM_SCHEMA`.
        match: The description.

    Example:
        >>> items = pl.DataFrame({"vendor": ["Alder", None], "price": [5.0, 9.0]})
        >>> [mask.tolist() for mask in build_match_masks(items, Match(vendors=("alder",), price_from=6.0))]
        [[True, False], [False, True]]
    """
    masks = [
        _has_any(items, column, values) for name, column in TEXT_FIELDS.items() if (values := getattr(match, name))
    ]
    if match.price_from is not None or match.price_to is not None:
        lowest = 0.0 if match.price_from is None else match.price_from
        highest = float("inf") if match.price_to is None else match.price_to
        masks.append(items["price"].is_between(lowest, highest).fill_null(False).to_numpy())
    return masks


def find_rule_warnings(items: pl.DataFrame, rules: Rules) -> list[str]:
    """Name the types, vendors and tags in the rules that no product has.

    Args:
        items: `candidates.CANDIDATE_ITEM_SCHEMA`.
        rules: The rules of the shop.

    Example:
        >>> items = pl.DataFrame({"vendor": ["Alder", "Birch"]})
        >>> find_rule_warnings(items, Rules(exclude=Match(vendors=("Aldr",))))
        ['exclude.vendors: no product has "Aldr"; the nearest is "Alder".']
    """
    warnings = []
    for part, match in (("include", rules.include), ("exclude", rules.exclude)):
        for name, column in TEXT_FIELDS.items():
            for value in getattr(match, name):
                if not _has_any(items, column, (value,)).any():
                    warnings.append(f'{part}.{name}: no product has "{value}"{_nearest_hint(value, items, name)}.')
    return warnings


def _has_any(items: pl.DataFrame, column: str, values: tuple[str, ...]) -> Mask:
    if column == "product_id":
        return items[column].is_in(list(values)).to_numpy()
    folded = [value.strip().lower() for value in values]
    texts = items[column].str.to_lowercase()
    if column == "tags":
        return (
            texts.str.split(",").list.eval(pl.element().str.strip_chars().is_in(folded)).list.any().fill_null(False)
        ).to_numpy()
    return texts.str.strip_chars().is_in(folded).fill_null(False).to_numpy()


def _nearest_hint(value: str, items: pl.DataFrame, name: str) -> str:
    column = TEXT_FIELDS[name]
    cells = items[column].drop_nulls()
    texts = {text.strip() for cell in cells for text in (cell.split(",") if column == "tags" else [cell])} - {""}
    if not texts:
        return f"; the shop's products have no {name.replace('_', ' ')}"
    by_folded = {text.casefold(): text for text in sorted(texts)}
    near = difflib.get_close_matches(value.casefold(), by_folded, n=1, cutoff=0.5)
    return f'; the nearest is "{by_folded[near[0]]}"' if near else ""
