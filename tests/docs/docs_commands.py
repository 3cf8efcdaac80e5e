"""The commands of the command line that pages show, and the options that these have."""

import re
import shlex
from collections.abc import Iterator

from frontrow.cli.application import command_names, spoken_name
from frontrow.cli.command import load_command
from frontrow.cli.reference import list_parameters

OPTIONS = {
    spoken_name(name): {parameter.name for parameter in list_parameters(load_command(name)) if parameter.is_option}
    for name in command_names()
}
COMMAND = re.compile(r"\bfrontrow (?P<command>[a-z]+)\b(?P<rest>(?:[^|>\n\\]|\\\n)*)")


def find_commands(text: str) -> Iterator[tuple[str, set[str]]]:
    """Each command that a text shows, and the options it is given."""
    for match in COMMAND.finditer(text):
        if match["command"] in OPTIONS:
            words = shlex.split(match["rest"].replace("\\\n", " "), comments=True)
            yield match["command"], {word.partition("=")[0] for word in words if word.startswith("--")}
