"""Fitted models that are made of arrays: written and read back whole, to the bit, without a line of their own."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as read_arrays
from safetensors.numpy import save as arrays_to_bytes
from scipy import sparse

from frontrow.errors import ArtifactError
from frontrow.storage.artifact import read_manifest, write_artifact

ARRAYS: Final = "arrays.safetensors"
FIELDS: Final = "fields.json"


class Saved:
    """A frozen dataclass that can be saved.

    Its fields are arrays of numbers, sparse matrices (`csr_matrix`), other such dataclasses, or what JSON holds
    (numbers, text, tuples of them, dictionaries with text as keys).

    Example:
        >>> import tempfile
        >>> @dataclasses.dataclass(frozen=True)
        ... class Counts(Saved):
        ...     score: NDArray[np.float32]
        >>> with tempfile.TemporaryDirectory() as there:
        ...     Counts(np.ones(2, dtype=np.float32)).save(Path(there))
        ...     Counts.load(Path(there)).score.tolist()
        [1.0, 1.0]
    """

    def save(self, folder: str | Path) -> None:
        """Write every field into a folder; a model saved there before is replaced."""
        arrays: dict[str, NDArray[Any]] = {}
        told = _told(self, "", arrays)
        files: dict[str, str | bytes] = {ARRAYS: arrays_to_bytes(arrays), FIELDS: json.dumps(told) + "\n"}
        write_artifact(Path(folder), type(self).__name__, files, {})

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a saved model back; every array is the same to the bit.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
        """
        folder = Path(folder)
        read_manifest(folder, cls.__name__)
        try:
            arrays = read_arrays((folder / ARRAYS).read_bytes())
            told = json.loads((folder / FIELDS).read_text("utf-8"))
            read: Self = _read(cls, told, "", arrays)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error
        return read


def _told(one: Any, prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """The fields that JSON holds; the others are put among the arrays, under the path of their name."""
    told: dict[str, Any] = {}
    for field in dataclasses.fields(one):
        value, name = getattr(one, field.name), prefix + field.name
        if isinstance(value, np.ndarray):
            arrays[name] = np.ascontiguousarray(value)
        elif isinstance(value, sparse.csr_matrix):
            parts = {"data": value.data, "indices": value.indices, "indptr": value.indptr, "shape": value.shape}
            arrays |= {f"{name}.{part}": np.ascontiguousarray(cells) for part, cells in parts.items()}
        elif dataclasses.is_dataclass(value):
            told[field.name] = _told(value, f"{name}.", arrays)
        else:
            told[field.name] = value
    return told


def _read(cls: type[Any], told: Mapping[str, Any], prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Any:
    kinds = get_type_hints(cls)
    found: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        name, kind = prefix + field.name, kinds[field.name]
        if name in arrays:
            found[field.name] = arrays[name]
        elif f"{name}.indptr" in arrays:
            data, indices, starts, shape = (arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr", "shape"))
            found[field.name] = sparse.csr_matrix((data, indices, starts), shape=tuple(shape.tolist()))
        elif dataclasses.is_dataclass(kind) and isinstance(kind, type):
            found[field.name] = _read(kind, told[field.name], f"{name}.", arrays)
        else:
            found[field.name] = _as_told(kind, told[field.name])
    return cls(**found)


def _as_told(kind: Any, value: Any) -> Any:
    """JSON knows lists only."""
    return tuple(value) if get_origin(kind) is tuple else value
