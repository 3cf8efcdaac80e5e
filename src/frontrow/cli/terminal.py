"""What every command prints with: sections for a person, JSON for a program, progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from frontrow.cli.invocation import CURRENT
from frontrow.cli.log import write_entry, write_fact

if TYPE_CHECKING:
    from rich.console import Console

    from frontrow.present.section import Section, Table
    from frontrow.service.opening import Result

PIPED_WIDTH: Final = 130
"""Columns of a table that is written to a file or a pipe."""

NARROW_SPACE: Final = "\u202f"
"""Stands before a per cent sign on a page; terminals often lack it."""

BORDERS: Final = 3
"""Columns between two cells: a line, and a space on either side."""


def show(result: Result, *, as_json: bool, report: Path | None = None) -> None:
    """Print a result: its JSON for a program, else its sections; notices go to standard error.

    Args:
        result: What a use case returned.
        as_json: Whether to print JSON.
        report: The page that was written beside it, if any.
    """
    for sentence in result.notices:
        notice(sentence)
    for sentence in getattr(result, "warnings", ()):
        # a person reads it among the sections
        write_fact("warning", sentence)
    if as_json:
        values = result.to_dict()
        print_json(values if report is None else {**values, "report": str(report)})
        return
    draw(result.sections())
    if report is not None:
        text(f"Report: {report}")


def draw(sections: Sequence[Section]) -> None:
    """Print the sentences and tables of some sections; charts and explanations are for pages."""
    from frontrow.present.section import Sentence, Table

    for section in sections:
        if section.title:
            text(section.title)
        for block in section.blocks:
            if isinstance(block, Table):
                table(block)
            elif isinstance(block, Sentence) and block.tone != "note":
                text(block.plain)


def table(content: Table) -> None:
    """Print a table; figures are aligned to the right and stay whole where there is little room.

    Where the terminal is too narrow even so, each row is a block of lines instead: nothing is cut off.
    """
    if CURRENT.get().verbosity == "quiet":
        return
    from rich.table import Table as RichTable
    from rich.text import Text

    columns = [column.replace(NARROW_SPACE, " ") for column in content.columns]
    numeric = [column.replace(NARROW_SPACE, " ") for column in content.numeric]
    cells = [[_plain(cell) for cell in row] for row in content.rows]
    console = _console()
    widths = _widths(columns, cells, numeric, room=console.width - BORDERS * len(columns) - 1)
    if widths is None:
        _print_blocks(console, content.title.replace(NARROW_SPACE, " "), columns, cells)
        return
    title = content.title.replace(NARROW_SPACE, " ")
    drawn = RichTable(title=Text(title, style="italic"), title_justify="left", header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        drawn.add_column(column, justify="right" if column in numeric else "left", overflow="fold", width=width)
    for row in cells:
        # Text, not strings: a title such as "Pot [sale]" is no markup.
        drawn.add_row(*map(Text, row))
    console.print(drawn)


def _plain(cell: Any) -> str:
    """A cell as text: what is small on a page stands on a line of its own."""
    if cell is None or isinstance(cell, str):
        return (cell or "").replace(NARROW_SPACE, " ")
    return _plain(f"{cell.text}\n{cell.small}" if cell.small else cell.text)


def _widths(
    columns: Sequence[str], cells: Sequence[Sequence[str]], numeric: Sequence[str], *, room: int
) -> list[int] | None:
    """A width for each column, the widest ones made narrower until all fit; None where they cannot."""
    by_column = [[row[index] for row in cells] for index in range(len(columns))]
    narrowest = [
        _widest([*column.split(), *(" ".join(texts).split() if column in numeric else [])])
        for column, texts in zip(columns, by_column, strict=True)
    ]
    if sum(narrowest) > room:
        return None
    widths = [
        _widest([column, *(line for cell in texts for line in cell.split("\n"))])
        for column, texts in zip(columns, by_column, strict=True)
    ]
    while sum(widths) > room:
        _, widest = max((width, index) for index, width in enumerate(widths) if width > narrowest[index])
        widths[widest] -= 1
    return widths


def _widest(texts: Sequence[str]) -> int:
    """The most columns of a terminal that one of the texts takes, at least one."""
    from rich.cells import cell_len

    return max((cell_len(text) for text in texts), default=1) or 1


def _print_blocks(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Below the title a name and its cell on each line; an empty line after each row."""
    from rich.table import Table as RichTable
    from rich.text import Text

    console.print(Text(title, style="italic"))
    blocks = RichTable.grid(padding=(0, 2))
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            if cell:
                blocks.add_row(Text(column, style="bold"), Text(cell, overflow="fold"))
        blocks.add_row()
    console.print(blocks)


def text(message: str) -> None:
    """Print a sentence to standard output; brackets in it are brackets."""
    if CURRENT.get().verbosity != "quiet":
        _console().print(message.replace(NARROW_SPACE, " "), highlight=False, markup=False, soft_wrap=True)


def notice(message: str) -> None:
    """Print a sentence to standard error that a program reading the output must not meet."""
    write_entry("info", "notice", message.replace(NARROW_SPACE, " "))


def _console() -> Console:
    """Standard output; where it is no terminal, wide enough for every table."""
    from rich.console import Console

    class PipedConsole(Console):
        def on_broken_pipe(self) -> None:
            """Let the command end as every other does whose reader has gone."""
            raise BrokenPipeError

    console = PipedConsole()
    return console if console.is_terminal else PipedConsole(width=PIPED_WIDTH)


def print_json(value: Any) -> None:
    """Print JSON; dates become ISO 8601, and a figure that is not defined null, since JSON knows no NaN."""
    from frontrow.storage.json_file import to_json_text

    sys.stdout.write(to_json_text(value))


class Milestones:
    """The progress that a program reads: the start, and each quarter once.

    Attributes:
        description: What is done.
    """

    def __init__(self, description: str) -> None:
        self.description = description
        self._quarters = -1

    def reach(self, share: float) -> None:
        """Write an entry where a further quarter is done.

        Args:
            share: Of the work, 0 to 1.
        """
        quarters = int(share * 4)
        if quarters > self._quarters:
            self._quarters = quarters
            write_fact("progress", self.description, share=quarters / 4)


@contextmanager
def progress(description: str, *, quiet: bool = False) -> Iterator[Any]:
    """Show progress on standard error; gives a callable `step(done, total)`.

    Args:
        description: What is done.
        quiet: Whether to show nothing, as for a program.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    # Where nobody watches, not even the empty line that a bar leaves.
    invocation = CURRENT.get()
    hidden = quiet or invocation.verbosity == "quiet" or invocation.log_format == "json" or not console.is_terminal
    milestones = Milestones(description)
    milestones.reach(0.0)
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(description, total=None)

        def step(done: float, total: float) -> None:
            bar.update(task, completed=done, total=total)
            milestones.reach(done / total if total else 1.0)

        yield step
