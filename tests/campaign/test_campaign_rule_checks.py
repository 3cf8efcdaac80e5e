"""Contact rules that name a country or tag that the shop does not have."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from frontrow.campaign.eligibility.contact_rules import DO_NOT_CONTACT, ContactRules
from frontrow.campaign.eligibility.rule_checks import check_rules
from frontrow.errors import SettingError
from frontrow.shop.history import History
from frontrow.testing.shops import hand_made_shop

COUNTRIES = ["United States", "United States", "Canada", "EIRE"]


def history(countries: list[str] | None = None, tags: str | None = "VIP, b2b") -> History:
    shop = hand_made_shop([(number, "pot", number) for number in range(4)])
    column = pl.Series("country", countries if countries is not None else COUNTRIES, dtype=pl.String)
    return replace(
        shop,
        orders=shop.orders.collect().with_columns(column).lazy(),
        customers=shop.customers.with_columns(tags=pl.lit(tags, pl.String)),
    ).as_of()


@pytest.mark.parametrize("rules", [ContactRules(), ContactRules(countries=(" canada",), not_countries=("eire",))])
def test_rules_in_the_words_of_the_shop_are_not_spoken_of(rules: ContactRules) -> None:
    assert check_rules(rules, history()) == []


@pytest.mark.parametrize(("typed", "written"), [("USA", "United States"), ("Ireland", "EIRE"), ("cánada", "Canada")])
@pytest.mark.parametrize("setting", ["countries", "not_countries"])
def test_another_name_of_a_country_is_an_error(setting: str, typed: str, written: str) -> None:
    with pytest.raises(SettingError, match=f"the shop writes {written}. Write that") as error:
        check_rules(ContactRules(**{setting: (typed,)}), history())
    assert error.value.setting == {"countries": "country", "not_countries": "not_country"}[setting]


def test_a_country_without_orders_is_said_with_what_follows() -> None:
    (kept,) = check_rules(ContactRules(countries=("Canada", "Peru")), history())
    assert kept == (
        '--country: No order went to "Peru"; most orders went to United States, Canada, EIRE. Nobody is kept for it.'
    )
    (left_out,) = check_rules(ContactRules(not_countries=("Canda",)), history())
    assert left_out == (
        '--not-country: No order went to "Canda"; the nearest country of the shop is Canada. Nobody is left out for it.'
    )


def test_where_no_country_to_keep_is_one_of_the_shop_nobody_would_be_left() -> None:
    with pytest.raises(SettingError, match=r"Nobody would be left\.$"):
        check_rules(ContactRules(countries=("Peru", "Chile")), history())
    with pytest.raises(SettingError, match="no order of the shop has a country"):
        check_rules(ContactRules(countries=("Peru",)), history([None] * 4))  # type: ignore[list-item]


def test_a_tag_that_no_customer_has_names_the_nearest() -> None:
    (sentence,) = check_rules(ContactRules(not_tagged=(*DO_NOT_CONTACT, "VIPs", "B2B")), history())
    assert sentence == (
        '--not-tagged: No customer has the tag "VIPs"; the nearest tag of the shop is "VIP". Nobody is left out for it.'
    )
    (sentence,) = check_rules(ContactRules(not_tagged=("vip",)), history(tags=None))
    assert sentence.endswith('has the tag "vip". Nobody is left out for it.')


@pytest.mark.parametrize(("region", "hint"), [("UK", "Write GB."), ("Germany", "Write DE."), ("XX", "such as GB.")])
def test_a_phone_region_that_is_no_code_is_refused(region: str, hint: str) -> None:
    with pytest.raises(SettingError, match="is no country code of phone numbers") as error:
        check_rules(ContactRules(phone_region=region), history())
    assert str(error.value).endswith(hint)
    assert check_rules(ContactRules(phone_region="gb"), history()) == []
