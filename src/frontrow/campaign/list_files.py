"""Recommendations as platforms take them: one row a customer, products side by side, and a template that shows them.

A message is written once, and the platform fills in each customer's products: so a profile needs `product_1_title`,
`product_1_url` and so on. What is known of no product has no column, and the template does without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import polars as pl

from frontrow.campaign.contacts import campaign_tag
from frontrow.campaign.export import LIST_FIELDS, Export, get_export
from frontrow.errors import SettingError

STEM: Final = "recommendations"
PLACE: Final = "{product_id}"
"""Stands for the product's id in the address of its page."""

LIST_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "customer_id": pl.Int64(),
    "rank": pl.Int64(),
    **{field: pl.String() for field in LIST_FIELDS},
}
"""Rows of lists as they are shown: what is known of each product, ready to be read; null for not known."""


@dataclass(frozen=True)
class ListFile:
    """A file that was written.

    Attributes:
        export: Name of the platform.
        path: Path of the file.
        rows: Customers in it; 0 for a template.
        is_template: Whether it is the sample template.
    """

    export: str
    path: Path
    rows: int
    is_template: bool = False


def check_list_exports(exports: Sequence[str]) -> list[Export]:
    """The platforms that take lists, by name.

    Raises:
        CampaignError: There is no such platform.
        SettingError: A platform takes no lists.
    """
    platforms = [get_export(name) for name in dict.fromkeys(exports)]
    for platform in platforms:
        if not platform.list_headers:
            raise SettingError("export", f"{platform.title} takes no lists of products. Write klaviyo, say.")
    return platforms


def product_pages(product_ids: pl.Series, address: str | None) -> pl.Series:
    """The address of each product's page in the shop.

    Args:
        product_ids: Of products that the catalogue has; null for others.
        address: The shop's, with `PLACE`; None where it is not stated.

    Example:
        >>> ids = pl.Series(["red-pot", "a b", None])
        >>> product_pages(ids, "https://shop.example/products/{product_id}").to_list()
        ['https://shop.example/products/red-pot', 'https://shop.example/products/a%20b', None]
    """
    pages = [
        None if address is None or name is None else address.replace(PLACE, quote(name, safe=""))
        for name in product_ids
    ]
    return pl.Series("url", pages, pl.String)


def is_web_address(text: str | None) -> bool:
    """Whether a text may stand in a link: `https` or `http`, a host, and nothing that ends an attribute.

    Example:
        >>> [is_web_address(text) for text in ("https://a.example/x.jpg", "javascript:alert(1)", "//a.example", None)]
        [True, False, False, False]
    """
    if not text or any(sign in text for sign in "\"'<> \t\r\n"):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.netloc)


def write_lists(
    staged: Path, lists: pl.DataFrame, customers: pl.DataFrame, exports: Sequence[str], *, name: str, place: Path
) -> list[ListFile]:
    """Write each platform's file and sample template into an empty folder.

    Args:
        staged: The empty folder.
        lists: `LIST_SCHEMA`.
        customers: `customer_id`, `address`, `tags`.
        exports: Names of platforms.
        name: Of the lists; it is in the tag of platforms with one pool of contacts.
        place: What the folder is to become; the paths that are returned lie there.
    """
    positions: int = lists.select(pl.col("rank").max().fill_null(0)).item()
    fields = [field for field in LIST_FIELDS if lists[field].null_count() < lists.height]
    wide = widen_lists(lists, positions, fields)
    contacts = customers.join(wide, on="customer_id").sort("customer_id")
    contacts = contacts.with_columns(campaign_tag=pl.lit(campaign_tag(name, STEM)))
    written = []
    for platform in check_list_exports(exports):
        table = platform.list_table(contacts, positions, fields)
        for path, rows in platform.write_table(table, staged, f"{platform.name}-{STEM}"):
            written.append(ListFile(platform.name, place / path.name, rows))
        template = platform.list_template(positions, fields)
        if template is not None:
            path = staged / f"{platform.name}-template.html"
            path.write_text(template, "utf-8")
            written.append(ListFile(platform.name, place / path.name, 0, is_template=True))
    return written


def widen_lists(lists: pl.DataFrame, positions: int, fields: Sequence[str]) -> pl.DataFrame:
    """One row a customer, with a column `FIELD_RANK` for each field and rank.

    Args:
        lists: `LIST_SCHEMA`.
        positions: Number of ranks.
        fields: Of `LIST_FIELDS`.

    Example:
        >>> rows = {"customer_id": [7, 7], "rank": [1, 2], "title": ["Pot", "Bulb"]}
        >>> widen_lists(pl.DataFrame(rows), 2, ["title"]).rows()
        [(7, 'Pot', 'Bulb')]
    """
    columns = [
        pl.col(field).filter(pl.col("rank") == rank).first().alias(f"{field}_{rank}")
        for rank in range(1, positions + 1)
        for field in fields
    ]
    return lists.group_by("customer_id", maintain_order=True).agg(columns)
