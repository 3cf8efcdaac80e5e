"""Vectors of product texts: the mean of the token vectors of WordLlama, whose weights come with its package.

A static model: it knows that "sofa" and "couch" are close, and not in which order words stand. Only its two files are
read, by safetensors and tokenizers; none of the package's code runs, and nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import FrontrowError, require
from frontrow.shop.product_vectors import ProductVectors

PACKAGE: Final = "wordllama"
WEIGHTS: Final = Path("weights") / "l2_supercat_256.safetensors"
TOKENIZER: Final = Path("tokenizers") / "l2_supercat_tokenizer_config.json"
TENSOR: Final = "embedding.weight"
MOST_CHARACTERS: Final = 4_000
"""Of a text; what a product is stands at the beginning of its description."""


def embed_texts(products: pl.DataFrame) -> ProductVectors:
    """A vector of each product's title, type, tags and description.

    Args:
        products: `product_id`, `title`, `product_type`, `tags`, `description`; products without any text get none.

    Raises:
        MissingExtraError: The package with the weights is not installed.
    """
    texts = products.select(
        "product_id",
        "title",
        text=pl.concat_str("title", "product_type", "tags", "description", separator=". ", ignore_nulls=True)
        .str.strip_chars()
        .str.slice(0, MOST_CHARACTERS),
    ).filter(pl.col("text") != "")
    values = _mean_of_tokens(texts["text"].to_list())
    has_tokens = (values != 0).any(axis=1)
    rows = texts.filter(pl.Series(has_tokens))
    return ProductVectors(rows["product_id"].to_list(), rows["title"].to_list(), values[has_tokens])


def _mean_of_tokens(texts: Sequence[str]) -> NDArray[np.float32]:
    for package in (PACKAGE, "tokenizers"):
        require(package, extra="texts")
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = _find_package()
    weights = load_file(folder / WEIGHTS)[TENSOR].astype(np.float32)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    values = np.zeros((len(texts), weights.shape[1]), dtype=np.float32)
    for row, encoded in enumerate(tokenizer.encode_batch(list(texts), add_special_tokens=False)):
        if encoded.ids:
            values[row] = weights[np.minimum(encoded.ids, len(weights) - 1)].mean(axis=0)
    return values


def _find_package() -> Path:
    spec = find_spec(PACKAGE)
    folder = Path((spec.submodule_search_locations or [""])[0]) if spec is not None else Path()
    missing = [str(path) for path in (WEIGHTS, TOKENIZER) if not (folder / path).is_file()]
    if missing:
        raise FrontrowError(f"{PACKAGE} is installed without {missing[0]}. Install it again, in version 0.4.")
    return folder
