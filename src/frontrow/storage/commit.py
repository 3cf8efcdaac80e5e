"""One change of a shop: new files for the tables that changed, and then one pointer in place of the other.

Until the pointer is replaced nothing has changed; from then on everything has. Files that no pointer names are what an
interrupted command left, or what a change replaced: the next command removes them.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import ShopError
from frontrow.storage.durable import make_private, make_private_folder, report_full_disk, sync_file, sync_folder
from frontrow.storage.folder import sweep_models, sweep_staging, write_parquet, write_text
from frontrow.storage.holding import remove_unless_held
from frontrow.storage.pointer import DESCRIBES, ORDERS, POINTER, STAGED, TABLES, Pointer, StoredTable

STAGING: Final = "staging"
NEW: Final = ".new"
"""Suffix of a file that is being written."""

GROUP_ROWS: Final = 125_000
"""Rows of each group of a table's file, which are held in memory together."""


def commit(
    folder: Path,
    tables: Mapping[str, pl.LazyFrame],
    sections: Mapping[str, Any],
    *,
    texts: Mapping[str, str] | None = None,
) -> Pointer:
    """Change a shop, in one step that survives a loss of power; the caller has the shop's lock.

    Args:
        folder: The shop's folder.
        tables: Those that are new or changed; the others stay as they are.
        sections: Those of the pointer that are new or changed; the others stay.
        texts: Files beside the pointer that a person may edit, by name: each is replaced before the pointer is.

    Returns:
        The new pointer.

    Raises:
        ShopError: The shop is damaged, or has a link to another place in it.
        DiskFullError: There is no space left; the shop is as it was.
    """
    old = Pointer.read(folder) if (folder / POINTER).exists() else Pointer()
    generation = old.generation + 1
    with report_full_disk(folder):
        if not folder.exists():
            make_private_folder(folder)
        make_private_folder(folder / TABLES)
        new_texts = [name for name in texts or () if not (folder / name).exists()]
        try:
            with report_full_disk(folder):
                stored = {name: _write_table(folder, name, rows, generation, old) for name, rows in tables.items()}
            pointer = Pointer(generation, {**_staying(old, tables), **stored}, {**old.sections, **sections})
            sync_folder(folder / TABLES)
            for name, text in (texts or {}).items():
                write_text(text, folder / name)
            write_text(pointer.to_text(), folder / POINTER)
        except BaseException:
            for name in new_texts:
                (folder / name).unlink(missing_ok=True)
            raise
        finally:
            # after a failure the old pointer decides what is left over, after the swap the new one does
            with suppress(OSError, ShopError):
                sweep_shop(folder)
    return pointer


def sweep_shop(folder: Path) -> list[Path]:
    """Remove the files that a shop's pointer does not name, unless a living command still reads them.

    The caller has the shop's lock.

    Returns:
        What a living command still reads.
    """
    pointer = Pointer.read(folder) if (folder / POINTER).exists() else Pointer()
    named = {folder / table.file for table in pointer.tables.values()}
    held = [path for path in _entries(folder / TABLES) if path not in named and not remove_unless_held(path)]
    waiting = pointer.sections.get(STAGED, [])
    for path in _entries(folder / STAGING):
        if path.name not in waiting:
            shutil.rmtree(path, ignore_errors=True)
    for place in (TABLES, STAGING):
        # only an empty one goes, which a shop without tables and one without campaigns has
        with suppress(OSError):
            (folder / place).rmdir()
    sweep_staging(folder)
    sweep_models(folder)
    return held


def stage_in_shop(folder: Path, name: str) -> Path:
    """Make an empty folder in a shop for what is to lie outside of it; a commit that names it in `STAGED` keeps it.

    The caller has the shop's lock.

    Args:
        folder: The shop's folder.
        name: Of the new folder.
    """
    make_private_folder(folder / STAGING)
    shutil.rmtree(folder / STAGING / name, ignore_errors=True)
    return make_private_folder(folder / STAGING / name)


def _staying(old: Pointer, changed: Mapping[str, pl.LazyFrame]) -> dict[str, StoredTable]:
    """The tables of a shop, without those that describe one that changes."""
    return {name: table for name, table in old.tables.items() if DESCRIBES.get(name) not in changed}


def _entries(folder: Path) -> list[Path]:
    """What a folder of a shop holds; nothing where it is a link to another place."""
    return sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []


def _write_table(folder: Path, name: str, rows: pl.LazyFrame, generation: int, old: Pointer) -> StoredTable:
    """Write a table under a name of its own; the same bytes as before keep the file they have."""
    staged = folder / TABLES / f"{name}{NEW}"
    staged.unlink(missing_ok=True)
    # the groups of the order lines are their blocks; what else is put together from files depends on no such file
    write_parquet(rows, staged, group_rows=None if name == ORDERS else GROUP_ROWS)
    make_private(staged)
    digest = digest_of(staged)
    before = old.tables.get(name)
    if before is not None and before.sha256 == digest and digest_of(folder / before.file) == digest:
        staged.unlink()
        return before
    sync_file(staged)
    height = pl.scan_parquet(staged, glob=False).select(pl.len()).collect().item()
    size = staged.stat().st_size
    file_name = f"{TABLES}/{name}-{generation:06d}-{digest[:8]}.parquet"
    staged.replace(folder / file_name)
    return StoredTable(file_name, digest, height, size)


def digest_of(file: Path) -> str:
    """SHA-256 of a file in hexadecimal digits; empty where there is no such file."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
