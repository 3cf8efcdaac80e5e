"""The new products that a person wrote down, compared with what the shop has sold: what looks like a slip is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import polars as pl

from frontrow.features.neighbour import Catalogue
from frontrow.launch.launch_files import NEW_PRODUCT_COLUMNS, NewProductsFile
from frontrow.launch.sold_products import SoldProducts, to_date
from frontrow.masking import describe_value, list_columns
from frontrow.shop.shop import History
from frontrow.tables.nearest_name import find_nearest, fold_name, fold_plural

Severity = Literal["warning", "note"]

LONG_PAST_DAYS: Final = 90
"""A launch date that lies further back than this, of a product nobody has bought: within a quarter of a year goods may
have been late, beyond it the date or the history is wrong."""

FAR_AHEAD_DAYS: Final = 365
"""A launch date further ahead than this: who is scored ordered within a year, and will have ordered or left by then."""

FEWEST_PRICES: Final = 5
"""With fewer sold products that have a price, the lowest and the highest say too little."""

_HEADER_ROW: Final = 1


@dataclass(frozen=True)
class Finding:
    """Something about a file of new products that a person should look at.

    Attributes:
        severity: `warning` for what is probably a slip and changes the answer, `note` for what is merely new.
        row: The row of the file, as a spreadsheet shows it; the header is row 1.
        column: The column's name; None where it could be the address or number of a person.
        sentence: What is in the file, and what is in the shop.
        consequence: What follows, and what to do.
        rows: Number of rows that it holds for.
    """

    severity: Severity
    row: int
    column: str | None
    sentence: str
    consequence: str
    rows: int = 1


def check_new_products(
    given: NewProductsFile, history: History, cycles: pl.DataFrame, sold: SoldProducts
) -> tuple[Finding, ...]:
    """Compare a file of new products with the shop.

    Args:
        given: The file.
        history: What is known.
        cycles: What `life_cycle.compute_life_cycles` returns for it.
        sold: What `sold_products.find_sold_products` returns for the file's products.

    Returns:
        In order of the rows; a value that several rows share is found once.
    """
    products = given.products.with_columns(
        row=pl.Series(given.rows, dtype=pl.Int64), sold=pl.int_range(pl.len()).is_in(sold.rows["launch"].implode())
    )
    new = products.filter(~pl.col("sold"))
    findings = [
        *_check_columns(given.unread_columns),
        *_check_sold(sold, given.rows, history),
        *_check_types(new, cycles),
        *_check_vendors(new, cycles),
        *_check_tags(new, cycles),
        *_check_prices(new, cycles, history.settings.currency),
        *_check_titles(new, cycles),
        *_check_launch_days(new, history),
    ]
    return tuple(sorted(_merge(findings), key=lambda finding: finding.row))


def _merge(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that say the same of several rows, once each, with the first row."""
    merged: dict[tuple[Any, ...], Finding] = {}
    for finding in findings:
        key = (finding.column, finding.sentence, finding.consequence)
        earlier = merged.get(key)
        merged[key] = finding if earlier is None else replace(earlier, rows=earlier.rows + 1)
    return list(merged.values())


def _check_columns(names: Sequence[str]) -> Iterator[Finding]:
    sentence = "there is no column of this name for new products"
    for name in names:
        nearest = find_nearest(name, NEW_PRODUCT_COLUMNS)
        if nearest is None:
            consequence = f"It is left unread. The columns that are read: {', '.join(NEW_PRODUCT_COLUMNS)}."
        else:
            consequence = f"Did you mean {nearest}? As it is, the column is left unread."
        severity: Severity = "note" if nearest is None else "warning"
        # beside the required title, a name that could be a person's is not shown
        shown = name if list_columns(("title", name)) == f"title, {name}" else None
        yield Finding(severity, _HEADER_ROW, shown, sentence, consequence)


