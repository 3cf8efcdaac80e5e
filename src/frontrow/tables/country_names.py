"""Which names are of one country: USA, US and United States; a shop writes one of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

from frontrow.tables.nearest_name import fold_name

OTHER_NAMES: Final = {
    "AE": ("UAE", "Emirates"),
    "BA": ("Bosnia",),
    "CD": ("DR Congo", "Democratic Republic of the Congo"),
    "CH": ("Schweiz", "Suisse", "Svizzera"),
    "CI": ("Ivory Coast",),
    "CN": ("PRC", "People's Republic of China"),
    "CZ": ("Czechia", "Czech Republic"),
    "DE": ("Deutschland", "Germany (Deutschland)"),
    "ES": ("España",),
    "FR": ("République française",),
    "GB": ("UK", "U.K.", "United Kingdom", "Great Britain", "Britain", "United Kingdom of Great Britain"),
    "HK": ("Hong Kong SAR",),
    "IE": ("Eire", "Republic of Ireland", "Irish Republic", "ROI"),
    "IT": ("Italia",),
    "KR": ("South Korea", "Korea", "Republic of Korea"),
    "NL": ("Holland", "The Netherlands", "Nederland"),
    "AT": ("Österreich",),
    "RU": ("Russian Federation",),
    "TR": ("Türkiye",),
    "US": ("USA", "U.S.", "U.S.A.", "United States of America", "America", "The United States"),
    "VN": ("Viet Nam",),
    "ZA": ("RSA",),
}
"""Names that people write beside the one of the list of country codes, by code (ISO 3166)."""


def find_same_country(name: str, countries: Iterable[str]) -> str | None:
    """The one of some names that is of the same country; None where none is.

    Args:
        name: What a person typed.
        countries: What a shop writes.

    Example:
        >>> find_same_country("USA", ["Canada", "United States"]), find_same_country("GB", ["United Kingdom"])
        ('United States', 'United Kingdom')
        >>> find_same_country("Austria", ["Australia"]) is None
        True
    """
    code = find_country_code(name)
    return None if code is None else next((other for other in countries if find_country_code(other) == code), None)


def find_country_code(name: str) -> str | None:
    """The code of two letters (ISO 3166) of a country; None where the name is of none.

    Example:
        >>> find_country_code("UK"), find_country_code("Deutschland"), find_country_code("Jane Smith")
        ('GB', 'DE', None)
    """
    return _codes_by_name().get(fold_name(name))


@cache
def _codes_by_name() -> dict[str, str]:
    """Code by each name, folded: the code itself, its name in the list of codes of tzdata, and other names."""
    text = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    codes: dict[str, str] = {}
    for code, name in rows:
        for each in (code, name, *OTHER_NAMES.get(code, ())):
            codes[fold_name(each)] = code
    return codes
