"""Facts that a shop states once and every command uses: `config.json` in the shop's folder.

Only what was set stands in the file; everything else keeps the default of the settings it belongs to. Time zone and
currency are facts of the imported tables and stay in `shop.json`; they are shown beside the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from frontrow.engines.choice import check_engine
from frontrow.errors import SettingError, ShopError
from frontrow.importing.exchange import ExchangeRates
from frontrow.masking import describe_value
from frontrow.sources.source import Source
from frontrow.storage.folder import write_text
from frontrow.storage.json_file import parse_json

CONFIG: Final = "config.json"


@dataclass(frozen=True)
class ShopConfig:
    """What a shop has stated; None where it left the default.

    Attributes:
        horizon_days: Days after a launch within which a purchase counts.
        active_days: Customers with an order within this many days before the cutoff are scored.
        margin: Earned per unit at its full price, in the shop's currency.
        contact_cost: Cost of one contact, in the shop's currency.
        channel: `email` or `sms`: whose consent a campaign needs.
        not_contacted_days: Nobody contacted within so many days is contacted again.
        phone_region: ISO country code of two letters for phone numbers without a country code.
        product_url: Address of a product's page, with {product_id} in the place of the id, which in a Shopify
            catalogue is the product's handle; lists for platforms link to it.
        engine: Where order lines are worked on: `local`, or an address of Spark (`engines.choice.choose_engine`).
        launch_dates: Launch day (days since 1970-01-01) by product id, where the first sale was not the launch.
        exchange_rates: What one unit of other currencies is worth in the shop's, by code and month
            (`importing.exchange.ExchangeRates`); an import converts by them.
        sources: Where its data comes from, by name (`frontrow source`).
        destinations: Where its campaigns go to, by name.

    Example:
        >>> ShopConfig().with_value("horizon_days", "45").horizon_days
        45
    """

    horizon_days: int | None = None
    active_days: int | None = None
    margin: float | None = None
    contact_cost: float | None = None
    channel: str | None = None
    not_contacted_days: int | None = None
    phone_region: str | None = None
    product_url: str | None = None
    engine: str | None = None
    launch_dates: Mapping[str, int] = field(default_factory=dict)
    exchange_rates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    destinations: Mapping[str, Source] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: str | Path) -> ShopConfig:
        """Read the configuration of the shop in `folder`; an absent file states nothing.

        Raises:
            ShopError: The file is not a JSON object, names an unknown key, or holds a value that is out of range.
        """
        file = Path(folder) / CONFIG
        if not file.is_file():
            return cls()
        try:
            values = parse_json(file.read_text("utf-8"))
        except ValueError as error:
            raise ShopError(
                f"{file} is not valid JSON: {error}. Correct it, or delete it and set the values again."
            ) from error
        if not isinstance(values, dict):
            raise ShopError(f"{file} must hold a JSON object. Correct it, or delete it and set the values again.")
        config = cls()
        for key, value in values.items():
            try:
                config = config.with_value(key, value)
            except ShopError as error:
                raise ShopError(f"{file}: {error}") from error
        return config

    def write(self, folder: str | Path) -> None:
        """Write what is set to the shop in `folder`, in one step."""
        write_text(json.dumps(self.to_dict(), indent=2) + "\n", Path(folder) / CONFIG)

    def to_dict(self) -> dict[str, Any]:
        """What is set, by key."""
        values = {key: value for key, value in asdict(self).items() if value is not None and value != {}}
        places = {key: self.places(key) for key in PLACES if key in values}
        return values | {
            key: {name: place.to_dict() for name, place in by_name.items()} for key, by_name in places.items()
        }

    def places(self, key: str) -> Mapping[str, Source]:
        """The sources or the destinations, by name.

        Args:
            key: One of `PLACES`.
        """
        return self.sources if key == SOURCES else self.destinations

    def with_value(self, key: str, value: object) -> ShopConfig:
        """Set one key to a checked value; None takes the key back to its default.

        Args:
            key: Name of an attribute.
            value: The value, or the text a person typed for it.

        Raises:
            ShopError: The key is unknown, or the value is not of its kind or out of range.
        """
        if key not in KEYS:
            raise ShopError(f"There is no setting named {describe_value(key)}. Available: {', '.join(KEYS)}.")
        if value is None:
            return _replace(self, key, {} if key in MAPPINGS else None)
        try:
            return _replace(self, key, _CHECKS[key](value))
        except SettingError as error:
            raise ShopError(f"{key}: {error}") from error
        except (TypeError, ValueError, OverflowError) as error:
            # whoever wrote them by hand may have written a secret
            shown = "not as expected" if key in PLACES else describe_value(value)
            raise ShopError(f"{key} is {shown}. {_EXPECTED[key]}") from error


MOST_DAYS: Final = 100_000
"""More days than any shop looks back or ahead."""

KEYS: Final = tuple(item.name for item in fields(ShopConfig))
"""What can be set, in the order in which it is shown."""


SOURCES: Final = "sources"
DESTINATIONS: Final = "destinations"
PLACES: Final = (SOURCES, DESTINATIONS)
"""Of these, those that `frontrow source` and `frontrow destination` write."""

MAPPINGS: Final = ("launch_dates", "exchange_rates", *PLACES)
"""Of these, those that hold several values by name."""


def _replace(config: ShopConfig, key: str, value: Any) -> ShopConfig:
    changes: dict[str, Any] = {key: value}
    return replace(config, **changes)


def _positive(value: Any) -> int:
    number = int(value)
    if not 1 <= number <= MOST_DAYS or isinstance(value, bool | float):
        raise ValueError
    return number


def _amount(value: Any) -> float:
    amount = float(value)
    if not 0 <= amount < float("inf") or isinstance(value, bool):
        raise ValueError
    return amount


def _channel(value: Any) -> str:
    if value not in ("email", "sms"):
        raise ValueError
    return str(value)


def _region(value: Any) -> str:
    region = str(value).strip().upper()
    if len(region) != 2 or not region.isascii() or not region.isalpha():
        raise ValueError
    return region


def _product_url(value: Any) -> str:
    address = str(value).strip()
    parts = urlsplit(address)
    unsafe = any(sign in address for sign in "\"'<> \t\r\n")
    if parts.scheme not in ("https", "http") or not parts.netloc or unsafe or address.count("{product_id}") != 1:
        raise ValueError
    return address


def _is_day(value: object) -> bool:
    """Whether a value is a day of some calendar, counted from 1970-01-01."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST_DAYS


