"""Answers to requests that were sent with an idempotency key, so that a request which is repeated is done once."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import Final

from frontrow.web.store.database import Database
from frontrow.web.store.jobs import ID_BYTES

KEPT_SECONDS: Final = 24 * 3600.0
"""How long an answer is repeated."""

TABLE: Final = """
CREATE TABLE IF NOT EXISTS idempotency (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    request TEXT NOT NULL,
    claim TEXT NOT NULL,
    server TEXT NOT NULL,
    created_at REAL NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB,
    PRIMARY KEY (owner, key)
)
"""


@dataclass(frozen=True)
class KeptAnswer:
    """An answer that was given before.

    Attributes:
        status: HTTP status.
        headers: Names and values.
        body: The bytes.
    """

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Claim:
    """A request that is being done under its key.

    Attributes:
        owner: Name of the token it came with.
        key: The idempotency key.
        claim_id: The id of what it makes, such as a job: the same when the server dies in the middle and the request
            is sent again, so that nothing is made twice.
    """

    owner: str
    key: str
    claim_id: str


class OtherRequestError(Exception):
    """The key was used for another request."""


class InFlightError(Exception):
    """The request with this key is being done at the moment."""


class IdempotencyStore:
    """Keys and answers in the server's database.

    Attributes:
        database: The database.
    """

    def __init__(self, database: Database) -> None:
        """Make the table where there is none.

        Args:
            database: The server's.
        """
        self.database = database
        # claims of a server that was killed are free again: one server runs on a database
        self._server = secrets.token_hex(8)
        database.prepare(TABLE)

    def begin(self, owner: str, key: str, request: str) -> Claim | KeptAnswer:
        """Claim a key for a request, or return the answer that it got before.

        Args:
            owner: Name of the token: keys of different tokens have nothing to do with each other.
            key: The idempotency key.
            request: Digest of the method, the address and the body.

        Raises:
            InFlightError: The same request is being done.
            OtherRequestError: The key belongs to another request.
        """
        now = time.time()
        with self.database.write() as connection:
            connection.execute("DELETE FROM idempotency WHERE created_at < ?", (now - KEPT_SECONDS,))
            row = connection.execute("SELECT * FROM idempotency WHERE owner = ? AND key = ?", (owner, key)).fetchone()
            if row is None:
                claim = Claim(owner, key, secrets.token_hex(ID_BYTES))
                connection.execute(
                    "INSERT INTO idempotency (owner, key, request, claim, server, created_at)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (owner, key, request, claim.claim_id, self._server, now),
                )
                return claim
            if row["request"] != request:
                raise OtherRequestError
            if row["status"] is not None:
                return KeptAnswer(int(row["status"]), json.loads(row["headers"]), bytes(row["body"]))
            if row["server"] == self._server:
                raise InFlightError
            connection.execute(
                "UPDATE idempotency SET server = ? WHERE owner = ? AND key = ?", (self._server, owner, key)
            )
            return Claim(owner, key, str(row["claim"]))

    def finish(self, claim: Claim, answer: KeptAnswer) -> None:
        """Keep the answer of a claimed request.

        Args:
            claim: The claim.
            answer: What was answered.
        """
        with self.database.write() as connection:
            connection.execute(
                "UPDATE idempotency SET status = ?, headers = ?, body = ? WHERE owner = ? AND key = ? AND claim = ?",
                (answer.status, json.dumps(answer.headers), answer.body, claim.owner, claim.key, claim.claim_id),
            )

    def release(self, claim: Claim) -> None:
        """Free the key of a request that was refused: it changed nothing, and may be sent again.

        Args:
            claim: The claim.
        """
        with self.database.write() as connection:
            connection.execute(
                "DELETE FROM idempotency WHERE owner = ? AND key = ? AND claim = ?",
                (claim.owner, claim.key, claim.claim_id),
            )

    def abandon(self, claim: Claim) -> None:
        """Let the same request go on under the same id when it is sent again: nobody knows how far this one came.

        Args:
            claim: The claim.
        """
        with self.database.write() as connection:
            connection.execute(
                "UPDATE idempotency SET server = '' WHERE owner = ? AND key = ? AND claim = ?",
                (claim.owner, claim.key, claim.claim_id),
            )
