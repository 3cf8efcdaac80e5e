"""Make a file of product vectors of a shop's images or texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import Any, Final, Literal

import numpy as np
import polars as pl

from frontrow.embed.images.download import Downloads
from frontrow.embed.images.embedding import embed_images
from frontrow.embed.images.sources import find_images
from frontrow.embed.texts.embedding import TEXT_COLUMNS, embed_texts
from frontrow.errors import InputError, SettingError, ShopError, require
from frontrow.launch.launch_files import read_new_products
from frontrow.present.section import Section, Sentence
from frontrow.progress import Progress, no_progress
from frontrow.shop.product_vectors import ProductVectors
from frontrow.shop.shop import Shop
from frontrow.shop.vector_file import write_vectors
from frontrow.storage.table_output import TableFile

Kind = Literal["images", "texts"]

DOWNLOADS: Final = "images"
"""The folder of downloaded images in the shop's folder."""


@dataclass(frozen=True)
class EmbedSettings:
    """What vectors are made of.

    Attributes:
        kind: Of which each vector is made.
        output: Where they are written.
        images: A folder of images, or a CSV file that says where they are; None for the catalogue's addresses.
        products: A CSV file of new products, whose texts get vectors too.
        downloads: The folder of downloaded images; None for `DOWNLOADS` in the shop's folder.
    """

    kind: Kind
    output: TableFile
    images: Path | None = None
    products: Path | None = None
    downloads: Path | None = None


@dataclass(frozen=True)
class EmbedResult:
    """The vectors that were made.

    Attributes:
        folder: The shop's folder.
        vectors: One a product that has one.
        products: Number of products of the shop.
        with_vector: Number of those that have one.
        settings: What was asked for.
        unusable: How many images could not be used, by the reason.
        downloaded: Number of images downloaded.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    folder: Path
    vectors: ProductVectors
    products: int
    with_vector: int
    settings: EmbedSettings
    unusable: Mapping[str, int] = field(default_factory=dict)
    downloaded: int = 0
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "output": str(self.settings.output.path),
            "vectors": len(self.vectors.values),
            "dimensions": self.vectors.dimensions,
            "products": self.products,
            "products_with_vector": self.with_vector,
            "unusable_images": dict(self.unusable),
            "downloaded": self.downloaded,
        }

    def sections(self) -> list[Section]:
        """How many vectors there are, and what could not be used."""
        count = len(self.vectors.values)
        written = (
            f"{count:,} vectors of {self.vectors.dimensions} numbers, made of {self.settings.kind}: "
            f"{self.settings.output.path}. {self.with_vector:,} of the shop's {self.products:,} products have one."
        )
        sentences = [Sentence(written)]
        if self.downloaded:
            sentences.append(Sentence(f"{self.downloaded:,} images were downloaded and are kept for the next time."))
        if self.unusable:
            reasons = ", ".join(f"{reason} ({number:,})" for reason, number in self.unusable.items())
            sentences.append(Sentence(f"{sum(self.unusable.values()):,} images could not be used: {reasons}."))
        command = f"frontrow backtest {quote(str(self.folder))} --vectors {quote(str(self.settings.output.path))}"
        sentences.append(Sentence(f"See what they are worth, beside the back-test without them: {command}"))
        return [Section("embed", "", tuple(sentences))]


def embed_products(folder: Path, settings: EmbedSettings, *, progress: Progress = no_progress) -> EmbedResult:
    """Make product vectors and write them to a file.

    Args:
        folder: The shop's folder.
        settings: What they are made of.
        progress: Called with (done, total) images.

    Raises:
        InputError: A file or folder cannot be used, or no image of it can.
        MissingExtraError: The extra `images` or `texts` is not installed.
        SettingError: Options do not fit together.
        ShopError: The folder holds no shop, or its catalogue has no image address.
    """
    _check_settings(settings)
    shop = Shop.read(folder)
    products = _real_products(shop)
    if settings.kind == "images":
        result = _embed_images(folder, products, settings, progress)
    else:
        vectors = embed_texts(_select_texts(products, settings.products, shop))
        result = EmbedResult(folder, vectors, products.height, _count(vectors, products), settings)
    settings.output.write(write_vectors(result.vectors))
    return result


def _check_settings(settings: EmbedSettings) -> None:
    if settings.kind == "texts" and (settings.images is not None or settings.downloads is not None):
        setting = "images" if settings.images is not None else "downloads"
        raise SettingError(setting, "It is about vectors made of images: --from images.")
    if settings.kind == "images" and settings.products is not None:
        problem = "New products are found by their images: put those into the folder or file of --images."
        raise SettingError("products", problem)


def _select_texts(products: pl.DataFrame, file: Path | None, shop: Shop) -> pl.DataFrame:
    """Ids and texts of the products of a shop, and of the new ones of a file."""
    columns = ("product_id", *TEXT_COLUMNS)
    sold = products.select(pl.col(name).cast(pl.String) for name in columns)
    if file is None:
        return sold
    new = read_new_products(file, launch_day=shop.as_of().cutoff_day).select(columns)
    return pl.concat([sold.join(new, on="product_id", how="anti"), new])


def _embed_images(folder: Path, products: pl.DataFrame, settings: EmbedSettings, progress: Progress) -> EmbedResult:
    require("PIL", extra="images")
    sources = find_images(products, settings.images)
    if not sources and settings.images is None:
        raise ShopError(
            f"No product of {folder} has an image address. Import a products export that has them, or name a folder of "
            "images or a CSV file with --images."
        )
    downloads = Downloads(settings.downloads or folder / DOWNLOADS)
    embedded = embed_images(sources, downloads, progress=progress)
    if not len(embedded.vectors.values):
        reasons = ", ".join(f"{reason} ({number:,})" for reason, number in embedded.unusable.items())
        problem = f"none of {len(sources):,} images could be used: {reasons or 'no row names one'}"
        raise InputError(problem, file=settings.images or folder, advice="PNG, JPEG and WebP can be read.")
    count = _count(embedded.vectors, products)
    return EmbedResult(
        folder, embedded.vectors, products.height, count, settings, embedded.unusable, downloads.downloaded
    )


def _real_products(shop: Shop) -> pl.DataFrame:
    """The products of a shop, without what its rules say is none."""
    dropped = shop.rules.not_products(shop.products)
    return shop.products.filter(~pl.col("product_id").is_in(dropped["product_id"].implode()))


def _count(vectors: ProductVectors, products: pl.DataFrame) -> int:
    """How many of the products have a vector."""
    return int(np.isfinite(vectors.of(products)).all(axis=1).sum())
