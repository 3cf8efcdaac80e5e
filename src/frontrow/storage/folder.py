"""Files and folders that are replaced in one step or not at all, and the names of those in a shop's folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError, ShopError

ORDERS: Final = "orders.parquet"
PRODUCTS: Final = "products.parquet"
CUSTOMERS: Final = "customers.parquet"
SETTINGS: Final = "shop.json"
RULES: Final = "product_rules.json"
CONTACT_LOG: Final = "contact_log.parquet"
HELD_OUT_LOG: Final = "held_out_log.parquet"
GLOBAL_CONTROL_GROUP: Final = "global_control_group.json"
RECOMMENDERS: Final = "recommenders"

Versions = Mapping[str, tuple[int, int, int]]
"""By file name: inode, time of the last change and size, of which at least one differs after a replacement."""


def versions(folder: Path) -> Versions:
    """Return the versions of a folder's files, for `replace_files` to compare with later ones."""
    if not folder.is_dir():
        return {}
    files = {path.name: path.stat() for path in folder.iterdir() if path.is_file()}
    return {name: (file.st_ino, file.st_mtime_ns, file.st_size) for name, file in files.items()}


@contextmanager
def replace_files(folder: Path, *, read: Versions | None = None) -> Iterator[Path]:
    """Give a staging folder; when the block ends well, its files take the place of those in `folder`.

    When the block raises, `folder` is as it was, and is not created if it did not exist. Orders move after the
    products and customers they refer to, and `shop.json` last, so that an import interrupted between two moves leaves
    a shop that can be read, and an interrupted first import leaves no folder that looks like a shop.

    Args:
        folder: Made if it does not exist.
        read: The `versions` of the old files, if the new ones were made from them.

    Raises:
        ShopError: Another command has replaced one of the files since; `folder` is as that command left it.

    Example:
        >>> with tempfile.TemporaryDirectory() as parent:
        ...     folder = Path(parent) / "shop"
        ...     with replace_files(folder) as staged:
        ...         _ = (staged / "shop.json").write_text("{}")
        ...     sorted(path.name for path in folder.iterdir())
        ['shop.json']
    """
    with staging_folder(folder) as staged:
        yield staged
        if read is not None:
            _refuse_other_versions(folder, read, [path.name for path in staged.iterdir()])
        folder.mkdir(exist_ok=True)
        for path in sorted(staged.iterdir(), key=lambda path: (path.name == SETTINGS, path.name == ORDERS, path.name)):
            path.replace(folder / path.name)


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give a staging path beside `path`; when the block ends well, that file takes its place in one step."""
    with staging_folder(path) as staged:
        yield staged / path.name
        (staged / path.name).replace(path)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a staging folder; when the block ends well, it becomes `folder`, which must not exist or be empty.

    Example:
        >>> with tempfile.TemporaryDirectory() as parent:
        ...     with new_folder(Path(parent) / "campaign") as staged:
        ...         _ = (staged / "campaign.json").write_text("{}")
        ...     sorted(path.name for path in Path(parent).rglob("*"))
        ['campaign', 'campaign.json']
    """
    with staging_folder(folder) as staged:
        yield staged
        if folder.exists():
            folder.rmdir()
        staged.rename(folder)


@contextmanager
def staging_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder beside `path`, whose name begins with a dot; remove it in the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _refuse_other_versions(folder: Path, read: Versions, names: Iterable[str]) -> None:
    now = versions(folder)
    if any(now.get(name) != read.get(name) for name in names):
        raise ShopError(f"Another command has changed {folder} meanwhile. Nothing was written; run this one again.")


def write_parquet(frame: pl.LazyFrame, path: Path) -> None:
    """Stream a frame to Parquet; the same rows give the same bytes.

    Args:
        frame: The rows.
        path: The file to write.
    """
    frame.sink_parquet(path, compression="zstd", compression_level=3)


def write_text(text: str, path: Path) -> None:
    """Write a text file in one step: it has the old content or the new, never a part.

    Args:
        text: The new content.
        path: The file to write.
    """
    with replace_file(path) as staged:
        staged.write_text(text, "utf-8")


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
