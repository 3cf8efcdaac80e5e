"""The file of a bulk operation, written as a file in the layout of Shopify's own export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.sources.shopify.export_customers import CUSTOMER_FIELDS, export_customers
from frontrow.sources.shopify.export_orders import LINE_FIELDS, ORDER_FIELDS, export_orders
from frontrow.sources.shopify.export_products import PRODUCT_FIELDS, VARIANT_FIELDS, export_products
from frontrow.sources.shopify.file_check import FileCheck
from frontrow.sources.shopify.jsonl import Nodes, read_nodes

Fields = Mapping[str, pl.DataType]

PRIVATE_FILE: Final = 0o600
FIELDS: Final[Mapping[str, tuple[Fields, Fields]]] = {
    "orders": (ORDER_FIELDS, LINE_FIELDS),
    "products": (PRODUCT_FIELDS, VARIANT_FIELDS),
    "customers": (CUSTOMER_FIELDS, {"id": pl.String()}),
}
EXPORTS: Final[Mapping[str, Callable[[Nodes, str], pl.DataFrame]]] = {
    "orders": export_orders,
    "products": lambda nodes, _: export_products(nodes),
    "customers": lambda nodes, _: export_customers(nodes),
}


def write_export(kind: str, file: Path, check: FileCheck, folder: Path, time_zone: str) -> list[int]:
    """Write KIND_export.parquet from the file of a bulk operation; nothing where it holds no object.

    Args:
        kind: Orders, products or customers.
        file: One JSON object a line.
        check: What the operation says of it.
        folder: Where to write.
        time_zone: IANA name, of the shop.

    Returns:
        Number of objects without a parent, of lines that repeated one, and of children without a parent.

    Raises:
        IncompleteFileError: The file is cut off or damaged.
    """
    nodes = read_nodes(file, check, *FIELDS[kind])
    if nodes.roots.height:
        rows = EXPORTS[kind](nodes, time_zone)
        target = folder / f"{kind}_export.parquet"
        part = target.with_suffix(".part")
        part.touch(mode=PRIVATE_FILE)
        rows.write_parquet(part)
        part.replace(target)
    return [nodes.roots.height, nodes.repeated, nodes.orphans]
