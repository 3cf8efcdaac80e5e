"""Files of product vectors: what is read, and where each mistake is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.errors import InputError
from frontrow.shop.product_vectors import ProductVectors
from frontrow.shop.vector_file import MOST_DIMENSIONS, read_vector_file, write_vectors

VALUES = np.array([[0.25, -1.5e-3], [1.0, 7.0]], dtype=np.float32)


def _csv(folder: Path, text: str) -> Path:
    file = folder / "vectors.csv"
    file.write_text(text, "utf-8")
    return file


def _parquet(folder: Path, **columns) -> Path:
    file = folder / "vectors.parquet"
    pl.DataFrame(columns).write_parquet(file)
    return file


def test_csv_and_parquet_with_columns_or_lists_hold_the_same_vectors(tmp_path: Path) -> None:
    files = [
        _csv(tmp_path, "Product ID;Title;v0;v1\na;Red pot;0.25;-0.0015\n b ;;1;7\n"),
        _parquet(tmp_path / "..", product_id=["a", "b"], title=["Red pot", None], x=[0.25, 1.0], y=[-1.5e-3, 7.0]),
    ]
    lists = tmp_path / "lists.parquet"
    pl.DataFrame({"product_id": ["a", "b"], "title": ["Red pot", None], "embedding": VALUES.tolist()}).write_parquet(
        lists
    )
    for file in [*files, lists]:
        vectors = read_vector_file(file)
        assert (list(vectors.product_ids), list(vectors.titles)) == (["a", "b"], ["Red pot", None])
        np.testing.assert_array_equal(vectors.values, VALUES)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    vectors = ProductVectors(["a", None], [None, "Tin"], VALUES)
    file = tmp_path / "vectors.parquet"
    write_vectors(vectors).write_parquet(file)
    assert read_vector_file(file).digest == vectors.digest


def test_ids_that_are_numbers_are_read_as_text(tmp_path: Path) -> None:
    vectors = read_vector_file(_parquet(tmp_path, product_id=[85123, 7], x=[1.0, 2.0]))
    assert list(vectors.product_ids) == ["85123", "7"]
    assert list(vectors.titles) == [None, None]


@pytest.mark.parametrize(
    ("text", "row", "column", "problem"),
    [
        ("name,x\na,1\n", 1, None, "neither a column product_id nor a column title"),
        ("product_id,x\n", None, None, "has no product"),
        ("product_id,title\na,b\n", 1, None, "0 columns of numbers"),
        ("product_id,x,y\na,1,2\nb,1,\n", 3, "y", "is empty"),
        ("product_id,x,y\na,1,2\nb,nan,3\n", 3, "x", "not a finite number"),
        ("product_id,x,y\na,1,inf\n", 2, "y", "not a finite number"),
        ("product_id,x,y\na,1,1e39\n", 2, "y", "not a finite number"),
        ("product_id,x\na,0.5O\n", 2, "x", '"0.5O" is not a finite number'),
        ("product_id,x\na,1\na,2\n", 3, "product_id", "has a vector in row 2 already"),
        ("title,x\nRed pot,1\nred  POT,2\n", 3, "title", "has a vector in row 2 already"),
        ("product_id,title,x\n,,1\n", 2, None, "names no product"),
        ("product_id,x\na,1,2\n", 2, None, "3 cells where the header has 2"),
        ("product_id,Product ID,x\na,a,1\n", 1, "product_id", "two columns"),
        (
            "product_id," + ",".join(f"v{i}" for i in range(MOST_DIMENSIONS + 1)) + "\n" + "a\n",
            1,
            None,
            "columns of num",
        ),
    ],
)
def test_a_mistake_is_an_error_that_says_where(
    tmp_path: Path, text: str, row: int | None, column: str | None, problem: str
) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        read_vector_file(_csv(tmp_path, text))
    assert (caught.value.row, caught.value.column) == (row, column)
    assert str(caught.value).startswith("vectors.csv")


@pytest.mark.parametrize(
    ("lists", "row", "problem"),
    [
        ([[1.0, 2.0], [1.0]], 3, "is of length 1, where the first vector is of length 2"),
        ([[1.0, 2.0], None], 3, "is of length 0"),
        ([[], []], 2, "is empty"),
        ([[1.0, float("nan")], [1.0, 2.0]], 2, "not a finite number"),
        ([["a"], ["b"]], None, "something else than numbers"),
    ],
)
def test_lists_of_other_lengths_or_without_numbers_are_errors(tmp_path: Path, lists, row, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        read_vector_file(_parquet(tmp_path, product_id=["a", "b"], vector=lists))
    assert (caught.value.row, caught.value.column) == (row, "vector")


def test_other_files_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and then nothing")
    for file, problem in [
        (broken, "not a readable Parquet file"),
        (tmp_path / "missing.parquet", "does not exist"),
        (tmp_path / "missing.csv", "does not exist"),
        (tmp_path, "folder"),
        (_parquet(tmp_path, product_id=["a"], more=[[1.0]], other=[2.0]), "cells of several values"),
    ]:
        with pytest.raises(InputError, match=problem):
            read_vector_file(file)
