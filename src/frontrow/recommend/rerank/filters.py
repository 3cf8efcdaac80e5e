"""What rules forbid to everyone: one mask over the shelf a rule, so that each rule's effect can be counted."""

from __future__ import annotations

import difflib

import numpy as np
import polars as pl

from frontrow.recommend.rerank.predicates import Mask, fits, missing, values_of
from frontrow.recommend.rerank.rules import Rules


def forbidden(shelf: pl.DataFrame, rules: Rules, day: int) -> dict[str, Mask]:
    """The products that nobody is shown, by rule; rules that are not in force are left out.

    Args:
        shelf: `shelf.SHELF_SCHEMA`.
        rules: The shop's.
        day: The cutoff, as days since 1970-01-01. Products never sold are new, not gone.

    Example:
        >>> from frontrow.recommend.retrieve.items import SHELF_SCHEMA
        >>> from frontrow.schema import conform
        >>> told = conform(pl.DataFrame({"status": ["draft", "active"], "last_day": [90, 10]}), SHELF_SCHEMA)
        >>> {rule: mask.tolist() for rule, mask in forbidden(told, Rules(sold_within_days=30), day=100).items()}
        {'not for sale': [True, False], 'not sold lately': [False, True]}
    """
    found: dict[str, Mask] = {}
    if rules.not_for_sale:
        withdrawn = [one.strip().lower() for one in rules.not_for_sale]
        found["not for sale"] = shelf["status"].str.to_lowercase().is_in(withdrawn).fill_null(False).to_numpy()
    if rules.sold_within_days:
        found["not sold lately"] = (shelf["last_day"] < day - rules.sold_within_days).fill_null(False).to_numpy()
    if rules.out_of_stock:
        found["out of stock"] = shelf["product_id"].is_in(list(rules.out_of_stock)).to_numpy()
    wanted, unwanted = fits(shelf, rules.include), fits(shelf, rules.exclude)
    if wanted:
        found["not included"] = ~np.logical_and.reduce(wanted)
    if unwanted:
        found["excluded"] = np.logical_or.reduce(unwanted)
    return found


def remarks(shelf: pl.DataFrame, rules: Rules) -> list[str]:
    """What a shop should look at again: types, vendors and tags that no product has.

    Example:
        >>> from frontrow.recommend.rerank.rules import Match
        >>> told = pl.DataFrame({"vendor": ["Alder", "Birch"]})
        >>> remarks(told, Rules(exclude=Match(vendors=("Aldr",))))
        ['exclude.vendors: no product has "Aldr"; the nearest is "Alder".']
    """
    found = []
    for name, match in (("include", rules.include), ("exclude", rules.exclude)):
        for field, absent in missing(shelf, match).items():
            there = values_of(shelf, field)
            found += [f'{name}.{field}: no product has "{one}"{_nearest(one, there, field)}.' for one in absent]
    return found


def _nearest(one: str, there: list[str], field: str) -> str:
    if not there:
        return f"; the shop's products have no {field.replace('_', ' ')}"
    by_folded = {value.casefold(): value for value in there}
    near = difflib.get_close_matches(one.casefold(), by_folded, n=1, cutoff=0.5)
    return f'; the nearest is "{by_folded[near[0]]}"' if near else ""
