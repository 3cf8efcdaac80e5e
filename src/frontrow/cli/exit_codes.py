"""The exit codes of every command, each with its meaning and whether it helps to run the command again."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple


class ExitCode(IntEnum):
    """How a command ended.

    Where an operating system has a number for it already, it is that number: 70 and 75 stand in `sysexits.h`, and 128
    plus the number of a signal is what a shell reports.

    Example:
        >>> int(ExitCode.LOCKED)
        75
    """

    DONE = 0
    REFUSED = 1
    USAGE = 2
    STALE = 3
    DEFECT = 70
    LOCKED = 75
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


class Meaning(NamedTuple):
    """What an exit code says.

    Attributes:
        sentence: What happened.
        retry: Whether to run the same command again.
    """

    sentence: str
    retry: str


MEANINGS: Final[Mapping[ExitCode, Meaning]] = {
    ExitCode.DONE: Meaning("done", "no need"),
    ExitCode.REFUSED: Meaning(
        "refused: the request cannot be met; the message says what was found, what was expected and what to do",
        "not before a person did what the message says",
    ),
    ExitCode.USAGE: Meaning("the command line is wrong", "not before it was corrected"),
    ExitCode.STALE: Meaning("`frontrow status --fail-if-stale`: the shop's orders are too old", "after an import"),
    ExitCode.DEFECT: Meaning("a defect of frontrow", "no: report it"),
    ExitCode.LOCKED: Meaning("locked: another command works on the shop", "yes, a few minutes later"),
    ExitCode.INTERRUPTED: Meaning("interrupted (Ctrl-C, SIGINT)", "yes"),
    ExitCode.CLOSED_PIPE: Meaning("whatever read the output has closed it, such as `head`", "no need"),
    ExitCode.TERMINATED: Meaning("told to end (SIGTERM)", "yes"),
}
"""One for each code."""


def format_exit_codes() -> str:
    """The codes as a Markdown table.

    Example:
        >>> format_exit_codes().splitlines()[2]
        '| 0 | done | no need |'
    """
    rows = [f"| {int(code)} | {meaning.sentence} | {meaning.retry} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["| exit code | meaning | run it again? |", "|---|---|---|", *rows])
