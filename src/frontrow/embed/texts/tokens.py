"""Texts to tokens: byte-pair encoding (Sennrich et al., 2016) with the merges of a file in the format of tokenizers.

Words are encoded one by one: no merge of these files joins two words. A character without a token of its own becomes
the tokens of its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from frontrow.storage.json_file import parse_json

SPACE: Final = "\u2581"
"""Stands before each word, in place of a space."""


class Tokenizer:
    r"""Byte-pair encoding with a given vocabulary.

    Args:
        vocabulary: Number of each token.
        merges: Pairs of tokens that become one, the most frequent first.

    Example:
        >>> numbers = {token: number for number, token in enumerate(["\u2581", "a", "b", "\u2581a", "\u2581ab"])}
        >>> Tokenizer(numbers, [("\u2581", "a"), ("\u2581a", "b")]).encode("ab  b")
        [4, 0, 2]
    """

    def __init__(self, vocabulary: Mapping[str, int], merges: list[tuple[str, str]]) -> None:
        self._vocabulary = vocabulary
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._words: dict[str, list[int]] = {}

    @classmethod
    def read(cls, file: Path) -> Tokenizer:
        """Read the vocabulary and the merges of a file in the format of tokenizers.

        Raises:
            ValueError: The file holds no byte-pair encoding.
        """
        content: Any = parse_json(file.read_text("utf-8"))
        try:
            model = content["model"]
            # "a b" in files of before, ["a", "b"] in later ones
            pairs = (merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"])
            merges = [(str(left), str(right)) for left, right in pairs]
            return cls({str(token): int(number) for token, number in model["vocab"].items()}, merges)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"{file} holds no byte-pair encoding") from error

    def encode(self, text: str) -> list[int]:
        """Numbers of the tokens of a text; white space of any kind and length is one space."""
        return [number for word in text.split() for number in self._encode_word(word)]

    def _encode_word(self, word: str) -> list[int]:
        if word not in self._words:
            tokens = [token for character in SPACE + word for token in self._tokens_of(character)]
            self._words[word] = [self._vocabulary[token] for token in self._merge(tokens)]
        return self._words[word]

    def _tokens_of(self, character: str) -> list[str]:
        if character in self._vocabulary:
            return [character]
        return [token for byte in character.encode() if (token := f"<0x{byte:02X}>") in self._vocabulary]

    def _merge(self, tokens: list[str]) -> list[str]:
        while True:
            ranked = [
                (self._ranks.get(pair, len(self._ranks)), position) for position, pair in enumerate(pairwise(tokens))
            ]
            rank, position = min(ranked, default=(len(self._ranks), 0))
            if rank == len(self._ranks):
                return tokens
            tokens[position : position + 2] = [tokens[position] + tokens[position + 1]]
