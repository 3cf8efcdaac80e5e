"""The settings of a shop and the record of its imports: `shop.json`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontrow.errors import ShopError
from frontrow.schema import FORMAT_VERSION, Grain
from frontrow.storage.json_file import to_json_text


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

    def to_json(self) -> str:
        """Return the text of `shop.json`."""
        return to_json_text({"format_version": FORMAT_VERSION, **asdict(self)})

    @classmethod
    def from_json(cls, text: str, *, file: Path) -> ShopSettings:
        """Read `shop.json` back.

        Args:
            text: The file's text.
            file: Its path, for errors.

        Raises:
            ShopError: The text is not a JSON object, or has another format version.
        """
        try:
            values = json.loads(text)
            version = values.pop("format_version")
            values["imports"] = tuple(values["imports"])
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ShopError(f"{file} is damaged. Import the shop's exports again into a new folder.") from error
        if version != FORMAT_VERSION:
            raise ShopError(
                f"{file} has format version {version}; this frontrow reads version {FORMAT_VERSION}. "
                "Import the shop's exports again into a new folder."
            )
        return cls(**cast(dict[str, Any], values))
