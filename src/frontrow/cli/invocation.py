"""What is known of the command that runs: its name, its shop, and how it prints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

Verbosity = Literal["quiet", "normal", "verbose"]
LogFormat = Literal["text", "json"]


@dataclass(frozen=True)
class Invocation:
    """One run of a command.

    Attributes:
        command: Its name; empty before it is known.
        shop: Name of the shop's folder, without the folders above it; empty where there is none.
        verbosity: How much is printed.
        log_format: What notices, warnings, progress and errors look like on standard error.
        as_json: Whether the result is printed as JSON.
    """

    command: str = ""
    shop: str = ""
    verbosity: Verbosity = "normal"
    log_format: LogFormat = "text"
    as_json: bool = False

    @classmethod
    def guess(cls, arguments: Sequence[str], commands: Collection[str]) -> Invocation:
        """What the arguments say before they are parsed, for errors of the command line itself.

        Args:
            arguments: Without the program's name.
            commands: Names of all commands; any other word may be a person's.

        Example:
            >>> Invocation.guess(["launches", "shop", "--json", "--log-format=json"], ["launches"])
            Invocation(command='launches', shop='', verbosity='normal', log_format='json', as_json=True)
        """
        words = [word for argument in arguments for word in argument.split("=", 1)]
        return cls(
            command=words[0] if words and words[0] in commands else "",
            verbosity="quiet" if "--quiet" in words else "verbose" if "--verbose" in words else "normal",
            log_format="json" if ("--log-format", "json") in pairwise(words) else "text",
            as_json="--json" in words,
        )


CURRENT: Final[ContextVar[Invocation]] = ContextVar("CURRENT", default=Invocation())  # noqa: B039 - it is frozen
"""The command that runs; `command.with_verbosity` sets it."""
