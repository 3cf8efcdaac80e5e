"""Rules as a shop writes them: a TOML file, every field of it checked, and a CSV file of what is in stock."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import InputError
from frontrow.masking import describe_cell, describe_value
from frontrow.recommend.rerank.rules import ALREADY_BOUGHT, AtMost, Match, Pin, Rules
from frontrow.tables.parse import parse_numbers
from frontrow.tables.text_table import filled_rows, read_text_table

Parser = Callable[[Any], Any]
"""Takes a value of the file, gives what `Rules` holds, or raises ValueError with what is expected."""

STOCK_COLUMNS: Final = ("product_id", "stock")


def read_rules(file: str | Path, product_ids: Iterable[str]) -> Rules:
    r"""Read rules.

    Args:
        file: TOML with the fields of `Rules` and of its parts; a missing field has its default. Besides `out_of_stock`,
            a list of ids, it may have `stock`, the name of a CSV file beside it (see `read_out_of_stock`).
        product_ids: Every product that a rule may name.

    Raises:
        InputError: The file does not exist or is not TOML, a key is unknown, a value is of another kind than expected,
            or a product is not one of the shop's.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "rules.toml"
        ...     _ = file.write_text('already_bought = "hide"\n[at_most]\nper_vendor = 2\n')
        ...     rules = read_rules(file, [])
        >>> rules.already_bought, rules.at_most
        ('hide', AtMost(per_product_type=None, per_vendor=2))
    """
    file = Path(file)
    fields = _parse_table(_read_toml(file), RULES, file, "")
    stock = fields.pop("stock", None)
    shop_ids = set(product_ids)
    _check_product_ids(fields, shop_ids, file)
    if stock is not None:
        fields["out_of_stock"] = (*fields.get("out_of_stock", ()), *read_out_of_stock(file.parent / stock, shop_ids))
    _check_prices(fields, file)
    kinds: dict[str, type] = {"include": Match, "exclude": Match, "at_most": AtMost}
    parts = {name: kind(**fields[name]) for name, kind in kinds.items() if name in fields}
    return Rules(**{**fields, **parts, "pinned": _parse_pins(fields.get("pinned", ()), file)})


def read_out_of_stock(file: str | Path, product_ids: Collection[str]) -> tuple[str, ...]:
    r"""Read which products are out of stock.

    Args:
        file: CSV with the columns `product_id` and `stock` (units); other columns are ignored. A product in several
            rows, one for each variant, is out of stock when none of them has any; a missing product is in stock.
        product_ids: The shop's; the file may name others too.

    Raises:
        InputError: The file does not exist, a column is missing, a stock is not a number (the header is row 1), or no
            product is one of the shop's, as where the file has the codes of variants.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "stock.csv"
        ...     _ = file.write_text("product_id,stock\npot,0\nbulb,3\npot,-1\n")
        ...     read_out_of_stock(file, ["pot", "bulb"])
        ('pot',)
    """
    file = Path(file)
    advice = "Give a CSV file with the columns product_id and stock."
    table = filled_rows(read_text_table(file, advice, required=STOCK_COLUMNS), STOCK_COLUMNS)
    stock = parse_numbers(table, "stock")
    invalid = table.filter(stock.is_null())
    if invalid.height:
        row, _, value = invalid.row(0)
        problem = "is empty" if value is None else f"{describe_cell(value)} is not a number"
        raise InputError(problem, file=file, row=row, column="stock", advice="Write the units left, 0 for none.")
    if table.height and not table["product_id"].is_in(list(product_ids)).any():
        advice = "frontrow launches --all lists the ids."
        raise InputError("names no product of this shop", file=file, column="product_id", advice=advice)
    units = table.select("product_id", stock=stock).group_by("product_id").agg(pl.max("stock"))
    return tuple(units.filter((pl.col("stock") <= 0) & pl.col("product_id").is_not_null())["product_id"].sort())


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError("the file does not exist", file=file, advice="Give a TOML file of rules.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"is not a TOML file: {error}"
        raise InputError(problem, file=file, advice="Write lines such as: diversity = 0.2") from error


def _parse_table(table: Mapping[str, Any], parsers: Mapping[str, Parser], file: Path, path: str) -> dict[str, Any]:
    """Parse each value by its key; `path` is the path of keys that leads to the table, with a dot at its end."""
    fields = {}
    for key, value in table.items():
        if key not in parsers:
            near = difflib.get_close_matches(key, parsers, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"The keys here are: {', '.join(parsers)}."
            raise InputError(f"has the unknown key {describe_value(path + key)}", file=file, advice=hint)
        if key in TABLES:
            fields[key] = _parse_part(key, value, file)
            continue
        try:
            fields[key] = parsers[key](value)
        except ValueError as error:
            problem = f'"{path}{key}" is {_quote(value)}; expected {error}'
            raise InputError(problem, file=file, advice="Correct it.") from None
    return fields


def _parse_part(key: str, value: Any, file: Path) -> Any:
    if key == "pinned":
        if not isinstance(value, list) or not all(isinstance(pin, dict) for pin in value):
            raise InputError(f'"{key}" is not a list of tables', file=file, advice="Write [[pinned]] above each.")
        return [_parse_table(pin, PINNED, file, f"pinned[{number}].") for number, pin in enumerate(value, 1)]
    if not isinstance(value, dict):
        raise InputError(f'"{key}" is {_quote(value)}', file=file, advice=f"Write it as a table: [{key}].")
    return _parse_table(value, TABLES[key], file, f"{key}.")


def _parse_pins(tables: Iterable[Mapping[str, Any]], file: Path) -> tuple[Pin, ...]:
    pins = []
    for number, table in enumerate(tables, 1):
        for key in PINNED:
            if key not in table:
                raise InputError(f'"pinned[{number}].{key}" is missing', file=file, advice="A pin has both keys.")
        pins.append(Pin(**table))
    for key in PINNED:
        if len({getattr(pin, key) for pin in pins}) < len(pins):
            raise InputError(f'two pins have the same "{key}"', file=file, advice="Keep one of them.")
    return tuple(sorted(pins, key=lambda pin: pin.rank))


def _check_product_ids(fields: Mapping[str, Any], product_ids: set[str], file: Path) -> None:
    ids_by_key = {"out_of_stock": fields.get("out_of_stock", ())}
    ids_by_key |= {
        f"{part}.product_ids": fields.get(part, {}).get("product_ids", ()) for part in ("include", "exclude")
    }
    ids_by_key["pinned.product_id"] = [pin["product_id"] for pin in fields.get("pinned", ()) if "product_id" in pin]
    for key, ids in ids_by_key.items():
        for product_id in ids:
            if product_id not in product_ids:
                near = difflib.get_close_matches(product_id, product_ids, n=1, cutoff=0.7)
                hint = f'Did you mean "{near[0]}"?' if near else "frontrow launches --all lists products."
                problem = f'"{key}" names {describe_value(product_id)}, which is not a product of this shop'
                raise InputError(problem, file=file, advice=hint)


def _check_prices(fields: Mapping[str, Any], file: Path) -> None:
    for part in ("include", "exclude"):
        lowest, highest = (fields.get(part, {}).get(key) for key in ("price_from", "price_to"))
        if lowest is not None and highest is not None and lowest > highest:
            problem = f'"{part}.price_from" is {lowest}, above "{part}.price_to", {highest}; no price matches'
            raise InputError(problem, file=file, advice="Exchange the two.")


def _quote(value: Any) -> str:
    described = describe_value(value)
    # only text has quotation marks in the file
    return str(value) if described == f'"{value}"' and not isinstance(value, str) else described


def _parse_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def _parse_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise ValueError('a list of texts, such as ["a", "b"]')
    return tuple(value)


def _choice_parser(*choices: str) -> Parser:
    def parse(value: Any) -> str:
        if value not in choices:
            raise ValueError("one of " + ", ".join(f'"{choice}"' for choice in choices))
        return str(value)

    return parse


def _integer_parser(lowest: int) -> Parser:
    def parse(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
            raise ValueError(f"a whole number, {lowest} or more")
        return value

    return parse


def _number_parser(lowest: float, highest: float, expected: str) -> Parser:
    def parse(value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(expected)
        return float(value)

    return parse


_PRICE: Final = _number_parser(0.0, float("inf"), "a price, 0 or more, such as 24.90")
MATCH: Final[dict[str, Parser]] = {
    **dict.fromkeys(("product_types", "vendors", "tags", "product_ids"), _parse_texts),
    **dict.fromkeys(("price_from", "price_to"), _PRICE),
}
AT_MOST: Final[dict[str, Parser]] = dict.fromkeys(("per_product_type", "per_vendor"), _integer_parser(1))
PINNED: Final[dict[str, Parser]] = {"product_id": _parse_text, "rank": _integer_parser(1)}
TABLES: Final[dict[str, dict[str, Parser]]] = {"include": MATCH, "exclude": MATCH, "at_most": AT_MOST, "pinned": PINNED}
RULES: Final[dict[str, Parser]] = {
    "already_bought": _choice_parser(*ALREADY_BOUGHT),
    "not_for_sale": _parse_texts,
    "sold_within_days": _integer_parser(0),
    "stock": _parse_text,
    "out_of_stock": _parse_texts,
    "diversity": _number_parser(0.0, 1.0, "a number from 0 to 1"),
    **dict.fromkeys(TABLES, _parse_text),
}
"""Every key of the file and its parser; the keys of `TABLES` are parsed by those of their own."""
