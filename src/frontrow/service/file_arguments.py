"""Files as a person names them on the command line, wherever they are, made files on this disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from frontrow.errors import SettingError
from frontrow.tables.opening import STANDARD_INPUT, save_stream
from frontrow.tables.private_folder import private_folder


@contextmanager
def gather_files(arguments: Sequence[str], standard_input: BinaryIO) -> Iterator[list[Path]]:
    """Give the files of a command; what was fetched for it is gone at the end.

    Args:
        arguments: Paths; `-` is standard input.
        standard_input: Where `-` is read from.

    Raises:
        SettingError: Standard input is named twice.
        InputError: Nothing came through standard input.
    """
    if arguments.count(str(STANDARD_INPUT)) > 1:
        raise SettingError("files", "Standard input (-) can be read once only. Write - once.")
    if str(STANDARD_INPUT) not in arguments:
        yield [Path(argument) for argument in arguments]
        return
    with private_folder() as folder:
        yield [
            save_stream(standard_input, folder) if argument == str(STANDARD_INPUT) else Path(argument)
            for argument in arguments
        ]
