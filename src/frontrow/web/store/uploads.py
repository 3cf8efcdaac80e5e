"""Uploaded files: one folder each, under names of our own; the name that a person gave is only text."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from frontrow.errors import SettingError
from frontrow.storage.durable import make_private_folder
from frontrow.storage.folder import new_folder
from frontrow.storage.json_file import parse_json, to_json_text
from frontrow.tables.archives import COMPRESSED, EXCEL, PARQUET

UPLOADS: Final = "uploads"
"""Folder of the server's state that holds them."""

UPLOAD_ID: Final = re.compile(r"[0-9a-f]{24}")
ABOUT: Final = "upload.json"
LONGEST_NAME: Final = 100
LONGEST_STAY: Final = 7 * 24 * 3600
"""Seconds. Exports hold addresses: they go after a week, however useful they might still be."""


@dataclass(frozen=True)
class Upload:
    """An uploaded file.

    Attributes:
        upload_id: Its id, random.
        name: As the person's computer calls it; shown, and never a path.
        path: Where it is.
        bytes: Its size.
    """

    upload_id: str
    name: str
    path: Path
    bytes: int


@contextmanager
def new_upload(uploads: Path, name: str) -> Iterator[tuple[str, BinaryIO]]:
    """Give the id of a new upload and a file to write it to; it is there once the block ends well.

    Args:
        uploads: Folder of uploads.
        name: As the person's computer calls the file.
    """
    upload_id, shown = secrets.token_hex(12), shorten_name(name)
    make_private_folder(uploads)
    with new_folder(uploads / upload_id) as staged:
        path = staged / f"{upload_id}{_suffix(shown)}"
        with path.open("xb") as file:
            yield upload_id, file
        about = {"name": shown, "file": path.name, "bytes": path.stat().st_size}
        (staged / ABOUT).write_text(to_json_text(about), "utf-8")


def read_upload(uploads: Path, upload_id: str) -> Upload:
    """The upload of an id.

    Args:
        uploads: Folder of uploads.
        upload_id: As somebody outside wrote it.

    Raises:
        SettingError: There is none.
    """
    missing = SettingError("uploads", "There is no uploaded file of that id here. Upload the file again.")
    if not UPLOAD_ID.fullmatch(upload_id):
        raise missing
    try:
        about = parse_json((uploads / upload_id / ABOUT).read_text("utf-8"))
        path = uploads / upload_id / f"{upload_id}{_suffix(about['name'])}"
        return Upload(upload_id, about["name"], path, path.stat().st_size)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise missing from error


def sweep_uploads(uploads: Path, in_use: Collection[str]) -> None:
    """Remove the uploads of more than a week ago that no job needs.

    Args:
        uploads: Folder of uploads.
        in_use: Ids of the uploads of jobs that have not ended.
    """
    oldest = time.time() - LONGEST_STAY
    for folder in uploads.glob("[0-9a-f]*"):
        if UPLOAD_ID.fullmatch(folder.name) and folder.name not in in_use and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def shorten_name(name: str) -> str:
    r"""The last part of a name, without what is not a letter, a digit or ordinary punctuation.

    Example:
        >>> shorten_name("C:\\exports\\orders 2026.csv"), shorten_name("../../etc/passwd"), shorten_name(" ")
        ('orders 2026.csv', 'passwd', 'file')
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(character for character in last if character.isprintable()).strip()
    return plain[-LONGEST_NAME:] or "file"


def _suffix(name: str) -> str:
    """How the file ends on the disk: its content is read as CSV, unless its name says otherwise."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix in EXCEL | PARQUET | COMPRESSED else ".csv"
