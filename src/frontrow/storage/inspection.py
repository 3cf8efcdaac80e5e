"""Look at every file of a shop without trusting one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from frontrow.errors import ShopError
from frontrow.storage.artifact import FILES, MANIFEST
from frontrow.storage.commit import STAGING, digest_of
from frontrow.storage.folder import MARK, OWNER
from frontrow.storage.holding import is_held
from frontrow.storage.pointer import POINTER, STAGED, TABLES, Pointer, is_sealed


@dataclass(frozen=True)
class Inspection:
    """What the files of a shop are worth.

    Attributes:
        pointer: What `shop.json` says, whether its seal is whole or not.
        sealed: Whether `shop.json` is as it was written.
        missing: Names of tables whose file is gone.
        damaged: Names of tables whose file is not what was written.
        leftovers: Files and folders that the pointer does not name.
    """

    pointer: Pointer
    sealed: bool
    missing: tuple[str, ...]
    damaged: tuple[str, ...]
    leftovers: tuple[Path, ...]

    @property
    def lost(self) -> tuple[str, ...]:
        """Names of the tables that cannot be read."""
        return (*self.missing, *self.damaged)


def inspect_shop(folder: Path) -> Inspection:
    """Compare every table with its checksum, and list what no pointer names; the caller has the shop's lock.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: `shop.json` is no pointer at all, so that nothing is known of the shop.
    """
    file = folder / POINTER
    if not file.is_file():
        Pointer.read(folder)  # says what is wrong
    content = file.read_bytes()
    try:
        pointer = Pointer.parse(content, file, check_seal=False)
    except ShopError as error:
        raise ShopError(
            f"{file} is damaged, and nothing else says which files are the shop. Put the folder back from a copy, or "
            "import the shop's exports again into a new folder."
        ) from error
    missing = [name for name, table in pointer.tables.items() if not (folder / table.file).is_file()]
    damaged = [
        name
        for name, table in pointer.tables.items()
        if name not in missing and digest_of(folder / table.file) != table.sha256
    ]
    leftovers = tuple(_list_leftovers(folder, pointer))
    return Inspection(pointer, is_sealed(content), tuple(missing), tuple(damaged), leftovers)


def is_whole_model(path: Path) -> bool:
    """Whether the files of a fitted model are those that were saved.

    Args:
        path: The model's file or folder.
    """
    if path.is_file():
        try:
            json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return False
        return True
    manifests = list(path.rglob(MANIFEST))
    return bool(manifests) and all(map(_is_whole_artifact, manifests))


def _is_whole_artifact(manifest: Path) -> bool:
    try:
        files = json.loads(manifest.read_text("utf-8"))[FILES]
        return all(digest_of(manifest.parent / name) == digest for name, digest in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _list_leftovers(folder: Path, pointer: Pointer) -> Iterator[Path]:
    named = {folder / table.file for table in pointer.tables.values()}
    waiting = {folder / STAGING / name for name in pointer.sections.get(STAGED, [])}
    for place in (folder / TABLES, folder / STAGING):
        if place.is_dir():
            entries = sorted(path for path in place.iterdir() if path not in named | waiting)
            yield from (path for path in entries if not is_held(path))
    staging = sorted(path for path in folder.glob(f".*{MARK}*") if path.is_dir())
    yield from (path for path in staging if not is_held(path / OWNER))
