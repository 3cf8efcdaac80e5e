"""What a section is: a title and blocks of text and tables, made once and drawn by every front end.

The terminal (`cli/terminal.py`) and the page (`report/`) draw the same sections; neither computes anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "good", "bad", "open", "note"]
"""How a sentence is marked: plain, a result that can be relied on, one that speaks against, one still open, a note."""


@dataclass(frozen=True)
class Sentence:
    """Some text of a section.

    Attributes:
        text: The text; `**strong**` and `` `code` `` are the only marks, and a terminal leaves them out.
        tone: How it is marked.
    """

    text: str
    tone: Tone = "plain"

    @property
    def plain(self) -> str:
        """The text without its marks.

        Example:
            >>> Sentence("**About 21** buyers; see `frontrow audience`.").plain
            'About 21 buyers; see frontrow audience.'
        """
        return re.sub(r"\*\*(.+?)\*\*|`(.+?)`", lambda match: match[1] or match[2], self.text)


@dataclass(frozen=True)
class Cell:
    """One cell of a table that has more to say than its figure.

    Attributes:
        text: The figure or name.
        small: What stands small below it, such as an interval; empty for nothing.
    """

    text: str
    small: str = ""


Row = Sequence[Cell | str | None]
"""One cell for each column of a table; None for an empty one."""


@dataclass(frozen=True)
class Table:
    """A table as it is shown: cells are formatted already.

    Attributes:
        title: What it shows; empty where the section's title says it.
        columns: Names of the columns.
        rows: One cell for each column; None for an empty one.
        numeric: Names of the columns that hold figures, which are aligned to the right.
        highlighted: Numbers of the rows that stand out, such as the model's own among its baselines.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    numeric: tuple[str, ...] = ()
    highlighted: tuple[int, ...] = ()


Block = Sentence | Table


@dataclass(frozen=True)
class Section:
    """One part of what a command prints and a page shows.

    Attributes:
        name: A short name, unique on a page: its anchor, and what tests look for.
        title: The heading; empty on a terminal that needs none.
        blocks: What it holds, in the order it is read.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
