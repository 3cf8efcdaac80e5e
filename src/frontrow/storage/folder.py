"""Files and folders that are replaced in one step or not at all, and what an interrupted command left beside them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.storage.durable import (
    PRIVATE_FOLDER,
    make_parents,
    make_private,
    report_full_disk,
    sync_folder,
    sync_tree,
)
from frontrow.storage.holding import Hold, hold, remove_folder_unless_held

RECOMMENDERS: Final = "recommenders"
MODELS: Final = "models"
"""The folders of fitted recommenders and other fitted models in a shop's folder."""

OWNER: Final = "owner"
"""A file of a staging folder that the process which writes there holds as long as it lives."""

STAGED: Final = "staged"
"""The folder in a staging folder that is written to."""

MARK: Final = "-frontrow-"
"""In the name of every staging folder: an empty one is not of another program."""

RANDOM_PART: Final = "[a-z0-9_]{8}"
"""What `tempfile` ends a name with."""


@contextmanager
def replace_file(path: Path, *, private: bool = True) -> Iterator[Path]:
    """Give a staging path beside `path`; when the block ends well, that file takes its place in one step.

    Args:
        path: The file; a link is replaced, and what it points to stays as it is.
        private: Only the owner may read it; False for what holds nothing about a person.

    Raises:
        DiskFullError: The disk is full; the file is as it was.
    """
    with report_full_disk(path):
        with staging_folder(path) as staged, report_full_disk(path):
            yield staged / path.name
            if private:
                make_private(staged / path.name)
            sync_tree(staged)
            (staged / path.name).replace(path)
        # once the staging folder is gone, so that a loss of power does not bring it back
        sync_folder(path.parent)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a staging folder; when the block ends well, it becomes `folder`, which must not exist or be empty.

    Only the owner may read it.

    Raises:
        DiskFullError: The disk is full; nothing is there.

    Example:
        >>> with tempfile.TemporaryDirectory() as parent:
        ...     folder = Path(parent) / "campaign"
        ...     with new_folder(folder) as staged:
        ...         _ = (staged / "campaign.json").write_text("{}")
        ...     sorted(path.name for path in Path(parent).rglob("*"))
        ['campaign', 'campaign.json']
    """
    with report_full_disk(folder):
        with staging_folder(folder) as staged, report_full_disk(folder):
            yield staged
            make_private(staged)
            sync_tree(staged)
            if folder.exists():
                folder.rmdir()
            staged.rename(folder)
        sync_folder(folder.parent)


@contextmanager
def staging_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder inside a new one beside `path`, whose name begins with a dot; remove both in the end.

    What interrupted commands left of earlier ones in the same folder is removed first.
    """
    sweep_staging(path.parent)
    outer, owner = _make_staging_folder(path)
    try:
        with owner:
            (outer / STAGED).mkdir(mode=PRIVATE_FOLDER)
            yield outer / STAGED
    finally:
        shutil.rmtree(outer, ignore_errors=True)


def _make_staging_folder(path: Path) -> tuple[Path, Hold]:
    """Return a new folder and its owner's file, held; a sweep may remove either before it is held."""
    while True:
        make_parents(path)
        with suppress(FileNotFoundError):
            outer = Path(tempfile.mkdtemp(prefix=f".{path.name}{MARK}", dir=path.parent))
            (outer / OWNER).touch()
            return outer, hold(outer / OWNER)


def sweep_staging(parent: Path) -> None:
    """Remove staging folders that no living process owns.

    Args:
        parent: The folder they are in; other programs may write there too.
    """
    pattern = re.compile(rf"\..+{MARK}{RANDOM_PART}")
    for path in parent.glob(f".*{MARK}*"):
        if pattern.fullmatch(path.name) and not path.is_symlink():
            # another command may sweep the same folder at this moment, and its entries vanish
            with suppress(OSError):
                if {inner.name for inner in path.iterdir()} <= {OWNER, STAGED}:
                    remove_folder_unless_held(path, OWNER)


def sweep_models(folder: Path) -> None:
    """Do the same in a shop's folders of fitted models, and remove those that are empty.

    Args:
        folder: The shop's folder.
    """
    for place in (folder / MODELS, *(folder / RECOMMENDERS).glob("[!.]*"), folder / RECOMMENDERS):
        sweep_staging(place)
        with suppress(OSError):
            place.rmdir()


def remove_models(folder: Path) -> None:
    """Remove the fitted models of a shop, which learned from everyone; they are fitted again when they are needed.

    One that a living command is about to save is not kept either, because somebody was forgotten since its fit began.

    Args:
        folder: The shop's folder.
    """
    for place in [folder / MODELS, *(folder / RECOMMENDERS).glob("[!.]*")]:
        for path in place.glob("[!.]*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    sweep_models(folder)


def write_parquet(frame: pl.LazyFrame, path: Path, *, group_rows: int | None = None) -> None:
    """Stream a frame to Parquet; the same rows give the same bytes.

    Args:
        frame: The rows.
        path: The file to write.
        group_rows: Rows of each group of the file; None to begin a group with each file that the frame reads, too.
    """
    frame.sink_parquet(path, compression="zstd", compression_level=3, row_group_size=group_rows)


def write_text(text: str, path: Path, *, private: bool = True) -> None:
    """Write a text file in one step: it has the old content or the new, never a part.

    Args:
        text: The new content.
        path: The file to write.
        private: See `replace_file`.
    """
    with replace_file(path, private=private) as staged:
        staged.write_bytes(text.encode())


def check_output_file(file: str | Path, *suffixes: str) -> Path:
    """Return the path of a file to be written, or refuse it before anything is computed.

    Args:
        file: The file, as a person writes it.
        suffixes: The allowed ones, in lower case.

    Raises:
        InputError: It has another suffix, or is a folder.

    Example:
        >>> check_output_file("lists.csv", ".csv", ".parquet").name
        'lists.csv'
    """
    file = Path(file)
    if file.is_dir():
        raise InputError("is a folder", file=file, advice="Choose another name.")
    if file.suffix.lower() not in suffixes:
        allowed = " or ".join(suffixes)
        raise InputError(f"the suffix is not {allowed}", file=file, advice="Choose another name.")
    return file
