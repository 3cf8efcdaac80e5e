"""What typer says about a value that it cannot use, in frontrow's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

REPHRASED: Final = (
    (re.compile(r"Input should be greater than or equal to (\S+)"), r"give \1 or more"),
    (re.compile(r"Input should be less than or equal to (\S+)"), r"give \1 or less"),
    (re.compile(r"Input should be greater than (\S+)"), r"give more than \1"),
    (re.compile(r"Input should be less than (\S+)"), r"give less than \1"),
    (re.compile(r"Input should be a valid integer\b.*"), "give a whole number"),
    (re.compile(r"Input should be a valid number\b.*"), "give a number"),
    (re.compile(r"Value error, '(.*)' is not one of (.*?)\.?$"), r'"\1" is not one of \2'),
    (re.compile(r"^Input should be "), "give "),
)
"""Sentences of the library that reads values, and what is said in their place."""

MISSING: Final[Mapping[str, str]] = {
    "SHOP": "The shop's folder comes first.",
    "FILES": "The shop's folder comes first, then its exports: frontrow import SHOP FILE...",
    "CAMPAIGN": "The shop's folder comes first, then the campaign's.",
    "--products": "It names a CSV file of new products, one row each; only the column title is needed.",
}
"""What to do about an argument or option that is missing, by its name."""


def rephrase(message: str) -> str:
    """Return what typer says about a value in frontrow's words.

    Example:
        >>> rephrase("Input should be greater than or equal to 1"), rephrase("It has no row.")
        ('give 1 or more', 'It has no row.')
        >>> rephrase("Input should be a valid integer, unable to parse string as an integer")
        'give a whole number'
    """
    for pattern, replacement in REPHRASED:
        message = pattern.sub(replacement, message)
    return message


def advise(error: Any) -> str:
    """Return what to do about an argument or option that is missing; empty for any other error.

    Args:
        error: An error of the command line.
    """
    if type(error).__name__ != "MissingParameter" or error.param is None:
        return ""
    names = (getattr(error.param, "metavar", None), *error.param.opts)
    return next((MISSING[name] for name in names if name in MISSING), "")
