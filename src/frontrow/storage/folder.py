"""Files of a shop's folder, replaced together or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import ShopError

ORDERS: Final = "orders.parquet"
PRODUCTS: Final = "products.parquet"
CUSTOMERS: Final = "customers.parquet"
SETTINGS: Final = "shop.json"
RULES: Final = "product_rules.json"
CONTACT_LOG: Final = "contact_log.parquet"
HELD_OUT_LOG: Final = "held_out_log.parquet"
STANDING_CONTROL: Final = "standing_control.json"
RECOMMENDERS: Final = "recommenders"


Versions = Mapping[str, tuple[int, int, int]]
"""By name of a file: what differs after it was replaced."""


def versions(folder: Path) -> Versions:
    """The versions of a folder's files, to be told apart from later ones by `replace_files`."""
    if not folder.is_dir():
        return {}
    told = {path.name: path.stat() for path in folder.iterdir() if path.is_file()}
    return {name: (file.st_ino, file.st_mtime_ns, file.st_size) for name, file in told.items()}


@contextmanager
def replace_files(folder: Path, *, read: Versions | None = None) -> Iterator[Path]:
    """Give a staging folder; when the block ends well, its files take the place of those in `folder`.

    When the block raises, `folder` is as it was, and is not created if it did not exist. Orders move after the
    products and customers they name, and `shop.json` last, so that an import interrupted between two moves leaves a
    shop that can be read, and an interrupted first import leaves no folder that looks like a shop.

    Args:
        folder: Made if need be.
        read: The `versions` from which the new files were made, where they were made from the old ones.

    Raises:
        ShopError: Another command has replaced one of the files since; `folder` is as that one left it.

    Example:
        >>> with tempfile.TemporaryDirectory() as there:
        ...     target = Path(there) / "shop"
        ...     with replace_files(target) as staged:
        ...         _ = (staged / "shop.json").write_text("{}")
        ...     sorted(path.name for path in target.iterdir())
        ['shop.json']
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield staged
        if read is not None:
            _refuse_other_versions(folder, read, [path.name for path in staged.iterdir()])
        folder.mkdir(exist_ok=True)
        for path in sorted(staged.iterdir(), key=lambda path: (path.name == SETTINGS, path.name == ORDERS, path.name)):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _refuse_other_versions(folder: Path, read: Versions, names: Iterable[str]) -> None:
    now = versions(folder)
    if any(now.get(name) != read.get(name) for name in names):
        raise ShopError(f"Another command has changed {folder} meanwhile. Nothing was written; run this one again.")


def write_parquet(frame: pl.LazyFrame, path: Path) -> None:
    """Stream a frame to Parquet; the same rows give the same bytes."""
    frame.sink_parquet(path, compression="zstd", compression_level=3)


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give a staging path beside `path`; when the block ends well, that file takes its place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        yield staged / path.name
        (staged / path.name).replace(path)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a staging folder; when the block ends well, it becomes `folder`, which must not be there or be empty.

    Example:
        >>> with tempfile.TemporaryDirectory() as there:
        ...     with new_folder(Path(there) / "campaign") as staged:
        ...         _ = (staged / "campaign.json").write_text("{}")
        ...     sorted(path.name for path in Path(there).rglob("*"))
        ['campaign', 'campaign.json']
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield staged
        if folder.exists():
            folder.rmdir()
        staged.rename(folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def write_text(text: str, path: Path) -> None:
    """Write a text file in one step: the old content or the new, never a part."""
    with replace_file(path) as staged:
        staged.write_text(text, "utf-8")
