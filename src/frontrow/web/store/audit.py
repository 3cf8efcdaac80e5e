"""Who took which addresses, and who changed who may: one line each, without the addresses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from frontrow.web.store.database import Database

TABLE: Final = """
CREATE TABLE IF NOT EXISTS audit (
  entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  shop TEXT NOT NULL,
  what TEXT NOT NULL,
  rows INTEGER NOT NULL
)"""


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit log.

    Attributes:
        at: When, UTC.
        who: Name of the token, or "owner".
        action: Such as "took addresses" or "signed in".
        shop: Name of the shop; empty where it is about none.
        what: Which file or page, or which token; never an address.
        rows: How many customers' addresses; 0 where it is about none.
    """

    at: dt.datetime
    who: str
    action: str
    shop: str
    what: str
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "at": self.at.isoformat(),
            "who": self.who,
            "action": self.action,
            "shop": self.shop,
            "what": self.what,
            "rows": self.rows,
        }


class AuditLog:
    """The audit log of a server; entries are added and never changed."""

    def __init__(self, database: Database) -> None:
        """Make the table where there is none.

        Args:
            database: Of the server.
        """
        self._database = database
        database.prepare(TABLE)

    def record(self, who: str, action: str, *, shop: str = "", what: str = "", rows: int = 0) -> None:
        """Add an entry. Call it before addresses are sent: what was not recorded must not leave.

        Args:
            who: Name of the visitor.
            action: What they did, such as "took addresses".
            shop: Name of the shop.
            what: Which file, page or token.
            rows: How many customers' addresses.
        """
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO audit (at, who, action, shop, what, rows) VALUES (?, ?, ?, ?, ?, ?)",
                (at, who, action, shop, what, rows),
            )

    def list(self, *, limit: int = 1_000) -> list[AuditEntry]:
        """The latest entries, the newest first.

        Args:
            limit: Most entries.
        """
        with self._database.connect() as connection:
            rows = connection.execute("SELECT * FROM audit ORDER BY entry_id DESC LIMIT ?", (limit,)).fetchall()
        return [
            AuditEntry(
                dt.datetime.fromisoformat(row["at"]), row["who"], row["action"], row["shop"], row["what"], row["rows"]
            )
            for row in rows
        ]
