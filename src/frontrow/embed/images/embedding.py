"""Product images to product vectors; what cannot be used is counted, by the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from frontrow.embed.images.decoding import MOST_BYTES, UnusableImageError, decode_image
from frontrow.embed.images.download import Downloads
from frontrow.embed.images.features import DIMENSIONS, compute_image_vector
from frontrow.embed.images.sources import ImageSource
from frontrow.progress import Progress, no_progress
from frontrow.shop.product_vectors import ProductVectors


@dataclass(frozen=True)
class EmbeddedImages:
    """The vectors of product images.

    Attributes:
        vectors: One a product whose image could be used.
        unusable: How many images could not be used, by the reason.
    """

    vectors: ProductVectors
    unusable: dict[str, int]


def embed_images(
    sources: Sequence[ImageSource], downloads: Downloads, *, progress: Progress = no_progress
) -> EmbeddedImages:
    """Make a vector of each image.

    Args:
        sources: Where the images are.
        downloads: Where those with an address are kept.
        progress: Called with (done, total) images.

    Raises:
        MissingExtraError: Pillow is not installed.
    """
    usable, values, unusable = [], [], Counter[str]()
    for done, source in enumerate(sources, 1):
        try:
            content = downloads.fetch(source.place) if source.is_address else _read_file(Path(source.place))
            values.append(compute_image_vector(decode_image(content)))
            usable.append(source)
        except UnusableImageError as error:
            unusable[str(error)] += 1
        progress(done, len(sources))
    vectors = ProductVectors(
        [source.product_id for source in usable],
        [source.title for source in usable],
        np.array(values, dtype=np.float32).reshape(len(values), DIMENSIONS),
    )
    return EmbeddedImages(vectors, dict(unusable.most_common()))


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnusableImageError("too large")
        return path.read_bytes()
    except OSError as error:
        raise UnusableImageError("no such file") from error
