"""Vectors of product texts: the mean of the token vectors of WordLlama, whose weights come with its package.

A static model: it knows that "sofa" and "couch" are close, and not in which order words stand. Two files of the package
are read, weights and vocabulary; none of its code runs, and nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.embed.texts.tokens import Tokenizer
from frontrow.errors import ArtifactError, require
from frontrow.shop.product_vectors import ProductVectors

PACKAGE: Final = "wordllama"
WEIGHTS: Final = Path("weights") / "l2_supercat_256.safetensors"
VOCABULARY: Final = Path("tokenizers") / "l2_supercat_tokenizer_config.json"
TENSOR: Final = "embedding.weight"
MOST_CHARACTERS: Final = 4_000
"""Of a text; what a product is stands at the beginning of its description."""

TEXT_COLUMNS: Final = ("title", "product_type", "tags", "description")


def embed_texts(products: pl.DataFrame) -> ProductVectors:
    """A vector of each product's title, type, tags and description.

    Args:
        products: `product_id`, `TEXT_COLUMNS`; products without any text get none.

    Raises:
        MissingExtraError: The package with the weights is not installed.
        ArtifactError: Its files are not those of version 0.4.
    """
    text = pl.concat_str(TEXT_COLUMNS, separator=". ", ignore_nulls=True).str.slice(0, MOST_CHARACTERS)
    values = average_tokens(products.select(text.fill_null("")).to_series().to_list(), find_package())
    has_tokens = (values != 0).any(axis=1)
    rows = products.filter(pl.Series(has_tokens))
    return ProductVectors(rows["product_id"].to_list(), rows["title"].to_list(), values[has_tokens])


def average_tokens(texts: Sequence[str], package: Path) -> NDArray[np.float32]:
    """The mean vector of the tokens of each text; zeros for a text without any.

    Args:
        texts: Any texts.
        package: The folder of the package with the weights.

    Raises:
        ArtifactError: A file is missing, or not what it should be.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        weights = load_file(package / WEIGHTS)[TENSOR].astype(np.float32)
        tokenizer = Tokenizer.read(package / VOCABULARY)
        tokens = [tokenizer.encode(text) for text in texts]
        values = np.zeros((len(texts), weights.shape[1]), dtype=np.float32)
        for row, numbers in enumerate(tokens):
            if numbers:
                values[row] = weights[numbers].mean(axis=0)
    except (OSError, KeyError, IndexError, ValueError, SafetensorError) as error:
        raise ArtifactError(
            f"{package} does not hold the weights of {PACKAGE} 0.4. Install it again: pip install 'frontrow[texts]'"
        ) from error
    return values


def find_package() -> Path:
    """The folder of the package with the weights.

    Raises:
        MissingExtraError: It is not installed.
    """
    require(PACKAGE, extra="texts")
    spec = find_spec(PACKAGE)
    return Path(next(iter((spec and spec.submodule_search_locations) or ["."])))
