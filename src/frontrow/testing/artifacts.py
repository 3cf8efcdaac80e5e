"""Saved models changed on purpose: their checksums written anew, as somebody can who sends a shop a model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from frontrow.storage.artifact import MANIFEST
from frontrow.storage.pointer import seal


def sign_artifact(folder: Path, changes: Mapping[str, Any] | None = None) -> None:
    """Write the manifest of a saved model anew, so that it fits the files as they are now.

    Args:
        folder: The model's.
        changes: Entries of the manifest to replace.

    Example:
        >>> import tempfile
        >>> from frontrow.storage.artifact import read_manifest, write_artifact
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_artifact(Path(folder), "example", {"a.txt": "tree"}, {})
        ...     _ = (Path(folder) / "a.txt").write_text("bush")
        ...     sign_artifact(Path(folder), {"seed": 2})
        ...     read_manifest(Path(folder), "example")["seed"]
        2
    """
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest.pop("sha256", None)
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    text = json.dumps({**manifest, "files": files, **(changes or {})}, indent=2) + "\n"
    (folder / MANIFEST).write_bytes(seal(text.encode()))
