"""The file of a bulk operation: one object a line, children told by `__parentId` and never by where they stand.

Since API version 2026-01 children need not follow their parent, and lines come in any order. An object may come twice,
where it was changed while the operation ran: then its newest state counts.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.sources.shopify.file_check import FileCheck, IncompleteFileError

PARENT: Final = "__parentId"
ID: Final = "id"
NUMBER: Final = "number"
UPDATED: Final = "updated"
CHUNK: Final = 8 * 1024 * 1024
"""Bytes of the file that are read at once."""


@dataclass(frozen=True)
class Layout:
    """The fields of objects as they come, and the columns that are made of them at once, so that memory stays small.

    Attributes:
        roots: Fields of an object without a parent, `id` among them.
        children: Fields of the others, without `__parentId`.
        root_columns: What is kept of an object without a parent, beside `id` and `number`.
        child_columns: What is kept of the others, beside these and `__parentId`.
    """

    roots: Mapping[str, pl.DataType]
    children: Mapping[str, pl.DataType]
    root_columns: Sequence[pl.Expr]
    child_columns: Sequence[pl.Expr] = ()


@dataclass(frozen=True)
class Nodes:
    """The objects of a file, each once.

    Attributes:
        roots: Those without a parent, in order of their number: `id`, `number` and the layout's columns.
        children: Those with one, in order of their parent's number and their own, with the parent's id in `__parentId`.
        repeated: How many lines repeated an object.
        orphans: How many children have no parent in the file; they are not in `children`.
    """

    roots: pl.DataFrame
    children: pl.DataFrame
    repeated: int
    orphans: int


def read_nodes(file: Path, check: FileCheck, layout: Layout) -> Nodes:
    """Read the file of a bulk operation.

    Args:
        file: One JSON object a line.
        check: What the operation says of it.
        layout: The fields of its objects.

    Raises:
        IncompleteFileError: The file is cut off or damaged.
    """
    if check.size is not None and file.stat().st_size < check.size:
        raise IncompleteFileError("it is shorter than Shopify says")
    schema = {**layout.children, **layout.roots, PARENT: pl.String()}
    # a file of no lines has the columns too
    parts = [_split(pl.DataFrame(schema=schema), layout)]
    parts += [_split(_parse(chunk, schema), layout) for chunk in _read_chunks(file)]
    all_roots, all_children = (pl.concat(side) for side in zip(*parts, strict=True))
    if all_roots.height + all_children.height != check.objects or all_roots.height != check.roots:
        raise IncompleteFileError("it does not hold as many objects as Shopify says")
    once, lines = _keep_latest(all_roots), _keep_latest(all_children)
    parents = once.select(pl.col(ID).alias(PARENT), pl.col(NUMBER).alias("parent_number"))
    owned = lines.join(parents, on=PARENT).sort("parent_number", NUMBER, ID).drop("parent_number")
    repeated = check.objects - once.height - lines.height
    return Nodes(once.sort(NUMBER, ID).drop(UPDATED), owned.drop(UPDATED), repeated, lines.height - owned.height)


def _read_chunks(file: Path) -> Iterator[bytes]:
    """Give the file in pieces of whole lines.

    Raises:
        IncompleteFileError: The last line has no end.
    """
    rest = b""
    with file.open("rb") as lines:
        while chunk := lines.read(CHUNK):
            whole, _, rest = (rest + chunk).rpartition(b"\n")
            if whole:
                yield whole + b"\n"
    if rest.strip():
        raise IncompleteFileError("its last line is cut off")


def _parse(chunk: bytes, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    try:
        return pl.read_ndjson(io.BytesIO(chunk), schema=dict(schema))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        # without its cause, which may hold a part of the line
        raise IncompleteFileError("a line of it is damaged") from None


def _split(nodes: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, pl.DataFrame]:
    number = pl.col(ID).str.extract(r"(\d+)(?:\?.*)?$").cast(pl.Int64, strict=False).alias(NUMBER)
    changed = pl.col("updatedAt") if "updatedAt" in nodes.columns else pl.lit(None, pl.String)
    own = (ID, number, changed.alias(UPDATED))
    is_root = nodes[PARENT].is_null()
    return (
        nodes.filter(is_root).select(*own, *layout.root_columns),
        nodes.filter(~is_root).select(PARENT, *own, *layout.child_columns),
    )


def _keep_latest(nodes: pl.DataFrame) -> pl.DataFrame:
    """Each object once: its newest state where it says when it was changed, else the last line of it."""
    if not nodes[ID].is_duplicated().any():
        return nodes
    return nodes.sort(UPDATED, maintain_order=True).unique(ID, keep="last", maintain_order=True)
