"""The application: every command of `commands/`, and what is printed when one fails."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys

import typer

import frontrow.cli.commands
from frontrow.cli.command import Command, load_command
from frontrow.cli.exit_codes import ExitCode
from frontrow.cli.invocation import CURRENT, Invocation
from frontrow.cli.log import log_library_warnings
from frontrow.cli.signals import raise_at_signals


def command_names() -> list[str]:
    """The modules of `commands/`, sorted: each is a command.

    Example:
        >>> "audience" in command_names()
        True
    """
    return sorted(module.name for module in pkgutil.iter_modules(frontrow.cli.commands.__path__))


def spoken_name(module: str) -> str:
    """The name of a command as it is typed.

    Example:
        >>> spoken_name("import_")
        'import'
    """
    return module.rstrip("_").replace("_", "-")


def build() -> typer.Typer:
    """The whole application, with every command of the folder `commands/`."""
    app = typer.Typer(
        name="frontrow",
        help="Who will buy a product that nobody has bought yet, from a shop's own order history.",
        no_args_is_help=True,
        # Brackets in help are brackets.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for name in command_names():
        module = importlib.import_module(f"{frontrow.cli.commands.__name__}.{name}")
        renamed = {"renamed": getattr(module, "RENAMED", {})}
        context = getattr(module, "CONTEXT_SETTINGS", None)
        command = type("Command", (Command,), renamed)
        app.command(name=spoken_name(name), cls=command, context_settings=context)(load_command(name))

    @app.callback()
    def version_option(
        version: bool = typer.Option(
            False, "--version", help="Print the version and stop.", callback=_print_version, is_eager=True
        ),
    ) -> None:
        del version  # printed by its callback, before a missing command is an error

    return app


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"frontrow {version('frontrow')}")
        raise typer.Exit()


def main() -> None:
    """Run the command line; whatever ends it becomes one message and an exit code of its own (`exit_codes`)."""
    _open_missing_streams()
    arguments = sys.argv[1:]
    token = CURRENT.set(Invocation.guess(arguments, {spoken_name(name) for name in command_names()}))
    try:
        code = _finish_output(_run())
    finally:
        CURRENT.reset(token)
    sys.exit(code)


def _run() -> int:
    """Run the command that the arguments name, and say why it failed if it did."""
    log_library_warnings()
    try:
        app = build()
        with raise_at_signals():
            code = app(standalone_mode=False) or 0
    except SystemExit as stop:
        code = stop.code or 0
    except BaseException as error:
        # A panic of a library in Rust is no Exception; it must not end in a traceback either.
        return _report(error)
    if code == ExitCode.INTERRUPTED:
        return _report(KeyboardInterrupt())
    if code == ExitCode.TERMINATED:
        return _report(SystemExit(code))
    return int(code) if isinstance(code, int) else int(ExitCode.REFUSED)


def _report(error: BaseException) -> int:
    """Say why a command failed, and return its exit code."""
    # Not at the top: a command that does well needs none of it, and help is to be quick.
    from frontrow.cli.failure import Failure, report_failure

    if isinstance(error, BrokenPipeError):
        return int(ExitCode.CLOSED_PIPE)
    failure = Failure.describe(error)
    try:
        report_failure(failure, error)
    except BrokenPipeError:
        return int(ExitCode.CLOSED_PIPE)
    return int(failure.exit_code)


def _finish_output(code: int) -> int:
    """Write what is still to be written; at a stream that takes no more, Python itself would complain later."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = code or _report(error)
    return code


def _open_missing_streams() -> None:
    """Let the command print where its streams were closed, and where they cannot show every letter."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - open to the end
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
