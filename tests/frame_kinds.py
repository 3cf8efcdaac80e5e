"""The same rows as a frame of each library that frontrow reads."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import narwhals as nw
import pandas as pd
import polars as pl
import pytest

HAS_DUCKDB = importlib.util.find_spec("duckdb") is not None
NO_DUCKDB = "duckdb is not installed"


def to_duckdb(frame: pl.DataFrame) -> Any:
    import duckdb

    return duckdb.from_arrow(frame.to_arrow())


def to_pandas(frame: pl.DataFrame) -> Any:
    return pd.DataFrame(frame.to_pandas())


KINDS: Mapping[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "polars lazy": lambda frame: frame.lazy(),
    "narwhals": nw.from_native,
    "pandas": to_pandas,
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": to_duckdb,
}

kinds = pytest.mark.parametrize(
    "make",
    [
        pytest.param(make, id=name, marks=pytest.mark.skipif(name == "duckdb" and not HAS_DUCKDB, reason=NO_DUCKDB))
        for name, make in KINDS.items()
    ],
)