def _days_by_product(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping) or not all(map(_is_day, value.values())):
        raise TypeError
    return {str(product_id): int(day) for product_id, day in value.items()}


def _rates(value: Any) -> dict[str, dict[str, float]]:
    if isinstance(value, str):
        return ExchangeRates.parse(value).to_dict()
    return ExchangeRates.from_dict(value).to_dict()


def _places(value: Any) -> dict[str, Source]:
    if not isinstance(value, Mapping):
        raise TypeError
    return {
        str(name): place if isinstance(place, Source) else Source.from_dict(str(name), place)
        for name, place in value.items()
    }


_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "horizon_days": _positive,
    "active_days": _positive,
    "margin": _amount,
    "contact_cost": _amount,
    "channel": _channel,
    "not_contacted_days": _positive,
    "phone_region": _region,
    "product_url": _product_url,
    "engine": check_engine,
    "launch_dates": _days_by_product,
    "exchange_rates": _rates,
    SOURCES: _places,
    DESTINATIONS: _places,
}
_EXPECTED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("horizon_days", "active_days", "not_contacted_days"), "Give a whole number of days, 1 or more."),
    **dict.fromkeys(("margin", "contact_cost"), "Give an amount of 0 or more, such as 12.50."),
    "channel": "Give email or sms.",
    "phone_region": "Give a country code of two letters, such as GB.",
    "product_url": "Give an address such as https://shop.example/products/{product_id}.",
    "engine": "Give local, spark://HOST:PORT or sc://HOST:PORT.",
    "launch_dates": "Give a CSV file with the columns product_id and launch_date.",
    "exchange_rates": "Give CAD=0.74, say, or a CSV file with the columns currency, month and rate.",
    SOURCES: "State them with: frontrow source add.",
    DESTINATIONS: "State them with: frontrow destination add.",
}
