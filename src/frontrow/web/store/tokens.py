"""Tokens of people and programs: shown once, kept as a digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from frontrow.errors import SettingError
from frontrow.web.store.database import Database

PREFIX: Final = "frontrow"
"""Begins every token, so that a program which looks for secrets in files recognises one."""

SECRET_BYTES: Final = 32
NAME: Final = re.compile(r"\w[\w .'-]{0,63}")
TOKEN: Final = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([\w-]{{43}})", re.ASCII)

OWNER_NAME: Final = "owner"
"""Stands for whoever opened the address that the server printed, so no token may have it."""

TABLE: Final = """
CREATE TABLE IF NOT EXISTS tokens (
  token_id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  digest TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at TEXT NOT NULL
)"""


@dataclass(frozen=True)
class Token:
    """A token as it stands in the database: without its secret.

    Attributes:
        token_id: Its public part.
        name: Who or what it is for.
        scopes: What it allows.
        created_at: When it was made, UTC.
    """

    token_id: str
    name: str
    scopes: frozenset[str]
    created_at: dt.datetime


def digest_secret(secret: str) -> str:
    """The digest of a random secret of 256 bits; so long a secret cannot be guessed, so that no slow digest is needed.

    Example:
        >>> digest_secret("a")[:8]
        'ca978112'
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


class TokenStore:
    """The tokens of a server."""

    def __init__(self, database: Database) -> None:
        """Make the table where there is none.

        Args:
            database: Of the server.
        """
        self._database = database
        database.prepare(TABLE)

    def add(self, name: str, scopes: Collection[str]) -> str:
        """Make a token.

        Args:
            name: Who or what it is for.
            scopes: What it allows.

        Returns:
            The token. It is not kept, and cannot be shown again.

        Raises:
            SettingError: The name is taken, or cannot be one.
        """
        if not NAME.fullmatch(name) or name.lower() == OWNER_NAME:
            raise SettingError(
                "name",
                "The name of a token must be of 1 to 64 letters, digits, spaces, dots, apostrophes and hyphens, and "
                "not owner.",
            )
        token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES)
        created_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with self._database.write() as connection:
            if connection.execute("SELECT 1 FROM tokens WHERE name = ?", (name,)).fetchone():
                raise SettingError(
                    "name", f'There is a token named "{name}" already. Remove it, or choose another name.'
                )
            connection.execute(
                "INSERT INTO tokens VALUES (?, ?, ?, ?, ?)",
                (token_id, name, digest_secret(secret), " ".join(sorted(scopes)), created_at),
            )
        return f"{PREFIX}_{token_id}_{secret}"

    def list(self) -> list[Token]:
        """Every token, by name."""
        with self._database.connect() as connection:
            return [read_token(row) for row in connection.execute("SELECT * FROM tokens ORDER BY name")]

    def remove(self, name: str) -> bool:
        """Remove a token, so that nobody comes in with it any more, and end the sessions that began with it.

        Args:
            name: Its name.

        Returns:
            Whether there was one.
        """
        with self._database.write() as connection:
            return connection.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount > 0

    def check(self, token: str) -> Token | None:
        """The token that somebody sent, if it is one of this server's.

        Args:
            token: As it was sent.
        """
        parts = TOKEN.fullmatch(token)
        if parts is None:
            return None
        row = self._database.read_row("SELECT * FROM tokens WHERE token_id = ?", parts[1])
        if row is None or not hmac.compare_digest(row["digest"], digest_secret(parts[2])):
            return None
        return read_token(row)


def read_token(row: Any) -> Token:
    """The token of a row of the table."""
    scopes = frozenset(row["scopes"].split())
    return Token(row["token_id"], row["name"], scopes, dt.datetime.fromisoformat(row["created_at"]))
