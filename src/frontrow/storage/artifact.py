"""Saved models: text and safetensors files with a manifest; nothing that runs code when opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from frontrow.errors import ArtifactError
from frontrow.storage.folder import replace_file, write_text

FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"


def write_artifact(folder: Path, kind: str, files: Mapping[str, str | bytes], about: Mapping[str, Any]) -> None:
    """Write a model's files, then the manifest that makes them valid.

    Args:
        folder: Made if it does not exist.
        kind: What sort of model it is; reading asks for the same.
        files: Text or bytes by file name.
        about: JSON values the manifest holds besides.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as there:
        ...     write_artifact(Path(there) / "model", "example", {"a.txt": "tree"}, {"seed": 1})
        ...     read_manifest(Path(there) / "model", "example")["seed"]
        1
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    digests = {}
    for name, content in files.items():
        written = content.encode() if isinstance(content, str) else content
        with replace_file(folder / name) as staged:
            staged.write_bytes(written)
        digests[name] = hashlib.sha256(written).hexdigest()
    manifest = {"format_version": FORMAT_VERSION, "kind": kind, "files": digests, **about}
    write_text(json.dumps(manifest, indent=2, default=str) + "\n", folder / MANIFEST)


def read_manifest(folder: Path, kind: str) -> dict[str, Any]:
    """Read the manifest and check every file it names.

    Raises:
        ArtifactError: There is no such model, it is of another kind or version, or a file was changed.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError(f"{folder} holds no saved model. Fit one first.") from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{folder / MANIFEST} is damaged. Fit the model again.") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArtifactError(f"{folder / MANIFEST} is damaged. Fit the model again.")
    if manifest.get("kind") != kind or manifest.get("format_version") != FORMAT_VERSION:
        raise ArtifactError(
            f"{folder} holds a {manifest.get('kind')} model of format {manifest.get('format_version')}; "
            f"expected {kind}, format {FORMAT_VERSION}. Fit it again."
        )
    for name, digest in manifest["files"].items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise ArtifactError(f"{folder} lacks {name}. Fit the model again.")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise ArtifactError(f"{path} was changed after it was saved. Fit the model again.")
    return manifest
