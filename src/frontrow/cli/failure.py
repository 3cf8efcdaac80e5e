"""What is said when a command fails: one message for a person, one JSON object for a program, and the exit code."""

from __future__ import annotations

import errno
import json
import re
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import typer

from frontrow.cli.exit_codes import ExitCode
from frontrow.cli.invocation import CURRENT
from frontrow.cli.log import build_entry, write_entry, write_line
from frontrow.cli.usage_errors import advise, rephrase
from frontrow.errors import DiskFullError, FrontrowError, ShopLockedError
from frontrow.masking import mask_text
from frontrow.storage.store_failures import find_store_failure

ClickException: Final[Any] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
"""An error of the command line itself; typer does not show its class."""

ADVICE: Final[Mapping[int, str]] = {
    errno.ENOSPC: "The disk is full. Free some space and run the command again.",
    errno.EDQUOT: "The disk quota of this user is used up. Free some space and run the command again.",
    errno.EACCES: "This user may not read or write it. Change its permissions, or run as its owner.",
    errno.EPERM: "This user may not change it. Change its permissions, or run as its owner.",
    errno.EROFS: "It lies on a disk that can only be read. Choose another folder.",
    errno.EMFILE: "Too many files are open. Raise the limit (ulimit -n) and run the command again.",
}
"""What to do about errors of the operating system."""

FROM_OUTSIDE: Final[Mapping[type[BaseException], tuple[str, str, ExitCode]]] = {
    KeyboardInterrupt: ("Interrupted", "Interrupted; no file is half written.", ExitCode.INTERRUPTED),
    SystemExit: ("Terminated", "Told to end; no file is half written.", ExitCode.TERMINATED),
    MemoryError: (
        "MemoryError",
        "There is not enough memory. Close other programs, or use a machine with more. No file is half written.",
        ExitCode.REFUSED,
    ),
}
"""Kind, message and exit code of what comes from outside of frontrow and its files."""

FULL_DISK: Final = re.compile(r"No space left|os error 28\b")
"""How libraries that give no number say that the disk is full."""

TYPED: Final = re.compile(r"(?<=unexpected extra argument).*|[^\s@'\"(<]+@[^\s@'\")>]+")
"""What may be a person in an error of the command line: an argument that is one too many, an e-mail address."""


@dataclass(frozen=True)
class Failure:
    """Why a command failed.

    Attributes:
        kind: Class of the error; `UsageError` for the command line, `Defect` for an exception nobody planned for.
        message: What a person reads.
        exit_code: How the command ends.
        file: The file at fault, if one is.
        row: Its row, as a spreadsheet counts.
        column: Its column.
        setting: The option or key at fault, if one is.
        trace: Of a defect: exceptions, modules and lines, without any value; the last is where it arose.
    """

    kind: str
    message: str
    exit_code: ExitCode
    file: str | None = None
    row: int | None = None
    column: str | None = None
    setting: str | None = None
    trace: tuple[str, ...] = ()

    @classmethod
    def describe(cls, error: BaseException) -> Failure:
        """Describe an exception that ended a command.

        Args:
            error: What was raised.

        Example:
            >>> Failure.describe(ShopLockedError("Another command works on shop.")).exit_code
            <ExitCode.LOCKED: 75>
            >>> Failure.describe(ZeroDivisionError("7")).kind
            'Defect'
        """
        if isinstance(error, FrontrowError):
            code = ExitCode.LOCKED if isinstance(error, ShopLockedError) else ExitCode.REFUSED
            return cls(type(error).__name__, str(error), code, **_locate(error))
        if isinstance(error, ClickException):
            return _describe_usage_error(error)
        for kind, ending in FROM_OUTSIDE.items():
            if isinstance(error, kind):
                return cls(*ending)
        if (failure := find_store_failure(error)) is not None:
            return cls(type(failure).__name__, str(failure), ExitCode.REFUSED)
        if isinstance(error, OSError) or FULL_DISK.search(str(error)):
            return _describe_system_error(error)
        return _describe_defect(error)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"exit_code": int(self.exit_code), "trace": list(self.trace) or None}


