"""Columns, types, vendors and tags of new products that the shop does not have, and the nearest that it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from frontrow.features.neighbour import Catalogue
from frontrow.launch.launch_files import NEW_PRODUCT_COLUMNS
from frontrow.launch.new_products.finding import HEADER_ROW, Finding, Severity
from frontrow.masking import describe_value, list_columns
from frontrow.tables.nearest_name import find_nearest


def check_columns(names: Sequence[str]) -> Iterator[Finding]:
    """Columns that are not read.

    Args:
        names: Their names, in lower case with underscores.

    Example:
        >>> [finding.consequence for finding in check_columns(["product_typ"])]
        ['Did you mean product_type? As it is, the column is left unread.']
    """
    for name in names:
        nearest = find_nearest(name, NEW_PRODUCT_COLUMNS)
        if nearest is None:
            consequence = f"It is left unread. The columns that are read: {', '.join(NEW_PRODUCT_COLUMNS)}."
        else:
            consequence = f"Did you mean {nearest}? As it is, the column is left unread."
        severity: Severity = "note" if nearest is None else "warning"
        # beside the required title, a name that could be a person's is not shown
        shown = name if list_columns(("title", name)) == f"title, {name}" else None
        sentence = f"a file of new products has no column {'of this name' if shown is None else describe_value(shown)}"
        yield Finding(severity, HEADER_ROW, shown, sentence, consequence)


def check_types(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
    """Product types that no product sold has, in any case; where a shop has none, a title's last word stands for it.

    Args:
        new: New products, with their `row` in the file.
        cycles: What `life_cycle.compute_life_cycles` returns.
    """
    types = _by_count(cycles["product_type"])
    if not types and new["product_type"].count():
        yield from _check_types_of_a_shop_without(new, cycles)
        return
    lower = {name.lower() for name in types}
    for row, name in new.select("row", "product_type").drop_nulls().iter_rows():
        if name.lower() in lower:
            continue
        nearest = find_nearest(name, types)
        if nearest is None:
            yield Finding(
                "note",
                row,
                "product_type",
                f"{describe_value(name)} is new to the shop: no product of this type was sold",
                "What customers bought of the same type cannot count; title, tags and price have to do.",
            )
        else:
            sentence = f'{describe_value(name)} is no type of the shop, which has "{nearest}"'
            consequence = f"Write {nearest}, else what customers bought of this type is not counted."
            yield Finding("warning", row, "product_type", sentence, consequence)


def _check_types_of_a_shop_without(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
    last_words = _by_count(pl.Series(Catalogue.of(cycles).categories, dtype=pl.String))
    for row, name in new.select("row", "product_type").drop_nulls().iter_rows():
        if name.lower() in last_words:
            continue
        nearest = find_nearest(name, last_words)
        write = "Leave it empty" if nearest is None else f"Write {nearest}, or leave it empty"
        yield Finding(
            "warning",
            row,
            "product_type",
            f"{describe_value(name)} is no type of the shop, whose products have no type; the last word of a title "
            "stands for it",
            f"{write}, else what customers bought of similar products is not counted as of one type.",
        )


def check_vendors(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
    """Vendors of whom no product was sold; the model tells upper and lower case apart.

    Args:
        new: New products, with their `row` in the file.
        cycles: What `life_cycle.compute_life_cycles` returns.
    """
    vendors = _by_count(cycles["vendor"])
    if len(vendors) < 2:
        # with a single vendor the column says nothing, and the model does not read it
        return
    for row, name in new.select("row", "vendor").drop_nulls().iter_rows():
        if name in vendors:
            continue
        nearest = find_nearest(name, vendors)
        if nearest is None:
            sentence = f"{describe_value(name)} is new to the shop: no product of this vendor was sold"
            yield Finding("note", row, "vendor", sentence, "What customers bought of the same vendor cannot count.")
        else:
            sentence = f'{describe_value(name)} is no vendor of the shop, which has "{nearest}"'
            consequence = f"Write {nearest}, else what customers bought of this vendor is not counted."
            yield Finding("warning", row, "vendor", sentence, consequence)


def check_tags(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
    """Tags that no product sold has, in any case: the model reads them as words.

    Args:
        new: New products, with their `row` in the file.
        cycles: What `life_cycle.compute_life_cycles` returns.
    """
    tags = _by_count(pl.Series([tag for cell in cycles["tags"] for tag in _split_tags(cell)], dtype=pl.String))
    lower = {tag.lower() for tag in tags}
    for row, cell in new.select("row", "tags").iter_rows():
        unknown = [tag for tag in _split_tags(cell) if tag.lower() not in lower]
        nearest = {tag: find_nearest(tag, tags) for tag in unknown}
        for tag, near in nearest.items():
            if near is not None:
                sentence = f'{describe_value(tag)} is no tag of the shop, which has "{near}"'
                consequence = f"Write {near}, else it is not counted as the same tag."
                yield Finding("warning", row, "tags", sentence, consequence)
        strange = ", ".join(describe_value(tag) for tag, near in nearest.items() if near is None)
        if strange:
            consequence = "A tag that no sold product has says nothing about who will buy."
            yield Finding("note", row, "tags", f"new to the shop: {strange}", consequence)


def _by_count(values: pl.Series) -> list[str]:
    """Each value once, stripped, the most frequent first."""
    texts = values.cast(pl.String).str.strip_chars().rename("value")
    counts = (
        texts.filter(texts != "").value_counts(name="products").sort(["products", "value"], descending=[True, False])
    )
    return list(counts["value"])


def _split_tags(cell: str | None) -> list[str]:
    return [tag.strip() for tag in (cell or "").split(",") if tag.strip()]
