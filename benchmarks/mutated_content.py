"""Changes to the content of files: bytes, cells, values of JSON, columns of Parquet and arrays of models."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import io
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
from mutated_persons import EMAIL, NAME, PHONE, STREET

NUMBERS = [
    *("nan", "inf", "-inf", "1e400", "-1", "0", "1.2.3", "=1+1", "1,23,456.78", "12,50", "\u00a05", "9" * 400),
    *("-0", "1e-400", "0x10", "1_000", "٣", "½", "99999999999999999999", "9223372036854775808", "1e308"),
]
DATES = [
    *("2026-05-14", "2026-13-45 99:99:99 +9999", "31/12/2025 10:00", "0000-00-00", "9999-12-31 23:59:59 +0000"),
    *("9999-12-31 23:59:59 -1400", "0001-01-01 00:00:00 +1400", "1970-01-01", "29/02/2023", "2026-03-29 01:30:00"),
    *("-0001-01-01", "12345-01-01", "2026-05-14T10:00:00Z", "20260514", "14 May 2026", "1e10"),
]
TEXTS = [
    *("", " ", "'", '"', "yes", "#1001", "refunded", "\ufeff", "\x00", "line\nbreak", "tab\there", "ünïcode", "🙂"),
    *("\u202e", "a" * 5000, ",", ";", "\\", "null", "None", "{}", "[]", "%s", "{0}", "../../etc", "row", "row ", "\r"),
    *("=HYPERLINK(1)", "＝1", "\ud7ff", "İ", "ß"),
]
PERSONS = [EMAIL.format(""), NAME, PHONE, STREET, NAME.upper(), NAME.lower(), f"{NAME} <{EMAIL.format(1)}>"]
# in a file of products nothing tells a person from a title, unless it is an address or a number
ADDRESSES = [PERSONS[0], PERSONS[2], PERSONS[6]]
NAMES = [
    "row ",
    "row",
    "",
    " ",
    "Name",
    "order_id",
    "dropped",
    "_duplicated_0",
    "column 1",
    "row (2)",
    "ordered_at",
    "a\nb",
]
JSON_VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf")),
    *("", "a", "0", "2026-01-01", "9999-12-31T00:00:00+00:00", "2026-01-01T00:00:00", "a" * 3000, "\x00", "../x"),
    *([], {}, [1], {"a": 1}, [[]], [None], "(", "[", "(?P<a", "\\", EMAIL.format(""), PHONE),
]


def change_bytes(content: bytes, draws: random.Random) -> bytes:
    """Flip bits, cut, remove, insert, repeat or overwrite parts."""
    changed = bytearray(content)
    for _ in range(draws.randint(1, 4)):
        size = len(changed)
        start = draws.randrange(size + 1)
        end = min(size, start + draws.randint(0, 60))
        kind = draws.randrange(7)
        if kind == 0 and size:
            changed[min(start, size - 1)] ^= 1 << draws.randrange(8)
        elif kind == 1:
            del changed[start : start + draws.choice([1, 10, size])]
        elif kind == 2:
            changed[start:start] = bytes(draws.randrange(256) for _ in range(draws.randint(1, 20)))
        elif kind == 3:
            changed[start:start] = changed[start:end]
        elif kind == 4:
            changed[start:end] = bytes(end - start)
        elif kind == 5:
            changed[start:end] = draws.choice(
                [b'"', b"\n", b"\r", b",,", b"\xff", b"\x00", b"\xef\xbb\xbf", b"{", b"]"]
            )
        else:
            other = draws.randrange(size + 1)
            changed[start:end] = changed[other : other + end - start]
    return bytes(changed)


def flip_bit(content: bytes, draws: random.Random) -> bytes:
    """Flip one bit."""
    changed = bytearray(content)
    changed[draws.randrange(len(changed))] ^= 1 << draws.randrange(8)
    return bytes(changed)


def change_cells(records: list[list[str]], draws: random.Random, persons: Sequence[str] = PERSONS) -> list[list[str]]:
    """Change cells, names of columns, and the order and number of rows and columns.

    Args:
        records: The table, its header first.
        draws: All random numbers.
        persons: What of a person is written into cells.
    """
    changed = [list(record) for record in records]
    for _ in range(draws.randint(1, 6)):
        kind = draws.randrange(12)
        row, column = draws.randrange(len(changed)), draws.randrange(max(map(len, changed)) or 1)
        if kind < 5:
            _put(changed, row, column, draws.choice(draws.choice([NUMBERS, DATES, TEXTS, persons])))
        elif kind == 5:
            _put(changed, 0, column, draws.choice([*NAMES, *persons]))
        elif kind == 6:
            for number in range(1, len(changed)):
                _put(changed, number, column, draws.choice(draws.choice([NUMBERS, DATES, TEXTS, persons])))
        elif kind == 7:
            changed.insert(row, list(changed[draws.randrange(len(changed))]))
        elif kind == 8 and len(changed) > 1:
            del changed[row]
        elif kind == 9:
            for record in changed:
                del record[column : column + 1]
        elif kind == 10:
            changed[row] = changed[row][: draws.randrange(len(changed[row]) + 1)] + [""] * draws.randint(0, 2)
        else:
            draws.shuffle(changed)
    return changed


def write_cells(records: list[list[str]], draws: random.Random) -> bytes:
    """The table as CSV in some encoding, with some separator."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=draws.choice(",,,,;\t|"), lineterminator=draws.choice(["\r\n", "\n"])).writerows(records)
    encoding = draws.choice(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
    return text.getvalue().encode(encoding, "replace")


def change_json(content: bytes, draws: random.Random) -> bytes:
    """Replace, drop, add, nest or repeat values of a JSON text; now and then its bytes."""
    if draws.random() < 0.2:
        return change_bytes(content, draws)
    value = json.loads(content)
    for _ in range(draws.choice([1, 1, 2, 3])):
        value = _change_value(value, draws)
    text = json.dumps(value)
    kind = draws.randrange(12)
    if kind == 0:
        depth = draws.choice([50, 2_000, 200_000])
        text = "[" * depth + text + "]" * depth
    elif kind == 1 and text.startswith("{") and len(text) > 2:
        text = "{" + text[1:-1] + "," + text[1:]
    return text.encode(draws.choice(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"]), "replace")


def _change_value(value: Any, draws: random.Random) -> Any:  # noqa: PLR0911
    if isinstance(value, dict) and value and draws.random() < 0.85:
        key = draws.choice(list(value))
        kind = draws.randrange(8)
        if kind == 0:
            return {name: part for name, part in value.items() if name != key}
        if kind == 1:
            return value | {draws.choice(["x", "", EMAIL.format("")]): draws.choice(JSON_VALUES)}
        return value | {key: _change_value(value[key], draws)}
    if isinstance(value, list) and value and draws.random() < 0.85:
        place = draws.randrange(len(value))
        kind = draws.randrange(6)
        if kind == 0:
            return value[:place] + value[place + 1 :]
        if kind == 1:
            return [*value, value[place]]
        return [*value[:place], _change_value(value[place], draws), *value[place + 1 :]]
    return draws.choice(JSON_VALUES)


def change_columns(records: list[list[str]], draws: random.Random) -> bytes:
    """The table as Parquet, with some columns of other types and with values at the limits of their type."""
    width = len(records[0])
    rows = [record + [""] * (width - len(record)) for record in records[1:]]
    names = list(dict.fromkeys(records[0]))
    frame = pl.DataFrame(
        {name: [record[records[0].index(name)] or None for record in rows] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )
    for name in draws.sample(names, min(len(names), draws.randint(1, 4))):
        frame = frame.with_columns(draws.choice(COLUMNS)(frame[name], draws).alias(name))
    if draws.random() < 0.2:
        frame = frame.rename({draws.choice(names): draws.choice(["row ", "row", "dropped", NAME])}, strict=False)
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    content = buffer.getvalue()
    return change_bytes(content, draws) if draws.random() < 0.2 else content


def _repeat(values: list[Any], dtype: pl.DataType) -> Callable[[pl.Series, random.Random], pl.Series]:
    return lambda cells, draws: pl.Series([draws.choice(values) for _ in cells], dtype=dtype, strict=False)


def _instants(unit: Any, zone: str | None) -> Callable[[pl.Series, random.Random], pl.Series]:
    limits = [2**63 - 1, -(2**63), 0, 1_770_000_000_000_000, None, 253_402_300_799_999_999, -(10**17)]
    return lambda cells, draws: pl.Series([draws.choice(limits) for _ in cells], dtype=pl.Int64).cast(
        pl.Datetime(unit, zone)
    )


COLUMNS: list[Callable[[pl.Series, random.Random], pl.Series]] = [
    lambda cells, _: cells.cast(pl.Categorical),
    lambda cells, _: cells.cast(pl.Enum(cells.drop_nulls().unique().to_list())),
    lambda cells, _: cells.cast(pl.Binary),
    lambda cells, _: cells.cast(pl.Float64, strict=False),
    lambda cells, _: cells.cast(pl.Float32, strict=False),
    lambda cells, _: cells.cast(pl.Int64, strict=False),
    lambda cells, _: cells.cast(pl.UInt8, strict=False),
    lambda cells, _: cells.cast(pl.Decimal(20, 2), strict=False),
    lambda cells, _: pl.Series([None] * len(cells), dtype=pl.Null),
    lambda cells, _: pl.Series([[cell] for cell in cells], dtype=pl.List(pl.String)),
    lambda cells, _: cells.to_frame("a").select(pl.struct("a")).to_series(),
    _repeat([2**31 - 1, -(2**31), 0, 20_000], pl.Int32()),
    lambda cells, draws: _repeat([2**31 - 1, -(2**31), 0, 20_000], pl.Int32())(cells, draws).cast(pl.Date),
    *(_instants(unit, zone) for unit in ("ms", "us", "ns") for zone in (None, "UTC", "America/New_York")),
    _repeat([decimal.Decimal("99999999999999999999999999.99"), decimal.Decimal("-1")], pl.Decimal(38, 2)),
    _repeat([float("nan"), float("inf"), -0.0, 1e308, 5e-324], pl.Float64()),
    _repeat([2**64 - 1, 0, 1], pl.UInt64()),
    _repeat([True, False, None], pl.Boolean()),
    _repeat([dt.time(1), None], pl.Time()),
    _repeat([dt.timedelta(1), None], pl.Duration()),
    _repeat([b"\xff\x00", None], pl.Binary()),
]


def change_array(array: np.ndarray[Any, Any], draws: random.Random) -> np.ndarray[Any, Any]:
    """Change values, kind of number, shape or length of an array."""
    changed = np.array(array)
    kind = draws.randrange(8)
    if kind < 4 and changed.size:
        values = (
            [-1, 2**31 - 1, -(2**31), 2**40, 0, changed.size, 1]
            if changed.dtype.kind in "iu"
            else [np.nan, np.inf, 1e38, -1]
        )
        flat = changed.reshape(-1)
        for _ in range(draws.randint(1, 4)):
            if changed.dtype.kind == "b":
                flat[draws.randrange(flat.size)] ^= True
            else:
                flat[draws.randrange(flat.size)] = np.array(draws.choice(values)).astype(changed.dtype)
        return changed
    if kind == 4 and changed.size:
        return changed[: draws.randrange(len(changed))]
    if kind == 5:
        return np.concatenate([changed, changed])
    if kind == 6:
        return changed.astype(draws.choice([np.float64, np.float32, np.int32, np.int64, np.uint8]))
    return changed.reshape(-1) if changed.ndim > 1 else changed[:, None]


def _put(records: list[list[str]], row: int, column: int, text: str) -> None:
    if column < len(records[row]):
        records[row][column] = text
