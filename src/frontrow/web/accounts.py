"""Who may come in to a server: what `frontrow token` does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from frontrow.errors import SettingError
from frontrow.present.section import Section, Sentence, Table
from frontrow.web.security.visitor import SCOPES
from frontrow.web.settings import ServeSettings
from frontrow.web.shops import check_shops
from frontrow.web.store.audit import AuditEntry, AuditLog
from frontrow.web.store.database import Database
from frontrow.web.store.tokens import Token, TokenStore

COMMAND_LINE: Final = "command line"
"""Who did it, in the audit log, where it was done by `frontrow token`."""


@dataclass(frozen=True)
class NewToken:
    """A token that was made just now.

    Attributes:
        name: Who or what it is for.
        scopes: What it allows.
        token: The token itself; nobody can show it again.
    """

    name: str
    scopes: tuple[str, ...]
    token: str
    notices: tuple[str, ...] = ("The token is shown this once. Keep it where you keep passwords.",)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"name": self.name, "scopes": list(self.scopes), "token": self.token}

    def sections(self) -> list[Section]:
        """The token alone, so that it can be copied."""
        return [Section("token", "", (Sentence(self.token),))]


@dataclass(frozen=True)
class TokenList:
    """The tokens of a server.

    Attributes:
        tokens: By name.
    """

    tokens: Sequence[Token]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "tokens": [
                {"name": token.name, "scopes": sorted(token.scopes), "created_at": token.created_at}
                for token in self.tokens
            ]
        }

    def sections(self) -> list[Section]:
        """One row a token."""
        if not self.tokens:
            return [Section("tokens", "", (Sentence("There are no tokens yet."),))]
        rows = [(token.name, ", ".join(sorted(token.scopes)), f"{token.created_at:%Y-%m-%d}") for token in self.tokens]
        return [Section("tokens", "", (Table("", ("Token", "Scopes", "Made on"), rows),))]


@dataclass(frozen=True)
class RemovedToken:
    """A token that lets nobody in any more.

    Attributes:
        name: Who or what it was for.
    """

    name: str
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"removed": self.name}

    def sections(self) -> list[Section]:
        """What that means."""
        sentence = f'The token "{self.name}" lets nobody in any more; whoever was signed in with it is signed out.'
        return [Section("token", "", (Sentence(sentence),))]


@dataclass(frozen=True)
class AuditList:
    """Who took which addresses, signed in, or changed who may.

    Attributes:
        entries: The newest first.
    """

    entries: Sequence[AuditEntry]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"entries": [entry.to_dict() for entry in self.entries]}

    def sections(self) -> list[Section]:
        """One row an entry."""
        if not self.entries:
            return [Section("audit", "", (Sentence("Nobody has signed in or taken addresses yet."),))]
        rows = [
            (f"{entry.at:%Y-%m-%d %H:%M}", entry.who, entry.action, entry.shop, entry.what, f"{entry.rows:,}")
            for entry in self.entries
        ]
        columns = ("When (UTC)", "Who", "Did", "Shop", "What", "Addresses")
        return [Section("audit", "", (Table("", columns, rows, numeric=("Addresses",)),))]


def add_token(shops: Path, name: str, scopes: Collection[str]) -> NewToken:
    """Make a token.

    Args:
        shops: Folder that holds one folder a shop.
        name: Who or what it is for.
        scopes: What it allows.

    Raises:
        SettingError: The name is taken or cannot be one, or there is no such scope.
        ServerError: The folder is not there.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise SettingError("scope", f"Choose among the scopes {', '.join(SCOPES)}.")
    database = _open(shops)
    token = TokenStore(database).add(name, scopes)
    AuditLog(database).record(COMMAND_LINE, "made a token", what=f"{name}: {', '.join(sorted(scopes))}")
    return NewToken(name, tuple(sorted(scopes)), token)


def remove_token(shops: Path, name: str) -> RemovedToken:
    """Remove a token, and sign out whoever is signed in with it.

    Args:
        shops: Folder that holds one folder a shop.
        name: Its name.

    Raises:
        SettingError: There is no such token.
        ServerError: The folder is not there.
    """
    database = _open(shops)
    if not TokenStore(database).remove(name):
        raise SettingError("name", "There is no token of that name. frontrow token SHOPS list shows them.")
    AuditLog(database).record(COMMAND_LINE, "removed a token", what=name)
    return RemovedToken(name)


def list_tokens(shops: Path) -> TokenList:
    """The tokens, without their secrets.

    Args:
        shops: Folder that holds one folder a shop.

    Raises:
        ServerError: The folder is not there.
    """
    return TokenList(TokenStore(_open(shops)).list())


def list_audit(shops: Path, top: int) -> AuditList:
    """The audit log.

    Args:
        shops: Folder that holds one folder a shop.
        top: Most entries.

    Raises:
        ServerError: The folder is not there.
    """
    return AuditList(AuditLog(_open(shops)).list(limit=top))


def _open(shops: Path) -> Database:
    check_shops(shops)
    return Database(ServeSettings(shops).state)
