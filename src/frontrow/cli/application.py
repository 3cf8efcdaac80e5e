"""The application: every command of `commands/`, and what is printed when one fails."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback
from typing import Final

import typer

import frontrow.cli.commands
from frontrow.cli.command import Command, load_command
from frontrow.errors import FrontrowError

INTERRUPTED: Final = 130
"""The exit code after Ctrl-C."""


def command_names() -> list[str]:
    """The modules of `commands/`, sorted: each is a command.

    Example:
        >>> "audience" in command_names()
        True
    """
    return sorted(module.name for module in pkgutil.iter_modules(frontrow.cli.commands.__path__))


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
        spoken = name.rstrip("_").replace("_", "-")
        renamed = {"renamed": getattr(module, "RENAMED", {})}
        context = getattr(module, "CONTEXT_SETTINGS", None)
        command = type("Command", (Command,), renamed)
        app.command(name=spoken, cls=command, context_settings=context)(load_command(name))

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
    """Run the command line; a frontrow error becomes one message on standard error and exit code 1."""
    try:
        build()()
    except FrontrowError as error:
        _fail(str(error))
    except OSError as error:
        file = f"{error.filename}: " if error.filename else ""
        _fail(f"{file}{error.strerror or error}")
    except (KeyboardInterrupt, SystemExit) as stop:
        # typer makes an exit of an interruption, and says nothing
        if isinstance(stop, SystemExit) and stop.code != INTERRUPTED:
            raise
        typer.secho("Interrupted; no file is half written.", err=True)
        sys.exit(INTERRUPTED)


def _fail(message: str) -> None:
    """Print an error and stop; --verbose, looked for among the arguments since the command is over, shows where."""
    if "--verbose" in sys.argv:
        traceback.print_exc()
    typer.secho(f"Error: {message}", fg="red", err=True)
    sys.exit(1)
