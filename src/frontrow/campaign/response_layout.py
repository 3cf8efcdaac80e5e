"""What a response layout is: one file of `response_layouts/` says which columns of a platform's export mean what.

To add a platform, add a file `response_layouts/NAME.py` that ends in `LAYOUT = ResponseLayout(...)`. It is found by its
name; of the layouts that fit a file, the one that finds most in it reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

import frontrow.campaign.response_layouts
from frontrow.discovery import load_plugins
from frontrow.tables.columns import match_columns

RESPONSES: Final = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed")
"""What can become of a message. Mailchimp lists to whom it was sent, and who bounced; Klaviyo who received it."""

NO: Final = ("", "0", "0.0", "false", "no", "n", "never", "-", "null", "none", "n/a")
"""Cells, in lower case, of a column of counts, days or truth values that say that it did not happen."""


@dataclass(frozen=True)
class EventColumn:
    """A column whose cell names what happened.

    Attributes:
        names: Names of the column.
        responses: The cells, in any case, by what they mean.
        channel: email or sms, where it is about one of them only.
    """

    names: tuple[str, ...]
    responses: Mapping[str, tuple[str, ...]]
    channel: str | None = None


@dataclass(frozen=True)
class ResponseLayout:
    """How the files of one platform say what became of its messages. Columns may stand in any order and case.

    Attributes:
        name: Its name, which is the name of its file.
        title: Its name for a person.
        addresses: The columns of addresses, by channel.
        responses: The columns of counts, days or truth values, by what they mean: a cell that says more than no counts.
        events: The columns whose cells name what happened.
    """

    name: str
    title: str
    addresses: Mapping[str, tuple[str, ...]]
    responses: Mapping[str, tuple[str, ...]]
    events: tuple[EventColumn, ...] = ()

    def with_columns(self, mapping: Mapping[str, str]) -> ResponseLayout:
        """The same layout with columns that a person named.

        Args:
            mapping: Column of the file by field: email, phone, or one of `RESPONSES`.
        """
        addresses = {"email": mapping.get("email"), "sms": mapping.get("phone")}
        return ResponseLayout(
            name=self.name,
            title=self.title,
            addresses={**self.addresses, **{channel: (name,) for channel, name in addresses.items() if name}},
            responses={name: (mapping[name],) for name in RESPONSES if name in mapping} or self.responses,
            events=() if any(name in mapping for name in RESPONSES) else self.events,
        )

    def find_address(self, header: Iterable[str], channel: str) -> str | None:
        """The column of addresses; None where the file has none.

        Args:
            header: Column names of the file.
            channel: email or sms.
        """
        return match_columns(header, {"address": self.addresses[channel]}).get("address")

    def find_responses(self, header: Iterable[str], channel: str) -> dict[str, pl.Expr]:
        """What the file says of a channel, by response, as a truth value a row.

        Args:
            header: Column names of the file, whose cells are text.
            channel: email or sms.

        Example:
            >>> layout = ResponseLayout("x", "X", {"email": ("Email",)}, {"opened": ("Opens",)})
            >>> [*layout.find_responses(["EMAIL", "opens"], "email")]
            ['opened']
        """
        header = list(header)
        parts: dict[str, list[pl.Expr]] = {}
        for response, column in match_columns(header, self.responses).items():
            parts.setdefault(response, []).append(~_to_plain(column).is_in(NO))
        for event in (event for event in self.events if event.channel in (None, channel)):
            column_name = match_columns(header, {"event": event.names}).get("event")
            for response, cells in event.responses.items() if column_name is not None else ():
                meant = [cell.lower() for cell in cells]
                parts.setdefault(response, []).append(_to_plain(str(column_name)).is_in(meant))
        return {response: pl.any_horizontal(flags) for response, flags in parts.items()}


def load_layouts() -> dict[str, ResponseLayout]:
    """Every layout, by name.

    Example:
        >>> sorted(load_layouts())
        ['generic', 'klaviyo', 'mailchimp']
    """
    layouts: dict[str, Any] = load_plugins(frontrow.campaign.response_layouts, "LAYOUT")
    return layouts


def _to_plain(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
