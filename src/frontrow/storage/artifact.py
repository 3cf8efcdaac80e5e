"""Saved models: text and arrays in a folder with a manifest of checksums; nothing that runs code when opened."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as read_arrays
from safetensors.numpy import save as arrays_to_bytes
from scipy import sparse

from frontrow.errors import ArtifactError
from frontrow.masking import describe_value
from frontrow.storage.array_checks import build_sparse, check_model
from frontrow.storage.folder import replace_file, write_text
from frontrow.storage.json_file import parse_json
from frontrow.storage.pointer import is_sealed, seal

FORMAT_VERSION: Final = 2
MANIFEST: Final = "manifest.json"
FILES: Final = "files"
"""What the manifest calls the digests by file name."""

ARRAYS: Final = "arrays.safetensors"
FIELDS: Final = "fields.json"


def write_artifact(folder: Path, kind: str, files: Mapping[str, str | bytes], about: Mapping[str, Any]) -> None:
    """Write a model's files, then the manifest that makes them valid.

    Args:
        folder: Made if it does not exist.
        kind: The kind of model; `read_manifest` expects the same.
        files: Text or bytes by file name.
        about: Further JSON values for the manifest.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_artifact(Path(folder) / "model", "example", {"a.txt": "tree"}, {"seed": 1})
        ...     read_manifest(Path(folder) / "model", "example")["seed"]
        1
    """
    folder.mkdir(parents=True, exist_ok=True)
    if files:
        # while files change, the old manifest does not hold for them
        (folder / MANIFEST).unlink(missing_ok=True)
    digests = {}
    for name, content in files.items():
        written = content.encode() if isinstance(content, str) else content
        with replace_file(folder / name) as staged:
            staged.write_bytes(written)
        digests[name] = hashlib.sha256(written).hexdigest()
    manifest = {"format_version": FORMAT_VERSION, "kind": kind, "files": digests, **about}
    text = json.dumps(manifest, indent=2, default=str) + "\n"
    write_text(seal(text.encode()).decode(), folder / MANIFEST)


def read_manifest(folder: Path, kind: str) -> dict[str, Any]:
    """Read the manifest and check every file it lists.

    Args:
        folder: The model's.
        kind: The expected kind of model.

    Raises:
        ArtifactError: There is no such model, it is of another kind or version, or a file was changed.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
        manifest = parse_json(content)
    except FileNotFoundError as error:
        raise ArtifactError(f"{folder} holds no saved model. Fit one first.") from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{folder / MANIFEST} is damaged. Fit the model again.") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArtifactError(f"{folder / MANIFEST} is damaged. Fit the model again.")
    if manifest.get("kind") != kind or manifest.get("format_version") != FORMAT_VERSION:
        raise ArtifactError(
            f"{folder} holds a {describe_value(manifest.get('kind'))} model of format "
            f"{describe_value(manifest.get('format_version'))}; "
            f"expected {kind}, format {FORMAT_VERSION}. Fit it again."
        )
    if not is_sealed(content):
        raise ArtifactError(f"{folder / MANIFEST} was changed after it was saved. Fit the model again.")
    for name, digest in manifest["files"].items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise ArtifactError(f"{folder} lacks {describe_value(name)}. Fit the model again.")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise ArtifactError(f"{path} was changed after it was saved. Fit the model again.")
    return manifest


class ArrayModel:
    """A frozen dataclass that can be saved and read back, equal to the bit, without code of its own.

    Its fields are arrays of numbers, sparse matrices (`csr_matrix`), other such dataclasses, or JSON values (numbers,
    text, tuples of them). `shapes` and the other class attributes of `array_checks.check_model` say how they fit each
    other; a saved model in which they do not is refused.

    Example:
        >>> import tempfile
        >>> @dataclasses.dataclass(frozen=True)
        ... class Counts(ArrayModel):
        ...     score: NDArray[np.float32]
        ...     shapes = {"score": ("products",)}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Counts(np.ones(2, dtype=np.float32)).save(folder)
        ...     Counts.load(folder).score.tolist()
        [1.0, 1.0]
    """

    def save(self, folder: str | Path) -> None:
        """Write every field into a folder; a model saved there before is replaced."""
        arrays: dict[str, NDArray[Any]] = {}
        fields = _collect_fields(self, "", arrays)
        files: dict[str, str | bytes] = {ARRAYS: arrays_to_bytes(arrays), FIELDS: json.dumps(fields) + "\n"}
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
            fields = parse_json((folder / FIELDS).read_text("utf-8"))
            model: Self = _build(cls, fields, "", arrays)
            model.dimensions()
        except (OSError, KeyError, TypeError, ValueError, OverflowError, RecursionError, SafetensorError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Fit it again.") from error
        return model

    def dimensions(self) -> dict[str, int]:
        """Return how many customers, products and so on the model has; see `array_checks.check_model`.

        Raises:
            ValueError: Its parts do not fit each other.
        """
        return check_model(self)


def _collect_fields(model: Any, prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Return the fields that JSON holds; add the others to `arrays`, under the path of their name."""
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(model):
        value, name = getattr(model, field.name), prefix + field.name
        if isinstance(value, np.ndarray):
            arrays[name] = np.ascontiguousarray(value)
        elif isinstance(value, sparse.csr_matrix):
            parts = {"data": value.data, "indices": value.indices, "indptr": value.indptr, "shape": value.shape}
            arrays |= {f"{name}.{part}": np.ascontiguousarray(values) for part, values in parts.items()}
        elif dataclasses.is_dataclass(value):
            fields[field.name] = _collect_fields(value, f"{name}.", arrays)
        else:
            fields[field.name] = value
    return fields


def _build(cls: type[Any], fields: Mapping[str, Any], prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Any:
    types = get_type_hints(cls)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        name, kind = prefix + field.name, types[field.name]
        if name in arrays:
            values[field.name] = arrays[name]
        elif f"{name}.indptr" in arrays:
            data, indices, starts, shape = (arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr", "shape"))
            values[field.name] = build_sparse(data, indices, starts, shape)
        elif dataclasses.is_dataclass(kind) and isinstance(kind, type):
            values[field.name] = _build(kind, fields[field.name], f"{name}.", arrays)
        else:
            value = fields[field.name]
            # JSON has lists in the place of tuples
            values[field.name] = tuple(value) if get_origin(kind) is tuple and isinstance(value, list) else value
    return cls(**values)
