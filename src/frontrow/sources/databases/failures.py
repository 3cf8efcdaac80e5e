"""What a driver's error means, in our words: the driver's own may hold the connection string or a customer's cell.

A password with an @ in it appears in libpq's message as a part of the host's name, and a text that is no number
appears as it is. So a message of a driver is shown only where it speaks of the query itself, and only its first line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, quote_plus, unquote

from frontrow.errors import CredentialError, FrontrowError, RemoteError, SettingError
from frontrow.remote.secrets import Secret

SHORTEST_PART: Final = 4
"""Characters of a part of a secret that is masked; shorter ones are words of any message."""

LONGEST: Final = 200
QUERY_STATES: Final = "42"
READ_ONLY: Final = re.compile(r"read-only transaction|readonly database|read-only mode|SQLSTATE: 25006")
NO_RIGHT: Final = re.compile(r"permission denied|insufficient privilege|Access Denied|SQLSTATE: 42501", re.IGNORECASE)
NOT_ACCEPTED: Final = re.compile(
    r"authentication failed|no password supplied|role \".*\" does not exist|pg_hba\.conf|SQLSTATE: 28|"
    r"Incorrect username or password|could not find default credentials|invalid_grant|JWT token is invalid|"
    r"could not parse key|private key|invalid token",
    re.IGNORECASE,
)
NO_DATABASE: Final = re.compile(r"database \".*\" does not exist")
CUT: Final = re.compile(
    r"server closed the connection|terminating connection|connection (?:reset|not open)|no connection to the server|"
    r"EOF detected|could not receive data|ReadRecord failed|SQLSTATE: 57P0|unexpected end",
    re.IGNORECASE,
)
UNREACHABLE: Final = re.compile(
    r"Failed to connect|could not connect|Connection refused|no such host|timeout expired|timed? out", re.IGNORECASE
)
LOCKED: Final = re.compile(r"database is locked|Could not set lock|Conflicting lock", re.IGNORECASE)
BUSY: Final = re.compile(r"too many (?:clients|connections)|connection slots|starting up|shutting down", re.IGNORECASE)
OF_THE_QUERY: Final = re.compile(
    # PostgreSQL, DuckDB, SQLite, Snowflake, BigQuery
    r"ERROR:\s+(?P<postgresql>[^\n]+)|(?:Parser|Catalog|Binder) Error: (?P<duckdb>[^\n]+)|"
    r"(?P<sqlite>no such (?:table|column|function): [^\n]+|near \"[^\n]*\": syntax error|incomplete input)|"
    r"SQL compilation error:\s*(?P<snowflake>[^\n]+)|"
    r"(?P<bigquery>(?:Syntax error|Unrecognized name|Not found: Table)[^\n]+)"
)


@dataclass(frozen=True)
class Failures:
    """Says what an error of a driver means.

    Attributes:
        title: What messages call the database.
        place: Where its connection string or file is stated.
        secrets: What no message may show, nor a part of it.
    """

    title: str
    place: str
    secrets: tuple[Secret, ...] = ()

    def explain(self, error: BaseException) -> FrontrowError:
        """The error in our words; it does not hold the driver's."""
        text, state = str(error), str(getattr(error, "sqlstate", None) or "")
        if READ_ONLY.search(text):
            return SettingError("query", "The query changes data. Write one that only selects: SELECT ... FROM ...")
        if NO_RIGHT.search(text):
            return CredentialError(
                f"{self.title} does not let this user read a table of the query. Grant it SELECT on each of them."
            )
        if LOCKED.search(text):
            return RemoteError(f"Another program has {self.place} open. Close it, or run the command again later.")
        if (of_query := OF_THE_QUERY.search(text)) and (not of_query["postgresql"] or state.startswith(QUERY_STATES)):
            words = mask(next(filter(None, of_query.groups())), self.secrets)[:LONGEST].rstrip(".")
            return SettingError("query", f"{self.title} cannot read the query: {words}. Try it in its own console.")
        return self._explain_connection(text) or RemoteError(
            f"{self.title} could not answer the query{f' (SQLSTATE {state})' if state else ''}. Its own message is not "
            "shown, for it may hold data; try the query in its own console."
        )

    def _explain_connection(self, text: str) -> FrontrowError | None:
        again = "Nothing was imported; run the command again."
        if NOT_ACCEPTED.search(text):
            return CredentialError(f"{self.title} does not accept the user or the secret of {self.place}. Check both.")
        if NO_DATABASE.search(text):
            return RemoteError(f"{self.title} has no database of the name that {self.place} gives. Check it.")
        if BUSY.search(text):
            return RemoteError(f"{self.title} takes no further connection at the moment. {again}")
        if UNREACHABLE.search(text):
            is_address = any("://" in secret.reveal() for secret in self.secrets)
            signs = " Write signs of the password in it as %40 for @, %2F for /." if is_address else ""
            return RemoteError(
                f"{self.title} cannot be reached as {self.place} says. Is the address right, does it run, and does no "
                f"firewall stand between?{signs}"
            )
        return RemoteError(f"The connection to {self.title} broke off. {again}") if CUT.search(text) else None


def mask(text: str, secrets: Iterable[Secret]) -> str:
    """A text with three stars for each part of a secret, in any of the spellings of an address.

    Example:
        >>> mask("no user garden with s3cr@et", [Secret("postgresql://garden:s3cr%40et@db/shop")])
        'no user *** with ***'
    """
    parts: set[str] = set()
    for secret in secrets:
        whole = secret.reveal()
        split = {piece for text_of in (whole, unquote(whole)) for piece in re.split(r"[:/@?&=\s;,]+", text_of)}
        pieces = {whole, *split, *map(unquote, split)}
        parts |= {spelling for piece in pieces for spelling in (piece, quote(piece, safe=""), quote_plus(piece))}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= SHORTEST_PART:
            text = text.replace(part, "***")
    return text
