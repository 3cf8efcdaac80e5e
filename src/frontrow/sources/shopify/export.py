"""The file of a bulk operation, written as a file in the layout of Shopify's own export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.sources.shopify.export_customers import customer_layout, export_customers
from frontrow.sources.shopify.export_orders import export_orders, order_layout
from frontrow.sources.shopify.export_products import export_products, product_layout
from frontrow.sources.shopify.file_check import FileCheck
from frontrow.sources.shopify.jsonl import Layout, Nodes, read_nodes

PRIVATE_FILE: Final = 0o600
EMAIL: Final = "Email"
LAYOUTS: Final[Mapping[str, Callable[[str], Layout]]] = {
    "orders": order_layout,
    "products": lambda _: product_layout(),
    "customers": lambda _: customer_layout(),
}
EXPORTS: Final[Mapping[str, Callable[[Nodes], pl.DataFrame]]] = {
    "orders": export_orders,
    "products": export_products,
    "customers": export_customers,
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
        Number of objects without a parent, of lines that repeated one, of children without a parent, and of rows with
        an e-mail address.

    Raises:
        IncompleteFileError: The file is cut off or damaged.
    """
    if not check.objects:
        return [0, 0, 0, 0]
    nodes = read_nodes(file, check, LAYOUTS[kind](time_zone))
    addresses = 0
    if nodes.roots.height:
        rows = EXPORTS[kind](nodes)
        target = folder / f"{kind}_export.parquet"
        part = target.with_suffix(".part")
        part.touch(mode=PRIVATE_FILE)
        rows.write_parquet(part)
        part.replace(target)
        addresses = rows[EMAIL].count() if EMAIL in rows.columns else 0
    return [nodes.roots.height, nodes.repeated, nodes.orphans, addresses]
