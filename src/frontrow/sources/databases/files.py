"""Files that a source names: databases, and keys of services."""

from __future__ import annotations

import os
from pathlib import Path

from frontrow.errors import CredentialError, SettingError
from frontrow.remote.secrets import OTHERS


def find_database(text: str) -> Path:
    """The file of a database.

    Raises:
        SettingError: It is not a whole path, or there is no such file.
    """
    path = Path(text)
    if not path.is_absolute():
        raise SettingError("path", "Give the whole path of the database's file, such as /srv/shop.sqlite.")
    if not path.is_file():
        raise SettingError("path", f"There is no file {path}. Check the path; nothing was made there.")
    return path


def require_private(path: Path, setting: str) -> Path:
    """Make sure that a key's file is there and its owner's alone.

    Args:
        path: The file.
        setting: The setting that names it.

    Raises:
        SettingError: It is not a whole path, or there is no such file.
        CredentialError: Others may read it.
    """
    if not path.is_absolute() or not path.is_file():
        raise SettingError(setting, f"There is no file {path}. Give its whole path, such as /home/me/key.json.")
    if os.name != "nt" and path.stat().st_mode & OTHERS:
        raise CredentialError(f"Others than its owner may use {path}. Close it with: chmod 600 {path}")
    return path
