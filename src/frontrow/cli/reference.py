"""The command-line reference, made from the commands themselves: `python -m frontrow.cli.reference docs/cli.md`.

It reads the functions' own signatures, so that neither the width of a terminal nor the version of the library that
draws the help changes a letter of it.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

from frontrow.cli.application import command_names, spoken_name
from frontrow.cli.command import UNGROUPED, in_groups, load_command
from frontrow.cli.exit_codes import format_exit_codes
from frontrow.storage.folder import write_text

INTRODUCTION: Final = """\
# Commands

<!-- Made by `make docs`; edit the commands' own docstrings and help texts, not this page. -->

`frontrow COMMAND --help` says the same on screen. `frontrow --version` prints the version.

Results go to standard output; progress, notices and errors go to standard error. `--quiet` prints nothing but errors
(and the JSON of `--json`); `--verbose` adds how long the command took and, after an error, where it arose.

## How a command ends

EXIT_CODES

[Running it without a person](operations.md#exit-codes) says what to do about each.

With `--json`, standard output holds the result, or nothing after an error: a program that reads it never takes an error
for a result. The error is the last line of standard error then, as `{"error": {...}}` with these keys, each null where
it does not apply: `kind` (such as `InputError`; `UsageError` for the command line, `Defect` for a defect), `message`,
`file`, `row`, `column`, `setting`, `exit_code`, `trace` (modules and lines of a defect).

With `--log-format json`, each line of standard error is one JSON object: `time` (UTC), `level` (`info`, `warning`,
`error`), `command`, `shop` (name of its folder), `event` (`notice`, `warning`, `progress`, `finished`, `error`),
`message`; with `progress` the `share` done, with `finished` the `seconds`, with `error` the object `error` as above. No
entry names a person.

## The commands
""".replace("EXIT_CODES", format_exit_codes())
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
    commands = [(spoken_name(name), load_command(name)) for name in command_names()]
    contents = "\n".join(f"- [frontrow {name}](#frontrow-{name}): {_summary(command)}" for name, command in commands)
    return "\n".join([INTRODUCTION, contents, *(_section(name, command) for name, command in commands)]) + "\n"


def list_parameters(command: Callable[..., Any]) -> list[Parameter]:
    """The arguments and options of a command, in the order of its signature.

    Example:
        >>> [parameter.name for parameter in list_parameters(load_command("forget"))]
        ['SHOP', 'WHO', '--wait', '--json', '--quiet', '--verbose', '--log-format']
    """
    hints = get_type_hints(command, include_extras=True)
    signature = inspect.signature(command)
    return [_parameter(name, hints[name], item.default) for name, item in signature.parameters.items()]


def _summary(command: Callable[..., Any]) -> str:
    return (inspect.getdoc(command) or "").split("\n\n")[0].replace("\n", " ")


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    bare, option = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    if not isinstance(option, ArgumentInfo | OptionInfo):
        raise TypeError(f"the parameter {name} of a command is not Annotated with typer.Argument or typer.Option")
    stated = IN_HELP.search(option.help or "")
    is_option = isinstance(option, OptionInfo)
    # within Annotated, Typer's own first parameter holds the first spelling
    spellings = [text for text in (option.default, *(option.param_decls or ())) if isinstance(text, str)]
    spelled = "/".join(spellings) or "--" + name.replace("_", "-")
    repeated = "list[" in str(bare)
    return Parameter(
        name=spelled if is_option else (option.metavar or name.upper()) + ("..." if repeated else ""),
        is_option=is_option,
        value=_value(bare, option),
        default=stated["default"] if stated else _default(default),
        required=default is inspect.Parameter.empty,
        help=IN_HELP.sub("", option.help or ""),
        group=option.rich_help_panel,
    )


def _value(bare: Any, option: ArgumentInfo | OptionInfo) -> str:
    if bare is bool:
        return ""
    parts = _flat(bare)
    kinds = [KINDS[kind] for kind in KINDS if kind in parts]
    choices = [" or ".join(get_args(part)) for part in parts if get_origin(part) is Literal]
    value = next(iter([*kinds, *choices]), "text")
    if isinstance(option, OptionInfo) and option.metavar:
        value = option.metavar.lower().replace("|", " or ")
    return f"{value}, {option.min} or more" if option.min is not None else value


def _flat(hint: Any) -> list[Any]:
    """A type and the types within it: `list[Path] | None` gives `list`, `Path` and `NoneType`."""
    inner = get_args(hint)
    return [hint, get_origin(hint), *(nested for part in inner for nested in _flat(part))]


def _default(value: Any) -> str:
    if value in (inspect.Parameter.empty, None, "") or isinstance(value, bool):
        return ""
    return f"`{value}`"


def _section(name: str, command: Callable[..., Any]) -> str:
    parameters = list_parameters(command)
    arguments = [parameter for parameter in parameters if not parameter.is_option]
    options = [parameter for parameter in parameters if parameter.is_option]
    required = [f"{option.name} {option.value}".strip() for option in options if option.required]
    usage = " ".join(["frontrow", name, *(argument.name for argument in arguments), *required, "[OPTIONS]"])
    about = inspect.getdoc(command) or ""
    table = ["| | value | default | |", "|---|---|---|---|", *map(_row, arguments), *_option_rows(options)]
    return "\n".join([f"\n## frontrow {name}\n", f"{about}\n", f"```text\n{usage}\n```\n", *table])


def _option_rows(options: Sequence[Parameter]) -> Iterator[str]:
    """The options, below the heading of their group where they have groups."""
    for heading, group in in_groups([(option.group, option) for option in options]).items():
        if heading != UNGROUPED:
            yield f"| **{heading}** | | | |"
        yield from map(_row, group)


def _row(parameter: Parameter) -> str:
    default = "**required**" if parameter.required else parameter.default
    return f"| `{parameter.name}` | {parameter.value} | {default} | {parameter.help} |"


def main(arguments: list[str]) -> None:
    """Write the page to the one file named."""
    if len(arguments) != 1:
        sys.exit("Usage: python -m frontrow.cli.reference docs/cli.md")
    write_text(reference(), Path(arguments[0]), private=False)


if __name__ == "__main__":
    main(sys.argv[1:])
