"""Arrays of a saved model that do not fit each other are refused before anything computes with them."""

import dataclasses
import json
from typing import ClassVar, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load, save
from scipy import sparse

from frontrow.errors import ArtifactError
from frontrow.storage.array_checks import build_sparse, check_model, merge_dimensions
from frontrow.storage.artifact import ARRAYS, FIELDS, ArrayModel
from frontrow.testing.artifacts import sign_artifact


@dataclasses.dataclass(frozen=True)
class Settings:
    kind: Literal["a", "b"]
    width: int
    rate: float | None = None

    limits: ClassVar = {"width": 100}


@dataclasses.dataclass(frozen=True)
class Example(ArrayModel):
    history: sparse.csr_matrix
    scores: NDArray[np.float32]
    pool: NDArray[np.int64]
    names: tuple[str, ...]
    settings: Settings

    shapes: ClassVar = {"history": ("customers", "products"), "scores": ("products",), "pool": ("pool",)}
    dimension_of: ClassVar = {"names": "products"}
    indices: ClassVar = {"pool": "customers"}


def example() -> Example:
    history = sparse.csr_matrix(np.array([[1, 0, 2], [0, 3, 0]], dtype=np.float32))
    return Example(history, np.ones(3, np.float32), np.array([0, 1]), ("a", "b", "c"), Settings("a", 4, 0.5))


@pytest.fixture
def saved(tmp_path):
    example().save(tmp_path)
    return tmp_path


def test_a_model_is_read_back_with_its_dimensions(saved):
    assert Example.load(saved).dimensions() == {"customers": 2, "products": 3, "pool": 2}


ARRAY_CHANGES = {
    "a column that does not exist": ("history.indices", lambda a: np.array([0, 9, 1], a.dtype)),
    "a negative column": ("history.indices", lambda a: np.array([0, -1, 1], a.dtype)),
    "a column twice": ("history.indices", lambda a: np.array([0, 0, 1], a.dtype)),
    "a column too few": ("history.indices", lambda a: a[:2]),
    "columns of another kind": ("history.indices", lambda a: a.astype(np.float32)),
    "a row that ends before it begins": ("history.indptr", lambda a: np.array([0, 3, 2], a.dtype)),
    "a row beyond the end": ("history.indptr", lambda a: np.array([0, 2, 99], a.dtype)),
    "a first row that does not begin at 0": ("history.indptr", lambda a: np.array([1, 2, 3], a.dtype)),
    "more rows": ("history.shape", lambda a: np.array([3, 3], a.dtype)),
    "a negative shape": ("history.shape", lambda a: np.array([-2, 3], a.dtype)),
    "a huge shape": ("history.shape", lambda a: np.array([2, 2**40], a.dtype)),
    "a shape of three sides": ("history.shape", lambda a: np.array([2, 3, 1], a.dtype)),
    "a cell that is no number": ("history.data", lambda a: np.array([1, np.nan, 3], a.dtype)),
    "cells of another kind": ("history.data", lambda a: a.astype(np.uint8)),
    "scores of other products": ("scores", lambda a: np.ones(4, a.dtype)),
    "scores in a table": ("scores", lambda a: np.ones((3, 1), a.dtype)),
    "infinite scores": ("scores", lambda a: np.full(3, np.inf, a.dtype)),
    "scores of another kind": ("scores", lambda a: a.astype(np.float64)),
    "a customer that does not exist": ("pool", lambda a: np.array([0, 2], a.dtype)),
}


@pytest.mark.parametrize("name", ARRAY_CHANGES)
def test_arrays_that_do_not_fit_are_refused(saved, name):
    part, change = ARRAY_CHANGES[name]
    arrays = load((saved / ARRAYS).read_bytes())
    (saved / ARRAYS).write_bytes(save({**arrays, part: change(arrays[part])}))
    sign_artifact(saved)
    with pytest.raises(ArtifactError, match="holds a damaged model"):
        Example.load(saved)


@pytest.mark.parametrize("dropped", ["scores", "history.data", "history.indptr"])
def test_an_array_that_is_missing_is_refused(saved, dropped):
    arrays = load((saved / ARRAYS).read_bytes())
    (saved / ARRAYS).write_bytes(save({name: array for name, array in arrays.items() if name != dropped}))
    sign_artifact(saved)
    with pytest.raises(ArtifactError, match="holds a damaged model"):
        Example.load(saved)


FIELD_CHANGES = [
    {"names": ["a", "b"]},
    {"names": ["a", "b", 3]},
    {"names": "abc"},
    {"names": None},
    {"settings": None},
    {"settings": []},
    {"settings": {"kind": "c", "width": 4, "rate": 0.5}},
    {"settings": {"kind": "a", "width": 10**9, "rate": 0.5}},
    {"settings": {"kind": "a", "width": -1, "rate": 0.5}},
    {"settings": {"kind": "a", "width": 4.0, "rate": 0.5}},
    {"settings": {"kind": "a", "width": True, "rate": 0.5}},
    {"settings": {"kind": "a", "width": 4, "rate": "0.5"}},
    {"settings": {"kind": "a", "width": 4, "rate": float("nan")}},
    {"settings": {"kind": "a", "rate": 0.5}},
]


@pytest.mark.parametrize("change", FIELD_CHANGES)
def test_values_of_another_kind_are_refused(saved, change):
    fields = json.loads((saved / FIELDS).read_text())
    (saved / FIELDS).write_text(json.dumps(fields | change))
    sign_artifact(saved)
    with pytest.raises(ArtifactError, match="holds a damaged model"):
        Example.load(saved)


@pytest.mark.parametrize("text", ["[]", "null", "{", "[" * 100_000, '{"names": 1e999}', "\N{REPLACEMENT CHARACTER}"])
def test_fields_that_are_no_object_are_refused(saved, text):
    (saved / FIELDS).write_text(text, "utf-8")
    sign_artifact(saved)
    with pytest.raises(ArtifactError, match="holds a damaged model"):
        Example.load(saved)


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"\x00" * 8, b"\x10" + b"\x00" * 7 + b"{}" * 8])
def test_arrays_that_are_none_are_refused(saved, content):
    (saved / ARRAYS).write_bytes(content)
    sign_artifact(saved)
    with pytest.raises(ArtifactError, match="holds a damaged model"):
        Example.load(saved)


def test_a_number_in_the_place_of_an_array_is_refused(saved):
    arrays = load((saved / ARRAYS).read_bytes())
    arrays.pop("scores")
    (saved / ARRAYS).write_bytes(save(arrays))
    fields = json.loads((saved / FIELDS).read_text())
    (saved / FIELDS).write_text(json.dumps(fields | {"scores": [1.0, 1.0, 1.0]}))
    sign_artifact(saved)
    with pytest.raises(ArtifactError, match="holds a damaged model"):
        Example.load(saved)


def test_columns_in_any_order_are_a_matrix():
    parts = (np.ones(2, np.float32), np.array([1, 0], np.int32), np.array([0, 2], np.int32), np.array([1, 2]))
    assert build_sparse(*parts).toarray().tolist() == [[1.0, 1.0]]


def test_models_of_two_shops_do_not_fit():
    dimensions = check_model(example())
    with pytest.raises(ValueError, match="the numbers of products differ"):
        merge_dimensions(dimensions, {"products": 4})
