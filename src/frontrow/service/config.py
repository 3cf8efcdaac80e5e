"""Show and change the facts that a shop states once."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from frontrow.errors import SettingError, ShopError
from frontrow.launch.launch_files import read_launch_dates
from frontrow.launch.settings import LaunchSettings
from frontrow.present.section import Section, Sentence, Table
from frontrow.schema import FIRST_DAY, last_day
from frontrow.service.changing import change_shop
from frontrow.shop.config import KEYS, PLACES, ShopConfig
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.settings import SECTION, ShopSettings
from frontrow.shop.shop import Shop
from frontrow.storage.commit import commit
from frontrow.storage.waiting import DEFAULT_WAIT

FIXED: Final = "time_zone"
CURRENCY: Final = "currency"


@dataclass(frozen=True)
class ConfigResult:
    """The facts of a shop.

    Attributes:
        folder: The shop's folder.
        config: What the shop has stated.
        settings: Time zone and currency of its tables.
        key: The only fact shown; None for all.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    folder: Path
    config: ShopConfig
    settings: ShopSettings
    key: str | None = None
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Every fact by key, null where the default holds; launch dates as ISO dates."""
        facts: dict[str, Any] = {CURRENCY: self.settings.currency or None, FIXED: self.settings.time_zone}
        facts |= {key: getattr(self.config, key) for key in KEYS}
        facts |= {key: {name: place.to_dict() for name, place in self.config.places(key).items()} for key in PLACES}
        facts["launch_dates"] = {
            product_id: (EPOCH + dt.timedelta(days=day)).isoformat()
            for product_id, day in self.config.launch_dates.items()
        }
        return facts if self.key is None else {self.key: facts[self.key]}

    def sections(self) -> list[Section]:
        """A table of the facts; a single one as a plain value."""
        facts = self.to_dict()
        if self.key is not None and self.key != "launch_dates":
            value = facts[self.key]
            sentence = f"{self.key}: {_describe(self.key, value) or 'not set'} ({_origin(self.key, value)})"
            return [Section("config", "", (Sentence(sentence),))]
        rows = [(key, _describe(key, value), _origin(key, value)) for key, value in facts.items()]
        return [Section("config", "", (Table(f"What {self.folder} states", ("key", "value", "from"), rows),))]


def configure(
    folder: Path,
    key: str | None = None,
    value: str | None = None,
    *,
    unset: bool = False,
    wait: float = DEFAULT_WAIT,
) -> ConfigResult:
    """Show the facts of a shop, or set or unset one.

    Args:
        folder: The shop's folder.
        key: One of `KEYS`, `currency` or `time_zone`; None for all.
        value: The new value as a person types it; for `launch_dates` a CSV file, for `exchange_rates` either. None to
            show.
        unset: Take the key back to its default.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The folder holds no shop, the key is unknown, the value is out of range, or the fact cannot be
            changed.
        ShopLockedError: Another command did not finish in time.
        InputError: The file of launch dates cannot be used.
    """
    if key is not None and key not in (*KEYS, CURRENCY, FIXED):
        Shop.read(folder)
        raise ShopError(f'There is no setting named "{key}". Available: {", ".join((CURRENCY, FIXED, *KEYS))}.')
    if key is None or (value is None and not unset):
        return ConfigResult(folder, ShopConfig.read(folder), Shop.read(folder).settings, key)
    with change_shop(folder, "config", wait=wait):
        return _state(folder, key, value, unset=unset)


def set_launch_day(folder: Path, product_id: str, day: dt.date | None, *, wait: float = DEFAULT_WAIT) -> ConfigResult:
    """State the launch day of one product, beside those that the shop has stated already.

    Args:
        folder: The shop's folder.
        product_id: The product.
        day: Its launch day; None to take back what was stated, so that the first sale counts.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        SettingError: The shop has no such product, or the day is not one of the shop's calendar.
        ShopError: The folder holds no shop.
        ShopLockedError: Another command did not finish in time.
    """
    with change_shop(folder, "config", wait=wait):
        shop, config = Shop.read(folder, hold=False), ShopConfig.read(folder)
        if product_id not in shop.products["product_id"]:
            raise SettingError("product_id", "This shop has no such product. Choose one from the list of launches.")
        if day is not None and not FIRST_DAY <= day <= last_day(dt.datetime.now(shop.time_zone).date()):
            raise SettingError("launch_date", f"{day} cannot be a launch day. Give a date such as 2026-03-01.")
        days = {stated: number for stated, number in config.launch_dates.items() if stated != product_id}
        if day is not None:
            days[product_id] = (day - EPOCH).days
        config = config.with_value("launch_dates", days or None)
        config.write(folder)
        return ConfigResult(folder, config, shop.settings, "launch_dates")


def _state(folder: Path, key: str, value: str | None, *, unset: bool) -> ConfigResult:
    shop = Shop.read(folder, hold=False)
    config = ShopConfig.read(folder)
    if key == FIXED:
        raise ShopError(
            "The time zone is fixed when a shop is first imported, because the days of its orders are counted in it. "
            "Import the exports into a new folder with --time-zone."
        )
    if key == CURRENCY:
        settings = replace(shop.settings, currency=(value or "").strip().upper())
        commit(folder, {}, {SECTION: settings.to_section()})
        return ConfigResult(folder, config, settings, key)
    if key in PLACES:
        raise ShopError(f"{key} are stated with another command: frontrow {key.removesuffix('s')} add.")
    stated: object = value
    if key == "launch_dates" and value is not None:
        stated = read_launch_dates(value)
        unknown = sorted(set(stated) - set(shop.products["product_id"])) if isinstance(stated, dict) else []
        if unknown:
            raise ShopError(f'{value} states a launch date for "{unknown[0]}", which is not a product of this shop.')
    config = config.with_value(key, None if unset else stated)
    config.write(folder)
    return ConfigResult(folder, config, shop.settings, key)


def _describe(key: str, value: Any) -> str:
    if key == "launch_dates":
        return f"{len(value)} products" if value else ""
    if key in PLACES:
        return ", ".join(value)
    if key == "exchange_rates":
        return ", ".join(f"{code}={months[max(months)]:g}" for code, months in value.items())
    if value is not None:
        return str(value)
    defaults = {**asdict(LaunchSettings()), "channel": "email", "contact_cost": 0.0, "engine": "local"}
    return str(defaults.get(key, ""))


def _origin(key: str, value: Any) -> str:
    if key in (CURRENCY, FIXED):
        return "import"
    return "default" if value in (None, {}) else "config.json"