def _check_sold(sold: SoldProducts, rows: Sequence[int], history: History) -> Iterator[Finding]:
    for match in sold.rows.iter_rows(named=True):
        title, customers = match["title"], _count(match["owners"], "customer has it", "customers have it")
        name = "" if match["sold_as"] == title else f" as {describe_value(match['sold_as'])}"
        sentence = f"{describe_value(title)} is on sale since {to_date(match['first_day'])}{name}, {customers}"
        if match["under_way"]:
            days = history.cutoff_day - match["launch_day"]
            rest = f"the others are ranked by its first {days} days of sales, as with --sales-so-far"
        else:
            rest = (
                "its window is over, so the others are ranked as for a relaunch at the cutoff; the buyers expected are "
                "those of a launch, and a product that is no longer new may find fewer"
            )
        yield Finding(
            "warning", rows[match["launch"]], match["matched_by"], sentence, f"Who has it is not ranked; {rest}."
        )


def _check_types(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
    """The model compares types in lower case; where a shop has none, the last word of a title stands for one."""
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


def _check_vendors(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
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


def _check_tags(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
    """Tags are read as words, so that their case does not matter."""
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


def _check_prices(new: pl.DataFrame, cycles: pl.DataFrame, currency: str) -> Iterator[Finding]:
    prices = cycles["price"].drop_nulls()
    if len(prices) < FEWEST_PRICES:
        return
    low, high = float(prices.min()), float(prices.max())  # type: ignore[arg-type]
    money = f" {currency}" if currency else ""
    for row, price in new.select("row", "price").drop_nulls().iter_rows():
        if not low <= price <= high:
            bound = "below" if price < low else "above"
            yield Finding(
                "warning",
                row,
                "price",
                f"{price:,.2f}{money} is {bound} everything the shop has sold, {low:,.2f} to {high:,.2f}",
                "Check it: no past launch says who buys at such a price.",
            )


def _check_titles(new: pl.DataFrame, cycles: pl.DataFrame) -> Iterator[Finding]:
    words = {word for title in cycles["title"].drop_nulls() for word in _words(title)}
    first_days = {
        _word_key(title): (title, day) for title, day in cycles.select("title", "first_day").iter_rows() if title
    }
    for row, title in new.select("row", "title").iter_rows():
        namesake = first_days.get(_word_key(title))
        if namesake is not None:
            yield Finding(
                "warning",
                row,
                "title",
                f"{describe_value(title)} has the words of {describe_value(namesake[0])}, on sale since "
                f"{to_date(namesake[1])}",
                "Where it is the same product, write its title or product_id: as it is, who has it is ranked too.",
            )
        if not _words(title) & words:
            yield Finding(
                "warning",
                row,
                "title",
                f"{describe_value(title)} shares no word with any title that the shop has sold",
                "Hardly anything similar can be counted: customers are ranked by little more than their habits. Write "
                "the title as the shop writes its titles.",
            )


def _check_launch_days(new: pl.DataFrame, history: History) -> Iterator[Finding]:
    for row, launch_day in new.select("row", "launch_day").iter_rows():
        ahead = launch_day - history.cutoff_day
        day, cutoff = to_date(launch_day), history.cutoff.date()
        if ahead < -LONG_PAST_DAYS:
            yield Finding(
                "warning",
                row,
                "launch_date",
                f"{day} is {-ahead:,} days before {cutoff}, up to which orders are known, and nobody has bought it",
                "Buyers are predicted from the latter day on. Correct the date, or give the product_id or title that "
                "it is sold under.",
            )
        elif ahead > FAR_AHEAD_DAYS:
            yield Finding(
                "warning",
                row,
                "launch_date",
                f"{day} is {ahead:,} days after {cutoff}, up to which orders are known",
                "Who is likely to buy today may not be by then. Correct the date, or import the orders since.",
            )


def _by_count(values: pl.Series) -> list[str]:
    """Each value once, stripped, the most frequent first."""
    texts = values.cast(pl.String).str.strip_chars().rename("value")
    counts = (
        texts.filter(texts != "").value_counts(name="products").sort(["products", "value"], descending=[True, False])
    )
    return list(counts["value"])


def _split_tags(cell: str | None) -> list[str]:
    return [tag.strip() for tag in (cell or "").split(",") if tag.strip()]


def _words(title: str) -> set[str]:
    """The words of a title, as singulars; without any letter or digit, the title itself."""
    return {fold_plural(word) for word in fold_name(title).split()}


def _word_key(title: str) -> tuple[str, ...]:
    """The words of a title as singulars, in any order."""
    return tuple(sorted(fold_plural(word) for word in fold_name(title).split()))


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number:,} {singular if number == 1 else plural}"
