"""Compressed files: .gz and .zip are unpacked into a private folder, within stated bounds, and read from there.

What a file is, its first bytes say, not its name. The names of an archive's members are shown and never used as
paths. An archive that unpacks to far more than such a file can honestly hold is refused before the disk is full.
"""

from __future__ import annotations

import errno
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from frontrow.errors import InputError

EXCEL: Final = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
PARQUET: Final = {".parquet", ".pq"}
TEXT: Final = {".csv", ".tsv", ".txt"}
COMPRESSED: Final = {".gz", ".zip"}

GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
PARQUET_FILE: Final = b"PAR1"
WORKBOOK_PARTS: Final = {"[Content_Types].xml", "mimetype"}
"""Members that Excel's and OpenDocument's files have, which are zip archives too."""

ALWAYS: Final = 1_000_000_000
"""Bytes that an archive may unpack to, however small it is."""

MOST_TIMES: Final = 100
"""Above that, an archive may unpack to so many times its own size: exports shrink to a fifth or a thirtieth."""

LARGEST: Final = 50_000_000_000
"""Bytes that no archive may exceed when unpacked."""

MOST_MEMBERS: Final = 1_000
CHUNK: Final = 1 << 20
LONGEST_NAME: Final = 60
UNPACK: Final = "Unpack it yourself, look at what is in it, and import the files."

DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, gzip.BadGzipFile, ValueError)
"""What Python raises for an archive that is cut, damaged, or made in a way it does not know."""


@dataclass(frozen=True)
class Unpacked:
    """A file that was in an archive.

    Attributes:
        path: Where it is now.
        shown: What a message calls it: the archive's name, and its own.
    """

    path: Path
    shown: str


def is_archive(path: Path) -> bool:
    """Whether a file is compressed; a workbook, which is a zip archive inside, counts as none.

    Args:
        path: A file. What is no file is no archive.
    """
    if path.suffix.lower() in EXCEL | PARQUET or not path.is_file():
        return False
    with path.open("rb") as content:
        start = content.read(4)
    return start.startswith(GZIP) or start in (ZIP, EMPTY_ZIP)


def unpack(path: Path, folder: Path) -> tuple[list[Unpacked], tuple[str, ...]]:
    """Unpack an archive.

    Args:
        path: A file of which `is_archive` is true.
        folder: Where to; only its owner should be able to read it.

    Returns:
        The files in it, in its order, and warnings.

    Raises:
        InputError: It is damaged or encrypted, holds no table, holds another archive, or unpacks to too much.
    """
    with path.open("rb") as content:
        is_gzip = content.read(2) == GZIP
    return _unpack_gzip(path, folder) if is_gzip else _unpack_zip(path, folder)


def suffix_of(path: Path) -> str:
    """The ending that says how a file without a name of its own is read: .parquet, .xlsx or .csv.

    Args:
        path: The file, such as what came through standard input.
    """
    with path.open("rb") as content:
        start = content.read(4)
    if start == PARQUET_FILE:
        return ".parquet"
    return ".xlsx" if start == ZIP and _is_workbook(path) else ".csv"


def _unpack_gzip(path: Path, folder: Path) -> tuple[list[Unpacked], tuple[str, ...]]:
    inner = path.name[: -len(".gz")] if path.suffix.lower() == ".gz" else path.name
    with _say_damaged(path), gzip.GzipFile(path) as content:
        # a gzip file does not say how large it is; so it is counted while it is unpacked
        unpacked = _write(content, path, folder / f"0{_known_suffix(inner)}", _limit(path))
    return [Unpacked(unpacked, path.name)], ()


def _unpack_zip(path: Path, folder: Path) -> tuple[list[Unpacked], tuple[str, ...]]:
    with _say_damaged(path), zipfile.ZipFile(path) as archive:
        members = _choose_members(path, archive)
        left = _limit(path)
        files = []
        for number, member in enumerate(members):
            with archive.open(member) as content:
                file = _write(content, path, folder / f"{number}{_known_suffix(member.filename)}", left)
            left -= file.stat().st_size
            files.append(Unpacked(file, f"{path.name} ({shorten_member(member.filename)})"))
        others = sum(not member.is_dir() and not _is_hidden(member.filename) for member in archive.infolist())
    left_out = others - len(members)
    warning = (
        f"{left_out} of the archive's files {'was' if left_out == 1 else 'were'} left out: no tables by their names"
    )
    return files, (warning,) if left_out else ()


