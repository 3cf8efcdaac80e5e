"""Texts to vectors: byte-pair encoding, and the mean of token vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import save_file

from frontrow.embed.texts import embedding
from frontrow.embed.texts.embedding import PACKAGE, TENSOR, VOCABULARY, WEIGHTS, average_tokens, embed_texts
from frontrow.embed.texts.tokens import SPACE, Tokenizer
from frontrow.errors import ArtifactError, MissingExtraError

TOKENS = [SPACE, "r", "e", "d", "p", "o", "t", f"{SPACE}r", f"{SPACE}re", f"{SPACE}red", "ot", "<0xC3>", "<0xA9>"]
MERGES = [f"{SPACE} r", f"{SPACE}r e", "o t", f"{SPACE}re d"]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with the vectors of thirteen tokens: token n has n in its place, and nothing elsewhere."""
    for file in (WEIGHTS, VOCABULARY):
        (tmp_path / file).parent.mkdir()
    model = {"vocab": {token: number for number, token in enumerate(TOKENS)}, "merges": MERGES}
    (tmp_path / VOCABULARY).write_text(json.dumps({"model": model}), "utf-8")
    weights = np.diag(np.arange(1, len(TOKENS) + 1)).astype(np.float16)
    save_file({TENSOR: weights}, tmp_path / WEIGHTS)
    return tmp_path


def _encode(package: Path, text: str) -> list[str]:
    return [TOKENS[number] for number in Tokenizer.read(package / VOCABULARY).encode(text)]


def test_merges_join_the_most_frequent_pairs_first(package: Path) -> None:
    assert _encode(package, "red") == [f"{SPACE}red"]
    assert _encode(package, " pot\n\nred ") == [SPACE, "p", "ot", f"{SPACE}red"]
    assert _encode(package, "rre") == [f"{SPACE}r", "r", "e"]
    assert _encode(package, "") == []


def test_characters_without_a_token_become_bytes_or_nothing(package: Path) -> None:
    assert _encode(package, "é") == [SPACE, "<0xC3>", "<0xA9>"]
    assert _encode(package, "ü") == [SPACE, "<0xC3>"]


def test_merges_may_be_written_as_pairs(package: Path) -> None:
    content = json.loads((package / VOCABULARY).read_text("utf-8"))
    content["model"]["merges"] = [merge.split(" ") for merge in MERGES]
    (package / VOCABULARY).write_text(json.dumps(content), "utf-8")
    assert _encode(package, "red") == [f"{SPACE}red"]


def test_a_text_is_the_mean_of_its_tokens(package: Path) -> None:
    red, nothing = average_tokens(["red red pot", ""], package)
    expected = np.zeros(len(TOKENS), dtype=np.float32)
    for token, share in ((f"{SPACE}red", 2 / 5), (SPACE, 1 / 5), ("p", 1 / 5), ("ot", 1 / 5)):
        expected[TOKENS.index(token)] = (TOKENS.index(token) + 1) * share
    np.testing.assert_allclose(red, expected)
    assert not nothing.any()


def test_products_without_text_have_no_vector(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "find_package", lambda: package)
    columns = {"product_id": ["a", "b"], "title": ["red", None], "product_type": [None] * 2, "tags": [None] * 2}
    schema = dict.fromkeys(("product_type", "tags", "description"), pl.String())
    products = pl.DataFrame({**columns, "description": [None, None]}, schema_overrides=schema)
    vectors = embed_texts(products)
    assert (vectors.product_ids, vectors.titles) == (["a"], ["red"])
    described = embed_texts(products.with_columns(description=pl.Series(["pot", "red"])))
    assert described.product_ids == ["a", "b"]
    assert not np.array_equal(described.values[0], vectors.values[0])


@pytest.mark.parametrize(
    ("file", "content"), [(WEIGHTS, b"nothing"), (VOCABULARY, b"{}"), (VOCABULARY, b"["), (VOCABULARY, None)]
)
def test_other_files_than_those_of_the_package_are_refused(package: Path, file: Path, content: bytes | None) -> None:
    (package / file).unlink()
    if content is not None:
        (package / file).write_bytes(content)
    with pytest.raises(ArtifactError, match="Install it again"):
        average_tokens(["red"], package)


def test_a_vocabulary_larger_than_the_weights_is_refused(package: Path) -> None:
    save_file({TENSOR: np.zeros((3, 2), dtype=np.float16)}, package / WEIGHTS)
    with pytest.raises(ArtifactError):
        average_tokens(["red"], package)


def test_the_package_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontrow.errors.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=rf"{PACKAGE} is not installed.*frontrow\[texts\]"):
        embedding.find_package()
