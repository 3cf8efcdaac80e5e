"""The pointer of a shop, `shop.json`: which files are its tables, and what else is true of it now.

A shop changes when this one file is replaced, and at no other moment. It ends with a SHA-256 of its own text, and holds
that of every table: a changed bit anywhere is an error and never other data.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from frontrow.errors import ShopError
from frontrow.storage.json_file import parse_json, to_json_text

POINTER: Final = "shop.json"
FORMAT_VERSION: Final = 2
GENERATION: Final = "generation"
TABLES: Final = "tables"
STAGED: Final = "staged"
"""The section that names folders of `staging/` which wait to be moved to their place outside the shop."""

ORDERS: Final = "orders"
ORDER_BLOCKS: Final = "order_blocks"
PRODUCTS: Final = "products"
CUSTOMERS: Final = "customers"
ORDER_STATES: Final = "order_states"
CONTACT_LOG: Final = "contact_log"
HELD_OUT_LOG: Final = "held_out_log"
UNSUBSCRIBED: Final = "unsubscribed"

DESCRIBES: Final = {ORDER_BLOCKS: ORDERS}
"""Tables that say where something is in another table: one goes with the table that it describes."""

SEAL: Final = re.compile(rb',\n  "sha256": "([0-9a-f]{64})"\n\}\n\Z')
TABLE_FILE: Final = re.compile(r"tables/[a-z0-9_]+-[0-9]{6,}-[0-9a-f]{8}\.parquet")


@dataclass(frozen=True)
class StoredTable:
    """A table of a shop as it was written; its file never changes.

    Attributes:
        file: Path below the shop's folder.
        sha256: Of the file's bytes.
        rows: Number of rows.
        bytes: Size of the file.
    """

    file: str
    sha256: str
    rows: int
    bytes: int

    def __post_init__(self) -> None:
        if not TABLE_FILE.fullmatch(self.file):
            raise ValueError("not the file of a table")


@dataclass(frozen=True)
class Pointer:
    """What `shop.json` says.

    Attributes:
        generation: Number of changes so far.
        tables: By name.
        sections: Everything else, by name, as JSON values: each belongs to the room that writes it.
    """

    generation: int = 0
    tables: Mapping[str, StoredTable] = field(default_factory=dict)
    sections: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Pointer:
        """Read the pointer of the shop in `folder`.

        Raises:
            ShopError: The folder holds no shop, a damaged one, or one of another format version.
        """
        file = folder / POINTER
        try:
            content = file.read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ShopError(f"{folder} holds no shop. Make one with: frontrow import {folder} FILE...") from error
        except IsADirectoryError as error:
            raise ShopError(f"{file} is a folder. Choose a folder that frontrow import made.") from error
        return cls.parse(content, file)

    @classmethod
    def parse(cls, content: bytes, file: Path, *, check_seal: bool = True) -> Pointer:
        """Make a pointer of the bytes of `shop.json`.

        Args:
            content: The bytes.
            file: Its path, for errors.
            check_seal: Whether the SHA-256 at its end must be that of its text.

        Raises:
            ShopError: The bytes are damaged, or of another format version.
        """
        damaged = ShopError(f"{file} is damaged. Find out what is left with: frontrow check {file.parent}")
        try:
            values = parse_json(content)
            version = values.pop("format_version")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise damaged from error
        if version != FORMAT_VERSION:
            raise ShopError(
                f"{file} has format version {version}; this frontrow reads version {FORMAT_VERSION}. "
                "Import the shop's exports again into a new folder."
            )
        if check_seal and not is_sealed(content):
            raise damaged
        try:
            values.pop("sha256", None)
            tables = {str(name): StoredTable(**table) for name, table in values.pop(TABLES).items()}
            return cls(int(values.pop(GENERATION)), tables, values)
        except (ValueError, KeyError, AttributeError, TypeError, OverflowError) as error:
            raise damaged from error

    def to_text(self) -> str:
        """The text of `shop.json`.

        Example:
            >>> pointer = Pointer(1, {}, {"settings": {"currency": "EUR"}})
            >>> Pointer.parse(pointer.to_text().encode(), Path("shop.json")) == pointer
            True
        """
        tables = {name: asdict(table) for name, table in self.tables.items()}
        values = {"format_version": FORMAT_VERSION, GENERATION: self.generation, **self.sections, TABLES: tables}
        return seal(to_json_text(values).encode()).decode()


def is_sealed(content: bytes) -> bool:
    """Whether the text of `shop.json` is the one whose SHA-256 stands at its end."""
    end = SEAL.search(content)
    return end is not None and seal(content[: end.start()] + b"\n}\n") == content


def seal(text: bytes) -> bytes:
    """Put the SHA-256 of a JSON object's text at its end."""
    digest = hashlib.sha256(text).hexdigest()
    return text.removesuffix(b"\n}\n") + f',\n  "sha256": "{digest}"\n}}\n'.encode()
