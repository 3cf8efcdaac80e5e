"""Products and variations of the interface, in the columns of WooCommerce's own export of products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

from frontrow.sources.woocommerce.pages import Record

PUBLISHED: Final = {"publish": "1", "private": "0", "pending": "2"}
DRAFT: Final = "-1"
ATTRIBUTES: Final = 6
COLUMNS: Final = (
    *("ID", "Type", "SKU", "Name", "Published", "Short description", "Description", "Sale price", "Regular price"),
    *("Categories", "Tags", "Brands", "Images", "Parent", "Cost of goods"),
    *(f"Attribute {number} value(s)" for number in range(1, ATTRIBUTES + 1)),
)
NEW_LINE: Final = "\n"


def export_products(
    products: Iterable[Record], variations: Iterable[Record], categories: Mapping[int, str]
) -> pl.DataFrame:
    """Return one row a product and one a variation; all cells are text.

    Args:
        products: Each once.
        variations: With `parent_id`, each once; those of products that are not here are left out.
        categories: The path of each category, such as `Garden > Pots`, by its id.
    """
    listed = {int(product["id"]): product for product in products}
    rows = [_product_cells(product, categories) for product in listed.values()]
    ordered = sorted(variations, key=lambda variation: (int(variation["parent_id"]), int(variation["id"])))
    rows += [
        _variation_cells(variation, listed[int(variation["parent_id"])])
        for variation in ordered
        if int(variation["parent_id"]) in listed
    ]
    cells = {name: [row.get(name) or None for row in rows] for name in COLUMNS}
    return pl.DataFrame(cells, schema=dict.fromkeys(COLUMNS, pl.String))


def category_paths(categories: Iterable[Record]) -> dict[int, str]:
    """Return the path of each category by its id.

    Args:
        categories: With `parent`, which is 0 at the top.

    Example:
        >>> category_paths([{"id": 1, "name": "Garden", "parent": 0}, {"id": 2, "name": "Pots", "parent": 1}])
        {1: 'Garden', 2: 'Garden > Pots'}
    """
    listed = {int(category["id"]): category for category in categories}
    return {number: " > ".join(_names_above(number, listed)) for number in listed}


def _names_above(number: int, listed: Mapping[int, Record]) -> list[str]:
    names: list[str] = []
    # no more steps than there are categories, in case one is above itself
    for _ in range(len(listed)):
        if number not in listed:
            break
        names.insert(0, _escape(listed[number]["name"]))
        number = int(listed[number].get("parent") or 0)
    return names


def _product_cells(product: Record, categories: Mapping[int, str]) -> dict[str, str | None]:
    named = product.get("categories") or ()
    paths = [categories.get(int(category["id"]), _escape(category["name"])) for category in named]
    return {
        "ID": str(product["id"]),
        "Type": product.get("type"),
        "SKU": product.get("sku"),
        "Name": product.get("name"),
        "Published": PUBLISHED.get(str(product.get("status")), DRAFT),
        "Short description": _one_line(product.get("short_description")),
        "Description": _one_line(product.get("description")),
        "Sale price": product.get("sale_price"),
        "Regular price": product.get("regular_price"),
        "Categories": ", ".join(paths),
        "Tags": _join_names(product.get("tags")),
        "Brands": _join_names(product.get("brands")),
        "Images": ", ".join(str(image.get("src")) for image in product.get("images") or () if image.get("src")),
        "Cost of goods": _cost(product.get("cost_of_goods_sold")),
    }


def _variation_cells(variation: Record, product: Record) -> dict[str, str | None]:
    attributes = [str(attribute.get("option") or "") for attribute in variation.get("attributes") or ()]
    values = {f"Attribute {number} value(s)": _escape(value) for number, value in enumerate(attributes, 1)}
    own_sku = variation.get("sku") or ""
    return {
        "ID": str(variation["id"]),
        "Type": "variation",
        # the interface gives a variation without a SKU the SKU of its product
        "SKU": own_sku if own_sku != (product.get("sku") or "") else None,
        "Name": " - ".join(part for part in (product.get("name"), ", ".join(attributes)) if part),
        "Published": DRAFT if product.get("status") == "draft" else PUBLISHED.get(str(variation.get("status")), DRAFT),
        "Sale price": variation.get("sale_price"),
        "Regular price": variation.get("regular_price"),
        "Parent": f"id:{product['id']}",
        **{name: value for name, value in values.items() if name in COLUMNS},
    }


def _join_names(terms: Any) -> str:
    return ", ".join(_escape(term["name"]) for term in terms or ())


def _escape(name: str) -> str:
    return name.replace(",", "\\,")


def _one_line(text: str | None) -> str | None:
    return text.replace(NEW_LINE, "\\n") if text else None


def _cost(cost: Any) -> str | None:
    """What a product costs the shop, where that is kept: a list of values or one total, by WooCommerce's version."""
    total = cost.get("total_value") if isinstance(cost, Mapping) else None
    return None if total is None else str(total)