def _choose_members(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members that hold tables; everything that the archive says of itself is checked before one is unpacked."""
    everything = archive.infolist()
    if len(everything) > MOST_MEMBERS:
        problem = f"this archive has {len(everything):,} files, more than the {MOST_MEMBERS:,} that are read"
        raise InputError(problem, file=path, advice=UNPACK)
    if _is_workbook(path):
        raise InputError("this is a workbook", file=path, advice="Give its name the ending .xlsx or .ods.")
    tables = TEXT | EXCEL | PARQUET
    members = [
        member
        for member in everything
        if not member.is_dir() and not _is_hidden(member.filename) and Path(member.filename).suffix.lower() in tables
    ]
    if not members:
        problem = "this archive holds no CSV, Excel or Parquet file"
        raise InputError(problem, file=path, advice="Put the exports in it, or give them as they are.")
    if any(member.flag_bits & 1 for member in members):
        advice = "Unpack it yourself, and import the files in it."
        raise InputError("this archive is encrypted", file=path, advice=advice)
    _refuse_large(path, sum(member.file_size for member in members), _limit(path))
    return members


def _write(content: IO[bytes] | gzip.GzipFile, archive: Path, file: Path, most: int) -> Path:
    """Write what an archive holds, and at most so many bytes; the checksums are compared on the way."""
    size = 0
    with file.open("xb") as target:
        while block := content.read(CHUNK):
            size += len(block)
            _refuse_large(archive, size, most)
            target.write(block)
    file.chmod(0o600)
    _refuse_nested(archive, file)
    return file


def _refuse_large(path: Path, size: int, most: int) -> None:
    if size > most:
        problem = f"this archive unpacks to more than {most / 1e9:,.1f} GB, which no export of its size does"
        raise InputError(problem, file=path, advice=UNPACK)


def _refuse_nested(archive: Path, file: Path) -> None:
    """An archive in an archive may be the begin of an endless one; a tar archive holds file names and no table."""
    with file.open("rb") as content:
        start = content.read(262)
    if is_archive(file) or start[257:262] == b"ustar":
        raise InputError("there is another archive in this archive", file=archive, advice=UNPACK)


def _limit(path: Path) -> int:
    """How many bytes an archive of this size may unpack to."""
    return min(max(ALWAYS, MOST_TIMES * path.stat().st_size), LARGEST)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return not WORKBOOK_PARTS.isdisjoint(archive.namelist())
    except DAMAGED:
        return False


def _is_hidden(name: str) -> bool:
    """What macOS adds to an archive, and files whose names begin with a dot."""
    parts = re.split(r"[/\\]", name)
    return parts[0] == "__MACOSX" or parts[-1].startswith(".")


def _known_suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return suffix if suffix in EXCEL | PARQUET else ".csv"


def shorten_member(name: str) -> str:
    r"""What a message shows of a member's name: its last part, without what is not printable.

    Example:
        >>> shorten_member("exports/orders 1.csv"), shorten_member("..\\..\\x\x1b[2J.csv")
        ('orders 1.csv', 'x[2J.csv')
    """
    last = re.split(r"[/\\]", name)[-1]
    return "".join(character for character in last if character.isprintable())[-LONGEST_NAME:] or "file"


@contextmanager
def _say_damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except (*DAMAGED, OSError) as error:
        # of the errors of a disk, only that of a position before the file's begin is the archive's fault
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        problem = "this archive is damaged, or of a kind that is not read"
        raise InputError(problem, file=path, advice="Download or export it again, or unpack it yourself.") from error
    except RuntimeError as error:
        # how zipfile says that a password is needed
        problem = "this archive is encrypted"
        raise InputError(problem, file=path, advice="Unpack it yourself, and import the files in it.") from error
