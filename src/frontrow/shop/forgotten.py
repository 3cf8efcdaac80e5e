"""Who was forgotten: enough to recognise a person in a later import, and nothing that says who it was.

Of each id, e-mail address and phone number of a forgotten person the shop keeps an HMAC-SHA-256 under a random key of
its own. Whoever has the shop's folder can ask whether an address is among them, and cannot read one from it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import ShopError
from frontrow.storage.pointer import Pointer
from frontrow.storage.shop_tables import ShopTables

FORGOTTEN: Final = "forgotten"
"""The table, and the section of `shop.json` that holds the key and the last customer number."""

FORGOTTEN_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    # HMAC-SHA-256 of an identifier in hexadecimal digits, under the key in shop.json
    "digest": pl.String(),
    # when the person was forgotten, UTC
    "forgotten_on": pl.Date(),
}
PHONE: Final = "phone"


@dataclass(frozen=True)
class Forgotten:
    """Recognises the persons whom a shop was asked to forget.

    Attributes:
        key: Random text of this shop; empty while nobody was forgotten.
        rows: `FORGOTTEN_SCHEMA`, in order of the digest.
        last_customer_id: The highest customer number that was given when somebody was last forgotten: no number is
            given twice, not even that of a person who was erased.
    """

    key: str = ""
    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(FORGOTTEN_SCHEMA)))
    last_customer_id: int = 0

    @classmethod
    def read(cls, folder: str | Path) -> Forgotten:
        """Who was forgotten in the shop in `folder`.

        Raises:
            ShopError: The folder holds no shop, or a damaged one.
        """
        tables = ShopTables.open(Path(folder), (FORGOTTEN,))
        if FORGOTTEN not in tables:
            return cls()
        key, last_customer_id = _parse_section(tables.pointer, Path(folder))
        return cls(key, tables.read(FORGOTTEN), last_customer_id)

    def add(self, identifiers: Iterable[str], day: dt.date, *, phones: Iterable[str] = ()) -> Forgotten:
        """The same with one person more.

        Args:
            identifiers: The person's ids and e-mail addresses, each as it may come again.
            day: When the person was forgotten, UTC.
            phones: The person's phone numbers.

        Example:
            >>> forgotten = Forgotten().add(["ann@example.com"], dt.date(2026, 12, 1))
            >>> forgotten.matches(pl.Series(["bob@example.com", " Ann@Example.com", None])).to_list()
            [False, True, False]
        """
        named = replace(self, key=self.key or secrets.token_hex(32))
        forms = {form for identifier in identifiers for form in identifier_forms(identifier)}
        forms |= {form for phone in phones for form in identifier_forms(phone, phone=True)}
        digests = {named._digest(form) for form in forms}
        added = pl.DataFrame({"digest": sorted(digests)}, schema={"digest": pl.String}).with_columns(
            forgotten_on=pl.lit(day, pl.Date)
        )
        rows = pl.concat([self.rows, added]).unique("digest", keep="first", maintain_order=True)
        return replace(named, rows=rows.sort("digest"))

    def matches(self, identifiers: pl.Series, *, phones: bool = False) -> pl.Series:
        """Whether each id or e-mail address is a forgotten person's; Boolean, False for null.

        Args:
            identifiers: Strings.
            phones: They are phone numbers, of which the digits count.
        """
        if self.rows.is_empty():
            return pl.repeat(False, len(identifiers), eager=True)
        digests = set(self.rows["digest"])
        recognised = [
            identifier
            for identifier in identifiers.drop_nulls().unique()
            if any(self._digest(form) in digests for form in identifier_forms(identifier, phone=phones))
        ]
        return identifiers.is_in(recognised).fill_null(False)

    def erase(self, lines: pl.DataFrame, contacts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Make the orders of forgotten persons a guest's, and leave out what files say about them.

        Args:
            lines: New order lines, with `source_id`.
            contacts: What the files say about customers, with `source_id`, `email` and `phone`.
        """
        if self.rows.is_empty():
            return lines, contacts
        # a household shares its telephone: the number tells who it is only where no e-mail address does
        by_phone = self.matches(contacts[PHONE], phones=True) & contacts["email"].is_null()
        is_forgotten = self.matches(contacts["source_id"]) | self.matches(contacts["email"]) | by_phone
        # an address that comes under a new id makes that id the person's, on the order lines too
        ids = contacts.filter(is_forgotten)["source_id"].drop_nulls()
        erased = self.matches(lines["source_id"]) | lines["source_id"].is_in(ids.implode()).fill_null(False)
        return (
            lines.with_columns(source_id=pl.when(~erased).then("source_id")),
            contacts.filter(~is_forgotten & ~contacts["source_id"].is_in(ids.implode()).fill_null(False)),
        )

    def to_tables(self) -> dict[str, pl.LazyFrame]:
        """The table as it is kept on disk, by name."""
        return {FORGOTTEN: self.rows.lazy()}

    def to_section(self) -> dict[str, Any]:
        """The section of `shop.json` that holds the rest."""
        return {"key": self.key, "last_customer_id": self.last_customer_id}

    def _digest(self, form: str) -> str:
        return hmac.digest(self.key.encode(), form.encode(), hashlib.sha256).hex()


NOBODY: Final = Forgotten()
"""Nobody was forgotten."""


def identifier_forms(identifier: str, *, phone: bool = False) -> Iterator[str]:
    """The forms in which an id, e-mail address or phone number is compared: trimmed in lower case, and its digits.

    Args:
        identifier: As it stands in a file.
        phone: It is a phone number; what begins with a plus sign is one anyway.

    Example:
        >>> list(identifier_forms(" Ann@Example.com")), list(identifier_forms("020 7946-0958", phone=True))
        (['ann@example.com'], ['020 7946-0958', 'phone:2079460958'])
    """
    text = identifier.strip().lower()
    if text:
        yield text
    digits = re.sub(r"\D", "", text).lstrip("0")
    if digits and (phone or text.startswith("+")):
        yield f"phone:{digits}"


def _parse_section(pointer: Pointer, folder: Path) -> tuple[str, int]:
    section = pointer.sections.get(FORGOTTEN)
    if isinstance(section, dict):
        key, last_customer_id = section.get("key"), section.get("last_customer_id")
        if isinstance(key, str) and isinstance(last_customer_id, int):
            return key, last_customer_id
    raise ShopError(f"{folder} lacks the key of who was forgotten. Find out what is left with: frontrow check {folder}")
