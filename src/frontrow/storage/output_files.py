"""Files that results are written to, refused before anything is worked out where they cannot be used."""

from __future__ import annotations

from pathlib import Path

from frontrow.errors import InputError


def table_file(file: str | Path) -> Path:
    """A file that a table can be written to.

    Raises:
        InputError: Its suffix is neither .csv nor .parquet, or it is a folder.

    Example:
        >>> table_file("lists.csv").name
        'lists.csv'
    """
    return _of(file, ".csv", ".parquet")


def parquet_file(file: str | Path) -> Path:
    """A file that figures can be written to.

    Raises:
        InputError: Its suffix is another than .parquet, or it is a folder.
    """
    return _of(file, ".parquet")


def page_file(file: str | Path) -> Path:
    """A file that a report can be written to.

    Raises:
        InputError: Its suffix is another than .html, or it is a folder.
    """
    return _of(file, ".html")


def _of(file: str | Path, *suffixes: str) -> Path:
    file = Path(file)
    if file.is_dir():
        raise InputError("is a folder", file=file, advice="Choose another name.")
    if file.suffix.lower() not in suffixes:
        if len(suffixes) == 1:
            raise InputError(f"is not {suffixes[0]}", file=file, advice="Choose that suffix.")
        found = f"is neither {' nor '.join(suffixes)}"
        raise InputError(found, file=file, advice="Choose one of the two suffixes.")
    return file
