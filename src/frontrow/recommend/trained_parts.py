"""The folder of a trained recommender: a manifest, and the parts that it names."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from frontrow.errors import ArtifactError
from frontrow.storage.artifact import MANIFEST
from frontrow.storage.folder import sweep_staging
from frontrow.storage.json_file import parse_json

KIND: Final = "trained recommender"
PARTS: Final = "parts-"
"""What the name of the folder of the parts begins with."""


def check_output_folder(folder: Path) -> None:
    """Check that a trained recommender can be saved to a folder without replacing anything else.

    Raises:
        ArtifactError: It is a file, or a folder that holds something else.
    """
    # parts without a manifest are what an interrupted training left
    left = (PARTS, f".{MANIFEST}-")
    if not folder.exists() or (folder.is_dir() and all(path.name.startswith(left) for path in folder.iterdir())):
        return
    try:
        manifest = parse_json((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise ArtifactError(f"{folder} holds something else than a trained recommender. Choose another folder.")


def sweep_parts(folder: Path) -> bool:
    """Remove the parts that the manifest does not name, and the folder where nothing was saved.

    Args:
        folder: A recommender's, or one that an interrupted command was about to make.

    Returns:
        Whether a recommender is there.
    """
    named = None
    with suppress(OSError, ValueError, TypeError, KeyError):
        named = parse_json((folder / MANIFEST).read_bytes())["folder"]
    for parts in folder.glob(f"{PARTS}*"):
        if parts.name != named:
            shutil.rmtree(parts, ignore_errors=True)
    if folder.is_dir():
        sweep_staging(folder)
    with suppress(OSError):
        folder.rmdir()
    return named is not None


def digest_parts(folder: Path) -> str:
    """SHA-256 of the manifests in a folder and below, which hold that of every other file there.

    Args:
        folder: The folder of the parts.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob(MANIFEST)):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
