"""What every command prints with: tables for a person, JSON for a program, progress on standard error."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 130
"""Columns of a table that is written to a file or a pipe."""


def table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    numeric: Sequence[str] = (),
) -> None:
    """Print a table; columns in `numeric` are aligned to the right and stay whole where room lacks."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=Text(title, style="italic"), title_justify="left", header_style="bold")
    for place, column in enumerate(columns):
        drawn.add_column(
            column,
            justify="right" if column in numeric else "left",
            overflow="fold",
            min_width=_narrowest(column, [row[place] for row in rows] if column in numeric else []),
        )
    for row in rows:
        # Text, not strings: a title such as "Pot [sale]" is no markup.
        drawn.add_row(*[Text("" if cell is None else str(cell)) for cell in row])
    _console().print(drawn)


def _narrowest(column: str, whole: Sequence[object]) -> int:
    """Width that breaks no word of a heading and none of the cells that have to stay whole."""
    words = [*column.split(), *(word for cell in whole for word in str(cell).split())]
    return max((len(word) for word in words), default=1)


def text(message: str) -> None:
    """Print a sentence to standard output, markup and all."""
    _console().print(message, highlight=False, markup=False, soft_wrap=True)


def _console() -> Console:
    """Standard output; where it is no terminal, wide enough for every table."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=PIPED_WIDTH)


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent.

    Example:
        >>> percent(0.125), percent(0.125, 1)
        ('12 %', '12.5 %')
    """
    return f"{share * 100:.{digits}f} %"


def as_json(value: Any) -> None:
    """Print JSON; dates become ISO 8601, and a figure that is not defined null, since JSON knows no NaN."""
    import sys

    sys.stdout.write(json.dumps(defined(value), indent=2, default=str, allow_nan=False) + "\n")


def defined(value: Any) -> Any:
    """The same, with null for every number that is none or not finite, however deep it lies.

    Example:
        >>> defined({"precision": float("nan"), "lifts": (2.0, float("inf"))})
        {'precision': None, 'lifts': [2.0, None]}
    """
    if isinstance(value, dict):
        return {name: defined(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [defined(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def progress(description: str, *, quiet: bool = False) -> Iterator[Any]:
    """Show progress on standard error; gives a callable `step(done, total)`."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task(description, total=None)

        def step(done: float, total: float) -> None:
            bar.update(task, completed=done, total=total)

        yield step
