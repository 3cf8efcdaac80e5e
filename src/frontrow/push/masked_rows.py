"""Some recipients as a person may see them before a push: enough to recognise a mistake, and nobody."""

from __future__ import annotations

from typing import Final

import polars as pl

ROWS: Final = 3
STARS: Final = "***"


def mask_recipients(recipients: pl.DataFrame, rows: int = ROWS) -> list[tuple[str, str, str]]:
    """Address, tag and properties of the first recipients, addresses masked.

    Args:
        recipients: `push.platform.RECIPIENT_SCHEMA`.
        rows: How many.
    """
    columns = recipients.head(rows).select("address", "campaign_tag", "properties").iter_rows()
    return [(mask_address(address), tag, properties or "") for address, tag, properties in columns]


def mask_address(address: str | None) -> str:
    """An address of which nobody can be told.

    Example:
        >>> mask_address("jane.doe@example.com"), mask_address("+447700900123"), mask_address(None)
        ('j***@e***.com', '+44***', '')
    """
    if not address:
        return ""
    name, sign, domain = address.partition("@")
    if not sign:
        return address[:3] + STARS
    return f"{name[:1]}{STARS}@{domain[:1]}{STARS}.{domain.rpartition('.')[2]}"
