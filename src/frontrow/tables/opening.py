"""Files of any kind to tables: those in .gz and .zip files, too; and standard input to a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from frontrow.errors import InputError
from frontrow.tables.archives import Unpacked, is_archive, suffix_of, unpack
from frontrow.tables.private_folder import private_folder
from frontrow.tables.table_file import Table, open_table

CHUNK: Final = 1 << 20
STANDARD_INPUT: Final = Path("-")
"""What stands for standard input among the files of a command."""


@contextmanager
def open_tables(files: Sequence[str | Path]) -> Iterator[list[Table]]:
    """Open files, and those in archives, which give a table each; what was unpacked is gone at the end.

    Args:
        files: CSV, Excel, Parquet, and .gz and .zip files of them.

    Raises:
        InputError: A file is missing, empty or damaged, or an archive unpacks to too much.
    """
    paths = [Path(file) for file in files]
    if not any(map(is_archive, paths)):
        yield [open_table(path) for path in paths]
        return
    with private_folder() as folder:
        yield [table for number, path in enumerate(paths) for table in _open(path, folder / str(number))]


def save_stream(stream: BinaryIO, folder: Path) -> Path:
    """Write a stream to a file, whose ending its first bytes decide.

    Args:
        stream: CSV, Parquet, a workbook or a compressed file, such as standard input.
        folder: Where to.

    Raises:
        InputError: It is empty.
    """
    file = folder / "standard input"
    with file.open("xb") as target:
        while block := stream.read(CHUNK):
            target.write(block)
    if not file.stat().st_size:
        advice = "Write a command before it: COMMAND | frontrow import SHOP -."
        raise InputError("nothing came", file=file, advice=advice)
    return file.rename(file.with_suffix(suffix_of(file)))


def _open(path: Path, folder: Path) -> list[Table]:
    if not is_archive(path):
        return [open_table(path)]
    folder.mkdir(mode=0o700)
    files, warnings = unpack(path, folder)
    tables = [_open_unpacked(file) for file in files]
    return [replace(tables[0], warnings=(*warnings, *tables[0].warnings)), *tables[1:]]


def _open_unpacked(file: Unpacked) -> Table:
    """Open a file that was in an archive; a message names the archive, and not where the file is for now."""
    try:
        return replace(open_table(file.path), file=Path(file.shown))
    except InputError as error:
        raise type(error)(error.sentence, file=file.shown, row=error.row, column=error.column) from error
