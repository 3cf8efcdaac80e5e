"""Text out of the HTML in which shops write their descriptions."""

from __future__ import annotations

import html
import re
from typing import Final

import polars as pl

NO_TEXT: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
BLOCK_END: Final = re.compile(r"<\s*(br|/p|/div|/li|/h[1-6]|/tr)\b[^>]*>", re.IGNORECASE)
TAG: Final = re.compile(r"<[^>]*>")


def plain_text(markup: str) -> str | None:
    """Return the text of HTML, with white space collapsed; None when nothing is left.

    Example:
        >>> plain_text("<p>Fish &amp; chips</p><script>x()</script><ul><li>salt</li></ul>")
        'Fish & chips salt'
    """
    without_tags = TAG.sub("", BLOCK_END.sub(" ", NO_TEXT.sub(" ", markup)))
    return " ".join(html.unescape(without_tags).split()) or None


def plain_texts(rows: pl.DataFrame, column: str) -> pl.Expr:
    """Return a column of HTML as plain text; each distinct one is read once.

    Args:
        rows: The table that will use the expression.
        column: Its column of HTML.
    """
    distinct = rows.select(pl.col(column).unique().drop_nulls())[column]
    plain = {markup: plain_text(markup) for markup in distinct}
    return pl.col(column).replace_strict(plain, default=None, return_dtype=pl.String).alias(column)
