"""Sessions of browsers: what a cookie stands for, kept as a digest."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final

from frontrow.web.store.database import Database
from frontrow.web.store.tokens import SECRET_BYTES, Token, digest_secret, read_token

SESSION_DAYS: Final = 7
"""After so many days a person has to sign in again."""

TABLE: Final = """
CREATE TABLE IF NOT EXISTS sessions (
  digest TEXT PRIMARY KEY,
  token_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
)"""

TOKEN_OF_SESSION: Final = """
SELECT sessions.token_id AS began_with, tokens.*
FROM sessions LEFT JOIN tokens ON tokens.token_id = sessions.token_id
WHERE sessions.digest = ? AND sessions.expires_at > ?"""


@dataclass(frozen=True)
class Session:
    """A session that has not ended.

    Attributes:
        token: What it began with; None where somebody opened the address that the server printed.
    """

    token: Token | None


class SessionStore:
    """The sessions of a server.

    A session lasts as long as the token that it began with: where that one is removed, or its scopes are, nobody is
    signed in with it any more.
    """

    def __init__(self, database: Database) -> None:
        """Make the table where there is none.

        Args:
            database: Of the server; it has the table of tokens.
        """
        self._database = database
        database.prepare(TABLE)

    def start(self, token: Token | None) -> str:
        """Begin a session under a new random id, and forget those that have expired.

        Args:
            token: What the person signed in with; None for whoever opened the printed address.

        Returns:
            The value of the cookie. It is not kept.
        """
        session, now = secrets.token_urlsafe(SECRET_BYTES), _now()
        expires_at = now + int(dt.timedelta(days=SESSION_DAYS).total_seconds())
        with self._database.write() as connection:
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?)",
                (digest_secret(session), "" if token is None else token.token_id, expires_at),
            )
        return session

    def check(self, session: str) -> Session | None:
        """The session that a cookie stands for, if it is one of this server's and has not ended.

        Args:
            session: Value of the cookie, as it was sent.
        """
        row = self._database.read_row(TOKEN_OF_SESSION, digest_secret(session), _now())
        if row is None:
            return None
        if not row["began_with"]:
            return Session(None)
        return Session(read_token(row)) if row["token_id"] else None

    def end(self, session: str) -> None:
        """End a session, so that its cookie is worth nothing.

        Args:
            session: Value of the cookie.
        """
        with self._database.write() as connection:
            connection.execute("DELETE FROM sessions WHERE digest = ?", (digest_secret(session),))

    def end_owners(self) -> None:
        """End the sessions that began with an address that the server printed."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM sessions WHERE token_id = ''")


def _now() -> int:
    return int(dt.datetime.now(dt.UTC).timestamp())
