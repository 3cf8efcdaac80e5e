"""Names of one country."""

from __future__ import annotations

import pytest

from frontrow.tables.country_names import OTHER_NAMES, find_same_country

SHOP = ["United Kingdom", "EIRE", "Germany", "France", "United States", "Netherlands", "Korea (South)"]


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("USA", "United States"),
        ("U.S.A.", "United States"),
        ("us", "United States"),
        ("UK", "United Kingdom"),
        ("Great Britain", "United Kingdom"),
        ("Ireland", "EIRE"),
        ("DE", "Germany"),
        ("Deutschland", "Germany"),
        ("Holland", "Netherlands"),
        ("South Korea", "Korea (South)"),
        ("Austria", None),
        ("Atlantis", None),
    ],
)
def test_the_name_that_the_shop_writes(typed: str, country: str | None) -> None:
    assert find_same_country(typed, SHOP) == country


def test_codes_are_names_too_and_every_other_name_is_of_its_code() -> None:
    assert all(find_same_country(name, [code]) == code for code, names in OTHER_NAMES.items() for name in names)
