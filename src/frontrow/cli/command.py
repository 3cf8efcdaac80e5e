"""What every command has: options under headings, how it prints and logs, and advice about options of older versions.

An option names its heading as `rich_help_panel`. A command shows headings once every option of its own has one.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Final, TypeVar, get_args, get_type_hints

import typer
from typer.core import TyperCommand
from typer.models import OptionInfo

from frontrow.cli.exit_codes import ExitCode
from frontrow.cli.invocation import CURRENT, Invocation, LogFormat, Verbosity
from frontrow.cli.log import write_entry, write_fact
from frontrow.cli.shop_place import name_shop, open_shop_folder
from frontrow.errors import SettingError

FILES: Final = "Files"
SERVICE: Final = "Service"
SHOP: Final = "Shop"
LAUNCH: Final = "Launch"
WHO: Final = "Who"
HOW_MANY: Final = "How many"
LISTS: Final = "Lists"
MONEY: Final = "Money"
HOLD_OUT: Final = "Hold-out"
EXPORTS: Final = "Exports"
TEST: Final = "Test"
MODEL: Final = "Model"
SERVER: Final = "Server"
SAFETY: Final = "Safety"
OUTPUT: Final = "Output"
GROUPS: Final = (
    FILES,
    SERVICE,
    SHOP,
    LAUNCH,
    WHO,
    HOW_MANY,
    LISTS,
    MONEY,
    HOLD_OUT,
    EXPORTS,
    TEST,
    MODEL,
    SERVER,
    SAFETY,
    OUTPUT,
)
"""In the order in which they are shown, the same in every command."""

UNGROUPED: Final = "Options"

QUIET_HELP: Final = "Print nothing but errors and, where it is asked for, JSON."
VERBOSE_HELP: Final = "Print to standard error how long the command took, and where an error arose."
LOG_FORMAT_HELP: Final = "Notices, warnings, progress and errors as sentences, or as JSON, one object a line."

Item = TypeVar("Item")


def in_groups(options: Sequence[tuple[str | None, Item]]) -> dict[str, list[Item]]:
    """Options by the heading they stand under.

    Args:
        options: Each with its group, or None.

    Returns:
        By heading, in the order of `GROUPS`; one heading for all, unless each has a group.

    Example:
        >>> in_groups([("Output", "--json"), ("Who", "--country"), ("Output", "--name")])
        {'Who': ['--country'], 'Output': ['--json', '--name']}
        >>> in_groups([("Output", "--json"), (None, "--limit")])
        {'Options': ['--json', '--limit']}
    """
    if any(group is None for group, _ in options):
        return {UNGROUPED: [item for _, item in options]}
    headings = sorted({group for group, _ in options if group is not None}, key=GROUPS.index)
    return {heading: [item for group, item in options if group == heading] for heading in headings}


def with_output_options(function: Callable[..., None], name: str, group: str | None) -> Callable[..., None]:
    """The same command with --quiet, --verbose and --log-format.

    A setting that does not fit is an error of the command line, and so is a pipe that nobody reads any more an exit.

    Args:
        function: A command.
        name: Its name, as it is typed.
        group: The heading of these options; None where the command has no headings.
    """

    @functools.wraps(function)
    def run(*args: Any, quiet: bool, verbose: bool, log_format: LogFormat, **kwargs: Any) -> None:
        shop = kwargs.get("shop")
        verbosity: Verbosity = "quiet" if quiet else "verbose" if verbose else "normal"
        with _run_as(Invocation(name, name_shop(shop), verbosity, log_format, bool(kwargs.get("as_json")))):
            if isinstance(shop, str):
                kwargs["shop"] = open_shop_folder(shop)
            function(*args, **kwargs)

    hints = get_type_hints(function, include_extras=True)
    parameters = [
        parameter.replace(annotation=hints[name]) for name, parameter in inspect.signature(function).parameters.items()
    ]
    switches = [
        _build_switch("quiet", bool, False, QUIET_HELP, group),
        _build_switch("verbose", bool, False, VERBOSE_HELP, group),
        _build_switch("log_format", LogFormat, "text", LOG_FORMAT_HELP, group),
    ]
    run.__signature__ = inspect.Signature([*parameters, *switches])  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in [*parameters, *switches]}
    return run


@contextmanager
def _run_as(invocation: Invocation) -> Iterator[None]:
    """Let a command print and log as it was asked to, and say in the end how long it took.

    After an error the invocation stays the current one, so that the error is reported as the command was asked to.
    """
    start, is_done = time.monotonic(), False
    token = CURRENT.set(invocation)
    try:
        yield
        is_done = True
    except typer.Exit:
        is_done = True
        raise
    except SettingError as error:
        raise typer.BadParameter(str(error), param_hint=f"--{error.setting.replace('_', '-')}") from error
    except BrokenPipeError as error:
        raise typer.Exit(int(ExitCode.CLOSED_PIPE)) from error
    finally:
        seconds = time.monotonic() - start
        took = f"Took {seconds:.1f} seconds."
        if invocation.log_format == "text" and invocation.verbosity == "verbose":
            write_entry("info", "finished", took)
        if is_done:
            write_fact("finished", took, seconds=round(seconds, 3))
            CURRENT.reset(token)


def _build_switch(name: str, kind: Any, default: object, explanation: str, group: str | None) -> inspect.Parameter:
    option = typer.Option(f"--{name.replace('_', '-')}", help=explanation, rich_help_panel=group)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


def load_command(name: str) -> Callable[..., None]:
    """The command in `commands/NAME.py`, with the options that every command has.

    Example:
        >>> [*inspect.signature(load_command("forget")).parameters]
        ['shop', 'who', 'wait', 'as_json', 'quiet', 'verbose', 'log_format']
    """
    function = importlib.import_module(f"frontrow.cli.commands.{name}").command
    options = [get_args(hint)[1] for hint in get_type_hints(function, include_extras=True).values() if get_args(hint)]
    groups = [option.rich_help_panel for option in options if isinstance(option, OptionInfo)]
    return with_output_options(function, name.rstrip("_").replace("_", "-"), OUTPUT if all(groups) else None)


class Command(TyperCommand):
    """A command with headings in its help, and advice about options of older versions.

    Attributes:
        renamed: Options of older versions, and what to write instead.
    """

    renamed: Mapping[str, str] = {}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; an option of an older version is an error that names the new one."""
        for argument in args:
            option = argument.partition("=")[0]
            if option in self.renamed:
                advice = f"It is not an option of this command any more. {self.renamed[option]}"
                raise typer.BadParameter(advice, ctx=ctx, param_hint=option)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, options by group, and --help."""
        records: list[tuple[Any, Any]] = [(param, param.get_help_record(ctx)) for param in self.get_params(ctx)]
        arguments = [record for param, record in records if record and param.param_type_name == "argument"]
        options = [(param, record) for param, record in records if record and param.param_type_name == "option"]
        groups = in_groups([(param.rich_help_panel, record) for param, record in options if param.name != "help"])
        own_help = [record for param, record in options if param.name == "help"]
        sections = {"Arguments": arguments, **groups, UNGROUPED: [*groups.get(UNGROUPED, ()), *own_help]}
        for heading, rows in sections.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)
