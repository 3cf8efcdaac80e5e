"""Rules as a person writes them: a TOML file, every field of it checked."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from frontrow.errors import InputError
from frontrow.recommend.rerank.rules import ALREADY_BOUGHT, AtMost, Match, Pin, Rules
from frontrow.recommend.rerank.stock import read_out_of_stock

Read = Callable[[Any], Any]
"""Takes what stands in the file, gives what `Rules` holds, or raises ValueError with what was expected."""


def read_rules(file: str | Path, product_ids: Iterable[str]) -> Rules:
    r"""Read rules.

    Args:
        file: TOML, with the fields of `Rules` and of its parts; one not written has its default. Besides
            `out_of_stock`, a list of ids, it may hold `stock`, the name of a CSV file beside it (see
            `stock.read_out_of_stock`).
        product_ids: Every product that a rule may name.

    Raises:
        InputError: The file is not there or no TOML, a key is unknown, a value is of another kind than expected, or a
            product is not one of the shop's.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     file = Path(there) / "rules.toml"
        ...     _ = file.write_text('already_bought = "hide"\n[at_most]\nper_vendor = 2\n')
        ...     rules = read_rules(file, [])
        >>> rules.already_bought, rules.at_most
        ('hide', AtMost(per_product_type=None, per_vendor=2))
    """
    file = Path(file)
    told = _checked(_toml(file), TOP, file, "")
    stock = told.pop("stock", None)
    known = set(product_ids)
    _refuse_unknown(told, known, file)
    if stock is not None:
        told["out_of_stock"] = (*told.get("out_of_stock", ()), *read_out_of_stock(file.parent / stock, known))
    _refuse_swapped_prices(told, file)
    kinds: dict[str, type] = {"include": Match, "exclude": Match, "at_most": AtMost}
    parts = {name: kind(**told[name]) for name, kind in kinds.items() if name in told}
    return Rules(**{**told, **parts, "pinned": _pins(told.get("pinned", ()), file)})


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError("is not there", file=file, advice="Give a TOML file of rules.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is no TOML: {error}", file=file, advice="Write lines such as: diversity = 0.2") from error


def _checked(told: Mapping[str, Any], fields: Mapping[str, Read], file: Path, place: str) -> dict[str, Any]:
    """Each value as its field reads it; `place` is the path of keys that leads here, with a dot at its end."""
    found = {}
    for key, value in told.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"Known keys here: {', '.join(fields)}."
            raise InputError(f'knows no key "{place}{key}"', file=file, advice=hint)
        if key in TABLES:
            found[key] = _table(key, value, file, place)
            continue
        try:
            found[key] = fields[key](value)
        except ValueError as error:
            problem = f'"{place}{key}" is {_as_written(value)}; expected {error}'
            raise InputError(problem, file=file, advice="Correct it.") from None
    return found


def _table(key: str, value: Any, file: Path, place: str) -> Any:
    if key == "pinned":
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise InputError(f'"{key}" is no list of tables', file=file, advice="Write [[pinned]] above each.")
        return [_checked(one, PINNED, file, f"pinned[{number}].") for number, one in enumerate(value, 1)]
    if not isinstance(value, dict):
        raise InputError(f'"{place}{key}" is {_as_written(value)}', file=file, advice=f"Write it as a table: [{key}].")
    return _checked(value, TABLES[key], file, f"{key}.")


def _pins(told: Iterable[Mapping[str, Any]], file: Path) -> tuple[Pin, ...]:
    pins = []
    for number, one in enumerate(told, 1):
        for key in PINNED:
            if key not in one:
                raise InputError(f'"pinned[{number}].{key}" is missing', file=file, advice="A pin has both keys.")
        pins.append(Pin(**one))
    for key in PINNED:
        if len({getattr(pin, key) for pin in pins}) < len(pins):
            raise InputError(f'two pins have the same "{key}"', file=file, advice="Keep one of them.")
    return tuple(sorted(pins, key=lambda pin: pin.rank))


def _refuse_unknown(told: Mapping[str, Any], product_ids: set[str], file: Path) -> None:
    named = {"out_of_stock": told.get("out_of_stock", ())}
    named |= {f"{part}.product_ids": told.get(part, {}).get("product_ids", ()) for part in ("include", "exclude")}
    named["pinned.product_id"] = [one["product_id"] for one in told.get("pinned", ()) if "product_id" in one]
    for key, ids in named.items():
        for one in ids:
            if one not in product_ids:
                near = difflib.get_close_matches(one, product_ids, n=1, cutoff=0.7)
                hint = f'Did you mean "{near[0]}"?' if near else "frontrow launches --all lists products."
                raise InputError(f'"{key}" names "{one}", which is no product of this shop', file=file, advice=hint)


def _refuse_swapped_prices(told: Mapping[str, Any], file: Path) -> None:
    for part in ("include", "exclude"):
        prices = [told.get(part, {}).get(key) for key in ("price_from", "price_to")]
        if None not in prices and prices[0] > prices[1]:
            problem = f'"{part}.price_from" is {prices[0]}, above "{part}.price_to", {prices[1]}; no price fits'
            raise InputError(problem, file=file, advice="Change the two about.")


def _as_written(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError('a list of texts, such as ["a", "b"]')
    return tuple(value)


def _one_of(*allowed: str) -> Read:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError("one of " + ", ".join(f'"{one}"' for one in allowed))
        return str(value)

    return read


def _whole(least: int) -> Read:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"a whole number, {least} or more")
        return value

    return read


def _number(least: float, most: float, expected: str) -> Read:
    def read(value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(expected)
        return float(value)

    return read


_PRICE: Final = _number(0.0, float("inf"), "a price, 0 or more, such as 24.90")
MATCH: Final[dict[str, Read]] = {
    **dict.fromkeys(("product_types", "vendors", "tags", "product_ids"), _texts),
    **dict.fromkeys(("price_from", "price_to"), _PRICE),
}
AT_MOST: Final[dict[str, Read]] = dict.fromkeys(("per_product_type", "per_vendor"), _whole(1))
PINNED: Final[dict[str, Read]] = {"product_id": _text, "rank": _whole(1)}
TABLES: Final[dict[str, dict[str, Read]]] = {"include": MATCH, "exclude": MATCH, "at_most": AT_MOST, "pinned": PINNED}
TOP: Final[dict[str, Read]] = {
    "already_bought": _one_of(*ALREADY_BOUGHT),
    "not_for_sale": _texts,
    "sold_within_days": _whole(0),
    "stock": _text,
    "out_of_stock": _texts,
    "diversity": _number(0.0, 1.0, "a number from 0 to 1"),
    **dict.fromkeys(TABLES, _text),
}
"""Every key of the file, and how it is read; those of `TABLES` by their own keys."""
