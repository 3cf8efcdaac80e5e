"""Which image each product has: the address in the catalogue, a file in a folder, or a line of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.masking import describe_value
from frontrow.shop.product_vectors import normalise_title
from frontrow.tables.text_table import filled_rows, read_text_table

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp")
IMAGE: Final = "image"
WEB_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
ADVICE: Final = (
    "Give a folder of images called like the products' ids, SKUs or titles, or a CSV file with product_id or title, "
    "and image: the path of a file, or its address."
)


@dataclass(frozen=True)
class ImageSource:
    """Where the image of a product is.

    Attributes:
        product_id: The product; None where only its title is known.
        title: Its title; None where only its id is known.
        place: Path of a file, or an address that begins with http.
    """

    product_id: str | None
    title: str | None
    place: str

    @property
    def is_address(self) -> bool:
        """Whether the image has to be downloaded."""
        return bool(WEB_ADDRESS.match(self.place))


def find_images(products: pl.DataFrame, images: Path | None = None) -> list[ImageSource]:
    """The image of each product that has one.

    Args:
        products: Of the shop: `product_id`, `title`, `skus`, `image_url`.
        images: A folder or a CSV file; None for the addresses of the catalogue.

    Raises:
        InputError: The folder holds no image, or the file cannot be used.
    """
    if images is None:
        rows = products.filter(pl.col("image_url").is_not_null()).select("product_id", "title", "image_url")
        return [ImageSource(*row) for row in rows.iter_rows()]
    if images.is_dir():
        return list(_find_in_folder(products, images))
    return list(_read_list(images))


def _find_in_folder(products: pl.DataFrame, folder: Path) -> Iterator[ImageSource]:
    """Images called like a product's id, SKU or title; one called like none of them is of a new product."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise InputError(f"the folder holds no image ({', '.join(SUFFIXES)})", file=folder, advice=ADVICE)
    names: dict[str, tuple[str, str]] = {}
    for product_id, title, skus in products.select("product_id", "title", "skus").iter_rows():
        for name in (product_id.lower(), *(sku.lower() for sku in skus or ()), normalise_title(title or "")):
            names.setdefault(name, (product_id, title))
    seen = set()
    for path in files:
        stem = path.stem.lower()
        product_id, title = names.get(stem) or names.get(normalise_title(stem)) or (path.stem, normalise_title(stem))
        if product_id not in seen:
            seen.add(product_id)
            yield ImageSource(product_id, title, str(path))


def _read_list(file: Path) -> Iterator[ImageSource]:
    table = read_text_table(file, ADVICE, required=(IMAGE,))
    if not {"product_id", "title"} & set(table.columns):
        raise InputError("has neither a column product_id nor a column title", file=file, row=1, advice=ADVICE)
    rows: dict[str, int] = {}
    for row, product_id, title, place in filled_rows(table, ("product_id", "title", IMAGE)).iter_rows():
        name = product_id or normalise_title(title or "")
        if not name:
            problem = "names no product: product_id and title are empty"
            raise InputError(problem, file=file, row=row, advice="Give one of them, or leave the row out.")
        if name in rows:
            problem = f"{describe_value(product_id or title)} has an image in row {rows[name]} already"
            raise InputError(problem, file=file, row=row, advice="Keep one of the two rows.")
        rows[name] = row
        if place is None:
            continue
        source = ImageSource(product_id, title, place)
        # a path is seen from the list that names it
        yield source if source.is_address else ImageSource(product_id, title, str(file.parent / place))
