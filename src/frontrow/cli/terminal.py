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

BORDERS = 3
"""What stands between two columns: a line, and a space on either side."""


def table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    numeric: Sequence[str] = (),
) -> None:
    """Print a table; columns in `numeric` are aligned to the right and stay whole where room lacks.

    Where the terminal is too narrow even so, each row is a block of lines instead: nothing is cut off.
    """
    from rich.table import Table
    from rich.text import Text

    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    console = _console()
    widths = _widths(columns, cells, numeric, room=console.width - BORDERS * len(columns) - 1)
    if widths is None:
        _print_blocks(console, title, columns, cells)
        return
    drawn = Table(title=Text(title, style="italic"), title_justify="left", header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        drawn.add_column(column, justify="right" if column in numeric else "left", overflow="fold", width=width)
    for row in cells:
        # Text, not strings: a title such as "Pot [sale]" is no markup.
        drawn.add_row(*map(Text, row))
    console.print(drawn)


def _widths(
    columns: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[str], *, room: int
) -> list[int] | None:
    """A width for each column, the widest ones made narrower until all fit; None where they cannot."""
    inside = [[row[place] for row in cells] for place in range(len(columns))]
    narrowest = [
        _widest([*column.split(), *(" ".join(told).split() if column in numeric else [])])
        for column, told in zip(columns, inside, strict=True)
    ]
    if sum(narrowest) > room:
        return None
    widths = [
        _widest([column, *(line for cell in told for line in cell.split("\n"))])
        for column, told in zip(columns, inside, strict=True)
    ]
    while sum(widths) > room:
        _, widest = max((width, place) for place, width in enumerate(widths) if width > narrowest[place])
        widths[widest] -= 1
    return widths


def _widest(texts: Sequence[str]) -> int:
    """The most columns of a terminal that one of the texts takes, at least one."""
    from rich.cells import cell_len

    return max((cell_len(text) for text in texts), default=1) or 1


def _print_blocks(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Below the title a name and its cell on each line; an empty line after each row."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text(title, style="italic"))
    blocks = Table.grid(padding=(0, 2))
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            if cell:
                blocks.add_row(Text(column, style="bold"), Text(cell, overflow="fold"))
        blocks.add_row()
    console.print(blocks)


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
    console = Console(stderr=True)
    # where nobody watches, not even the empty line that a bar leaves
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(description, total=None)

        def step(done: float, total: float) -> None:
            bar.update(task, completed=done, total=total)

        yield step
