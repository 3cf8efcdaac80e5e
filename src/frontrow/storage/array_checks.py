"""Whether the arrays of a saved model fit each other: kinds of numbers, shapes, and positions that exist.

numpy and scipy trust what they are given: an index outside of a matrix reads another part of the memory, or ends the
process. So a model from a file is compared with what its class declares, before anything computes with it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from frontrow.storage.json_types import LARGEST_INTEGER, is_of_type

SHOP_DIMENSIONS: Final = ("customers", "products")

LARGEST_SIDE: Final = 2**31 - 1
"""Most rows or columns of a sparse matrix."""


def build_sparse(
    data: NDArray[Any], indices: NDArray[Any], starts: NDArray[Any], shape: NDArray[Any]
) -> sparse.csr_matrix:
    """Return the matrix of these parts.

    Args:
        data: Value of each stored cell; finite.
        indices: Column of each stored cell; each once within a row.
        starts: First cell of each row, and the end of the last.
        shape: Rows and columns.

    Raises:
        ValueError: The parts are not those of a matrix.

    Example:
        >>> parts = (np.ones(2, np.float32), np.array([0, 1], np.int32), np.array([0, 2], np.int32), np.array([1, 2]))
        >>> build_sparse(*parts).toarray().tolist()
        [[1.0, 1.0]]
        >>> build_sparse(*parts[:3], np.array([1, 1]))
        Traceback (most recent call last):
        ValueError: a sparse matrix has a column that does not exist
    """
    integers = (indices, starts, shape)
    _require(all(part.ndim == 1 for part in (data, *integers)), "a sparse matrix has parts of another shape")
    _require(all(part.dtype in (np.int32, np.int64) for part in integers), "the positions are not whole numbers")
    _require(data.dtype in (np.float32, np.float64, np.int32, np.int64), "the cells are not numbers")
    _require(indices.dtype == starts.dtype and len(shape) == 2, "a sparse matrix has parts of another kind")
    rows, columns = (int(side) for side in shape)
    _require(0 <= rows <= LARGEST_SIDE and 0 <= columns <= LARGEST_SIDE, "a sparse matrix has no size")
    _require(len(starts) == rows + 1, "a sparse matrix has another number of rows")
    _require(is_partition(starts, len(data)) and len(indices) == len(data), "a row of a sparse matrix has no end")
    _require(_lie_within(indices, 0, columns), "a sparse matrix has a column that does not exist")
    cells = np.repeat(np.arange(rows, dtype=np.int64), np.diff(starts)) * columns + indices
    # products of matrices have the columns of a row in any order, and each of them once
    is_ascending = bool((np.diff(cells) > 0).all())
    _require(is_ascending or bool((np.diff(np.sort(cells)) > 0).all()), "a sparse matrix has a cell twice")
    _require(bool(np.isfinite(data).all()), "a sparse matrix has a cell without a number")
    return sparse.csr_matrix((data, indices, starts), shape=(rows, columns))


def is_partition(starts: NDArray[Any], length: int) -> bool:
    """Whether positions divide so many items into runs: from 0, never back, to the end.

    Example:
        >>> is_partition(np.array([0, 2, 2, 5]), 5), is_partition(np.array([0, 3, 2, 5]), 5)
        (True, False)
    """
    return bool(len(starts) and starts[0] == 0 and starts[-1] == length and (np.diff(starts) >= 0).all())


def check_model(model: Any) -> dict[str, int]:
    """Check a model and all models within it against what their classes declare.

    A class may declare, by the name of a field:

    * `shapes`: its dimensions, each a name, a number, or a name with "+1". A name means the same number everywhere.
    * `dimension_of`: the dimension whose number it is, for a whole number or something with a length.
    * `indices`: the dimension that its numbers are positions of; `optional_indices` have -1 for none.
    * `may_be_unknown`: fields whose numbers may be infinite or missing.

    * `limits`: the largest whole number, in settings that decide how much memory is taken.

    A method `check` is given the dimensions, makes further checks, and raises ValueError.

    Args:
        model: A frozen dataclass.

    Returns:
        The number of each dimension.

    Raises:
        ValueError: A field is of another kind or shape, or refers to something that does not exist.
    """
    dimensions: dict[str, int] = {}
    parts = [model]
    while parts:
        part = parts.pop()
        hints = get_type_hints(type(part))
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if dataclasses.is_dataclass(value):
                _require(type(value) is hints[field.name], f"{field.name} is another part")
                parts.append(value)
            _check_field(part, field.name, value, hints[field.name], dimensions)
    _check_indices(model, dimensions)
    return dimensions


def shop_dimensions(model: Any) -> dict[str, int]:
    """Return the numbers of customers and products of a model; other dimensions mean something else in each model.

    Args:
        model: Anything; without a method `dimensions` nothing is known of it.

    Raises:
        ValueError: The parts of the model do not fit each other.
    """
    dimensions: dict[str, int] = model.dimensions() if hasattr(model, "dimensions") else {}
    return {name: number for name, number in dimensions.items() if name in SHOP_DIMENSIONS}


def merge_dimensions(*parts: Mapping[str, int]) -> dict[str, int]:
    """Return the dimensions of several models together.

    Raises:
        ValueError: Two of them have another number for the same dimension.

    Example:
        >>> merge_dimensions({"products": 2}, {"customers": 5, "products": 2})
        {'products': 2, 'customers': 5}
    """
    dimensions: dict[str, int] = {}
    for part in parts:
        for name, number in part.items():
            _require(dimensions.setdefault(name, number) == number, f"the numbers of {name} differ")
    return dimensions


def _check_field(part: Any, name: str, value: Any, hint: Any, dimensions: dict[str, int]) -> None:
    shape = getattr(part, "shapes", {}).get(name)
    if isinstance(value, np.ndarray):
        _require(shape is not None and get_origin(hint) is np.ndarray, f"{name} is no array")
        _require(value.dtype == get_args(get_args(hint)[1])[0], f"{name} has numbers of another kind")
        may_be_unknown = name in getattr(part, "may_be_unknown", ()) or value.dtype.kind != "f"
        _require(may_be_unknown or bool(np.isfinite(value).all()), f"{name} has a cell without a number")
    elif isinstance(value, sparse.csr_matrix):
        _require(shape is not None and hint is sparse.csr_matrix, f"{name} is no sparse matrix")
    elif not dataclasses.is_dataclass(value):
        _require(is_of_type(value, hint), f"{name} has a value of another kind")
    if shape is not None:
        _require(hasattr(value, "shape") and len(value.shape) == len(shape), f"{name} has another shape")
        for dimension, number in zip(shape, value.shape, strict=True):
            _fit(dimension, number, dimensions, name)
    if (size := getattr(part, "dimension_of", {}).get(name)) is not None:
        _fit(size, value if isinstance(value, int) else len(value), dimensions, name)
    limit = getattr(part, "limits", {}).get(name)
    if limit is not None and value is not None:
        numbers = value if isinstance(value, tuple) else (value,)
        _require(all(0 <= number <= limit for number in numbers) and len(numbers) <= limit, f"{name} is too large")


def _fit(dimension: str | int, number: int, dimensions: dict[str, int], name: str) -> None:
    if isinstance(dimension, str):
        dimension, plus, more = dimension.partition("+")
        number -= int(more) if plus else 0
        _require(number >= 0, f"{name} has another shape")
        dimension = dimensions.setdefault(dimension, number)
    _require(dimension == number, f"{name} has another shape")


def _check_indices(model: Any, dimensions: Mapping[str, int]) -> None:
    """Check positions, now that all dimensions are there, and what classes check themselves; inner models first."""
    for field in dataclasses.fields(model):
        if dataclasses.is_dataclass(value := getattr(model, field.name)):
            _check_indices(value, dimensions)
    for low, attribute in ((0, "indices"), (-1, "optional_indices")):
        for name, dimension in getattr(model, attribute, {}).items():
            base, _, more = dimension.partition("+")
            # a part that was saved by itself has not every dimension
            end = dimensions.get(base, LARGEST_INTEGER) + int(more or 0)
            _require(_lie_within(getattr(model, name), low, end), f"{name} has a position outside")
    if hasattr(model, "check"):
        model.check(dimensions)


def _lie_within(values: NDArray[Any], low: int, end: int) -> bool:
    return bool(((values >= low) & (values < end)).all())


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(problem)
