"""What a person may decide about an import, and what follows for the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from frontrow.errors import InputError, ShopError
from frontrow.importing.exchange import ExchangeRates
from frontrow.importing.format import Format, get_format, recognize_format
from frontrow.importing.identity_settings import IdentitySettings
from frontrow.schema import Grain
from frontrow.shop.settings import ShopSettings
from frontrow.tables.table_file import Table


@dataclass(frozen=True)
class ImportSettings:
    """What a person may decide about an import; None leaves it to the shop on disk, else to the files.

    Attributes:
        format: Name of the format of all files; None recognises each by its header.
        mapping: Field to column, for tables with column names of their own.
        time_zone: IANA name of the shop's time zone.
        currency: ISO 4217 code.
        grain: What one product is: the parent product (the default) or each of its variants.
        parent_sku: A regular expression whose first group is the parent's code in a SKU.
        exchange_rates: What other currencies are worth in the shop's, or the text that says so
            (`ExchangeRates.parse`); None for the rates in the shop's configuration. Orders in a currency without a
            rate are left out.
        dry_run: Report, and write nothing.
    """

    format: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    currency: str | None = None
    grain: Grain | None = None
    parent_sku: str | None = None
    exchange_rates: ExchangeRates | str | None = None
    dry_run: bool = False


DEFAULT_SETTINGS: Final = ImportSettings()


def choose_format(table: Table, settings: ImportSettings) -> Format:
    """Return the format of a file: as a person says, else as its header is recognised.

    Args:
        table: The file.
        settings: What a person decides.

    Raises:
        InputError: There is no such format, or the header is that of none.
        ShopError: Columns are named for a format that finds its own.
    """
    if settings.mapping and settings.format not in (None, "order_lines"):
        raise ShopError(f"--map names columns of order_lines; {settings.format} finds its own. Give one of the two.")
    if settings.format is not None:
        try:
            return get_format(settings.format)
        except ValueError as error:
            raise InputError(str(error), file=table.file) from error
    return get_format("order_lines") if settings.mapping else recognize_format(table)


def choose_settings(on_disk: ShopSettings | None, formats: Sequence[Format], settings: ImportSettings) -> ShopSettings:
    """Return the shop's settings, as far as they are decided before the files are read.

    Args:
        on_disk: Settings of the shop as it is, which stay; None for a new one.
        formats: Those of the files.
        settings: What a person decides.

    Raises:
        ShopError: The settings contradict the shop on disk.
    """
    if on_disk is not None:
        for name in ("time_zone", "currency", "grain", "parent_sku"):
            new, old = getattr(settings, name), getattr(on_disk, name)
            if new is not None and old and new != old:
                option = name.replace("_", "-")
                raise ShopError(f"--{option} {new} contradicts the shop, which has {old}. Import into a new folder.")
        return on_disk
    time_zones = sorted({file_format.time_zone for file_format in formats if file_format.time_zone})
    parent_skus = sorted({file_format.parent_sku for file_format in formats if file_format.parent_sku})
    shop_settings = ShopSettings(
        time_zone=settings.time_zone or next(iter(time_zones), "UTC"),
        grain=settings.grain or "product",
        parent_sku=settings.parent_sku or next(iter(parent_skus), None),
    )
    IdentitySettings(shop_settings.grain, shop_settings.parent_sku)  # refuses a bad pattern before hours of reading
    return shop_settings
