"""Files of a shop's folder, replaced together or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

ORDERS: Final = "orders.parquet"
PRODUCTS: Final = "products.parquet"
CUSTOMERS: Final = "customers.parquet"
SETTINGS: Final = "shop.json"
RULES: Final = "product_rules.json"
CONTACT_LOG: Final = "contact_log.parquet"
HELD_OUT_LOG: Final = "held_out_log.parquet"
STANDING_CONTROL: Final = "standing_control.json"
RECOMMENDERS: Final = "recommenders"


@contextmanager
def replace_files(folder: Path) -> Iterator[Path]:
    """Give a staging folder; when the block ends well, its files take the place of those in `folder`.

    When the block raises, `folder` is as it was, and is not created if it did not exist. Orders move after the
    products and customers they name, and `shop.json` last, so that an import interrupted between two moves leaves a
    shop that can be read, and an interrupted first import leaves no folder that looks like a shop.

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
        folder.mkdir(exist_ok=True)
        for path in sorted(staged.iterdir(), key=lambda path: (path.name == SETTINGS, path.name == ORDERS, path.name)):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


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
