"""The settings of a shop and the record of its imports: `shop.json`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontrow.errors import ShopError
from frontrow.schema import Grain
from frontrow.storage.json_types import require_types
from frontrow.storage.pointer import POINTER, Pointer

SECTION: Final = "settings"
"""The section of `shop.json` that holds them."""


@dataclass(frozen=True)
class ShopSettings:
    """What holds for the whole shop, decided at its first import.

    Attributes:
        time_zone: IANA name; times are shown and days begin in it.
        currency: ISO 4217 code of every amount of money, empty when no file said.
        grain: What one product is: the parent product, or each of its variants.
        parent_sku: A regular expression whose first group is the parent's code in a SKU, or None.
        imports: One record per imported file: name, format, rows, rows kept, rows dropped by reason, time.

    Example:
        >>> ShopSettings(time_zone="Europe/London", currency="GBP").grain
        'product'
    """

    time_zone: str = "UTC"
    currency: str = ""
    grain: Grain = "product"
    parent_sku: str | None = None
    imports: tuple[dict[str, Any], ...] = field(default=())

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ShopError(
                f'"{self.time_zone}" is not a time zone. Give an IANA name such as Europe/London.'
            ) from error

    @property
    def first_import(self) -> str:
        """SHA-256 of the record of the first import, which identifies a shop; empty where there is none.

        Example:
            >>> ShopSettings(imports=({"file": "orders.csv"},)).first_import[:8]
            '31cdca1c'
        """
        if not self.imports:
            return ""
        return hashlib.sha256(json.dumps(self.imports[0], sort_keys=True).encode()).hexdigest()

    def to_section(self) -> dict[str, Any]:
        """Return the section of `shop.json` that holds the settings."""
        return asdict(self)

    @classmethod
    def read(cls, folder: Path) -> ShopSettings:
        """Read the settings of the shop in `folder`.

        Raises:
            ShopError: The folder holds no shop, a damaged one, or one of another format version.
        """
        return cls.parse(Pointer.read(folder), folder)

    @classmethod
    def parse(cls, pointer: Pointer, folder: Path) -> ShopSettings:
        """Take the settings from what `shop.json` says.

        Args:
            pointer: What it says.
            folder: The shop's folder, for errors.

        Raises:
            ShopError: The settings are not those of a shop.
        """
        try:
            values = dict(pointer.sections[SECTION])
            values["imports"] = tuple(values["imports"])
            require_types(cls, values)
            return cls(**values)
        except (KeyError, TypeError, ValueError) as error:
            raise ShopError(
                f"{folder / POINTER} has no settings of a shop. Find out what is left with: frontrow check {folder}"
            ) from error
