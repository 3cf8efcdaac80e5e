"""The command-line reference, made from the commands themselves: `python -m frontrow.cli.reference docs/cli.md`.

It reads the functions' own signatures, so that neither the width of a terminal nor the version of the library that
draws the help changes a letter of it.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

from frontrow.cli import command_names
from frontrow.cli.option_groups import UNGROUPED, in_groups
from frontrow.storage.folder import write_text

INTRODUCTION: Final = """\
# Commands

<!-- Made by `make docs`; edit the commands' own docstrings and help texts, not this page. -->

`frontrow COMMAND --help` says the same on screen. `frontrow --version` prints the version.

Results go to standard output; progress and errors go to standard error. Exit codes: 0 done, 1 the request cannot
be met (the message says what was found, what was expected and what to do), 2 the command line is wrong, 130
interrupted.
"""
IN_HELP: Final = re.compile(r"\s*\[default: (?P<default>.*)\]")
KINDS: Final = {Path: "path", int: "number", str: "text", float: "number"}


@dataclass(frozen=True)
class Parameter:
    """One argument or option, as the page shows it.

    Attributes:
        name: `SHOP` or `--as-of`.
        is_option: Whether it is named on the command line.
        value: What stands for it: `path`, `number, 1 or more`; empty for a switch.
        default: What counts when it is left out; empty where that is nothing.
        required: Whether it has to be given.
        help: What it does.
        group: The heading it stands under; None where it has none.
    """

    name: str
    is_option: bool
    value: str
    default: str
    required: bool
    help: str
    group: str | None = None


def reference() -> str:
    """The whole page, as Markdown.

    Example:
        >>> reference().splitlines()[0]
        '# Commands'
    """
    commands = [(name.rstrip("_").replace("_", "-"), _command(name)) for name in command_names()]
    contents = "\n".join(f"- [frontrow {name}](#frontrow-{name}): {_summary(command)}" for name, command in commands)
    return "\n".join([INTRODUCTION, contents, *(_section(name, command) for name, command in commands)]) + "\n"


def parameters(command: Callable[..., Any]) -> list[Parameter]:
    """The arguments and options of a command, in the order of its signature.

    Example:
        >>> [parameter.name for parameter in parameters(_command("forget"))]
        ['WHO', '--shop', '--json']
    """
    hints = get_type_hints(command, include_extras=True)
    signature = inspect.signature(command)
    return [_parameter(name, hints[name], one.default) for name, one in signature.parameters.items()]


def _command(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = importlib.import_module(f"frontrow.cli.commands.{name}").command
    return found


def _summary(command: Callable[..., Any]) -> str:
    return (inspect.getdoc(command) or "").split("\n\n")[0].replace("\n", " ")


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    bare, info = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    if not isinstance(info, ArgumentInfo | OptionInfo):
        raise TypeError(f"the parameter {name} of a command is not Annotated with typer.Argument or typer.Option")
    told = IN_HELP.search(info.help or "")
    is_option = isinstance(info, OptionInfo)
    # within Annotated, Typer's own first parameter holds the first spelling
    spellings = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
    spelled = "/".join(spellings) or "--" + name.replace("_", "-")
    repeated = "list[" in str(bare)
    return Parameter(
        name=spelled if is_option else (info.metavar or name.upper()) + ("..." if repeated else ""),
        is_option=is_option,
        value=_value(bare, info),
        default=told["default"] if told else _default(default),
        required=default is inspect.Parameter.empty,
        help=IN_HELP.sub("", info.help or ""),
        group=info.rich_help_panel,
    )


def _value(bare: Any, info: ArgumentInfo | OptionInfo) -> str:
    if bare is bool:
        return ""
    kinds = [kind for kind in KINDS if kind in _flat(bare)]
    value = KINDS[kinds[0]] if kinds else "text"
    if isinstance(info, OptionInfo) and info.metavar:
        value = info.metavar.lower().replace("|", " or ")
    return f"{value}, {info.min} or more" if info.min is not None else value


def _flat(hint: Any) -> list[Any]:
    """A type and the types within it: `list[Path] | None` gives `list`, `Path` and `NoneType`."""
    inner = get_args(hint)
    return [hint, get_origin(hint), *(one for part in inner for one in _flat(part))]


def _default(value: Any) -> str:
    if value is inspect.Parameter.empty or value is None or isinstance(value, bool):
        return ""
    return f"`{value}`"


def _section(name: str, command: Callable[..., Any]) -> str:
    told = parameters(command)
    arguments = [one for one in told if not one.is_option]
    options = [one for one in told if one.is_option]
    needed = [f"{one.name} {one.value}".strip() for one in options if one.required]
    usage = " ".join(["frontrow", name, *(one.name for one in arguments), *needed, "[OPTIONS]"])
    about = inspect.getdoc(command) or ""
    table = ["| | value | default | |", "|---|---|---|---|", *map(_row, arguments), *_option_rows(options)]
    return "\n".join([f"\n## frontrow {name}\n", f"{about}\n", f"```text\n{usage}\n```\n", *table])


def _option_rows(options: Sequence[Parameter]) -> Iterator[str]:
    """The options, below the heading of their group where they have groups."""
    for heading, group in in_groups([(one.group, one) for one in options]).items():
        if heading != UNGROUPED:
            yield f"| **{heading}** | | | |"
        yield from map(_row, group)


def _row(one: Parameter) -> str:
    return f"| `{one.name}` | {one.value} | {'**required**' if one.required else one.default} | {one.help} |"


def main(arguments: list[str]) -> None:
    """Write the page to the one file named."""
    if len(arguments) != 1:
        sys.exit("Usage: python -m frontrow.cli.reference docs/cli.md")
    write_text(reference(), Path(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
