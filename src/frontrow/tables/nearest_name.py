"""The nearest of some names to what a person typed: other case, spacing or accents, a plural, a wrong letter."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

LETTERS_IN_COMMON: Final = 0.8
"""Share of letters in common from which two names are near: one wrong letter in five passes, Rug for Mug does not."""

CACHED: Final = 100_000
"""Names whose folded form is kept: each new product is compared with all names of the shop."""

_WORD: Final = re.compile(r"\w+")
_ACCENT: Final = "Mn"
_SIBILANTS: Final = ("s", "x", "z", "ch", "sh")


@lru_cache(maxsize=CACHED)
def fold_name(name: str) -> str:
    """A name as it is compared: in lower case, without accents and punctuation, one space between words.

    A name without any letter or digit keeps its signs.

    Example:
        >>> fold_name(" Crème-Brûlée  Set ")
        'creme brulee set'
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in decomposed if unicodedata.category(letter) != _ACCENT)
    return " ".join(_WORD.findall(plain.replace("_", " "))) or " ".join(name.split())


@lru_cache(maxsize=CACHED)
def fold_plural(name: str) -> str:
    """A folded name with each English plural as its singular, and no space between the words.

    Example:
        >>> fold_plural("Tea Towels"), fold_plural("berries"), fold_plural("Glass boxes")
        ('teatowel', 'berry', 'glassbox')
    """
    return "".join(_singular(word) for word in fold_name(name).split())


def find_nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that is meant most likely, or None where none is near.

    The same name but for case, spacing, accents and plurals comes first, then one that differs in a few letters, then
    one that has all the words of the other. Of names equally near the first is taken.

    Args:
        name: What a person typed.
        names: What exists, the most common first.

    Example:
        >>> find_nearest("mugs", ["Plate", "Mug"]), find_nearest("Cermic", ["Glass", "Ceramic"])
        ('Mug', 'Ceramic')
        >>> find_nearest("Coffee mugs", ["Plate", "Mug"]), find_nearest("Candle", ["Plate", "Mug"])
        ('Mug', None)
    """
    by_key: dict[str, str] = {}
    for existing in names:
        by_key.setdefault(fold_plural(existing), existing)
    key = fold_plural(name)
    if key in by_key:
        return by_key[key]
    close = difflib.get_close_matches(key, by_key, n=1, cutoff=LETTERS_IN_COMMON)
    if close:
        return by_key[close[0]]
    words = _words(name)
    if not words:
        return None
    return next(
        (existing for existing in by_key.values() if words & _words(existing) in (words, _words(existing))), None
    )


def _words(name: str) -> set[str]:
    return {_singular(word) for word in fold_name(name).split()}


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith("es") and word[:-2].endswith(_SIBILANTS):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