def report_failure(failure: Failure, error: BaseException | None = None) -> None:
    """Say on standard error why a command failed; standard output stays empty, so that it holds a result or nothing.

    Args:
        failure: Why.
        error: What was raised, for --verbose.
    """
    invocation = CURRENT.get()
    if invocation.log_format == "json":
        write_line(json.dumps(build_entry("error", "error", failure.message, error=failure.to_dict()), default=str))
        return
    if invocation.verbosity == "verbose" and error is not None and failure.exit_code != ExitCode.USAGE:
        write_line("".join(traceback.format_exception(error)).rstrip())
    if invocation.as_json:
        write_line(json.dumps({"error": failure.to_dict()}, default=str))
    elif isinstance(error, ClickException):
        error.show()
    else:
        prefix = "" if failure.exit_code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED) else "Error: "
        write_entry("error", "error", f"{prefix}{failure.message}")


def _locate(error: BaseException) -> dict[str, Any]:
    """What an error says of file, row, column and setting, as far as it does."""
    names = ("file", "row", "column", "setting")
    values = {name: getattr(error, name, None) for name in names}
    return {name: str(value) if name == "file" else value for name, value in values.items() if value is not None}


def _describe_usage_error(error: Any) -> Failure:
    cause = error.__cause__
    if isinstance(cause, FrontrowError):
        return Failure(type(cause).__name__, str(cause), ExitCode.USAGE, **_locate(cause))
    error.message = TYPED.sub(lambda match: mask_text(match[0]), rephrase(error.message)) or advise(error)
    hint = getattr(error, "param_hint", None)
    if hint is None and getattr(error, "param", None) is not None:
        hint = error.param.opts[0]
    setting = None if hint is None else str(hint).lstrip("-").replace("-", "_")
    return Failure("UsageError", str(error.format_message()), ExitCode.USAGE, setting=setting)


def _describe_system_error(error: BaseException) -> Failure:
    number = getattr(error, "errno", None)
    if FULL_DISK.search(str(error)):
        number = errno.ENOSPC
    name = getattr(error, "filename", None)
    file = None if name is None else str(name)
    reason = getattr(error, "strerror", None) or ("No space left on device" if number == errno.ENOSPC else str(error))
    message = f"{file}: {reason}." if file else f"{reason}."
    advice = ADVICE.get(number or 0, "")
    kind = DiskFullError if number in (errno.ENOSPC, errno.EDQUOT) else type(error)
    return Failure(kind.__name__, f"{message} {advice}".rstrip(), ExitCode.REFUSED, file=file)


def _describe_defect(error: BaseException) -> Failure:
    from importlib.metadata import version

    trace = tuple(_list_places(error))
    message = (
        f"This is a defect of frontrow {version('frontrow')}: {trace[-1]}. No file is half written. "
        "Please report this line to those who gave you frontrow; with --verbose, how it came to it is shown."
    )
    return Failure("Defect", message, ExitCode.DEFECT, trace=trace)


def _list_places(error: BaseException) -> list[str]:
    """Each exception with its modules and lines, causes first; messages and source can hold values and stay out."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [] if earlier is None else _list_places(earlier)
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{_name_module(frame.filename)}, line {frame.lineno}" for frame in frames]
    own = next((place for place in reversed(places) if place.startswith("frontrow.")), places[-1] if places else "")
    return [*lines, *places, f"{type(error).__name__} in {own}" if own else type(error).__name__]


def _name_module(filename: str) -> str:
    """The dotted name of a file within its package; folders of this machine are left out."""
    parts = filename.replace("\\", "/").removesuffix(".py").split("/")
    for root in ("frontrow", "site-packages"):
        if root in parts:
            start = len(parts) - 1 - parts[::-1].index(root)
            if root == "frontrow" and parts[start - 1] not in ("src", "site-packages"):
                continue  # a folder that is only called like the package
            return ".".join(parts[start + (root == "site-packages") :])
    return parts[-1]
