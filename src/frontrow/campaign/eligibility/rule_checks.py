"""Countries and tags of contact rules that the shop does not have: said before a model is fitted for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from frontrow.campaign.eligibility.contact_rules import DO_NOT_CONTACT, ContactRules
from frontrow.errors import SettingError
from frontrow.masking import describe_value
from frontrow.shop.history import History
from frontrow.tables.country_names import find_country_code, find_same_country
from frontrow.tables.nearest_name import find_nearest, fold_name

SHOWN: Final = 3
"""Countries of the shop that are named where none is near."""


def check_rules(rules: ContactRules, history: History) -> list[str]:
    """Sentences about countries and tags that match nobody.

    Args:
        rules: What a person typed.
        history: The shop's orders and customers.

    Raises:
        SettingError: The phone region is no country code, a country has another spelling in the shop, or no country to
            keep is one of the shop's: the list would be empty, or hold those who were to be left out.
    """
    _check_phone_region(rules.phone_region)
    sentences = []
    if rules.countries or rules.not_countries:
        countries = _list_countries(history)
        unknown = list(_check_countries("country", rules.countries, countries))
        if rules.countries and len(unknown) == len(rules.countries):
            raise SettingError("country", f"{' '.join(unknown)} Nobody would be left.")
        sentences += [f"--country: {sentence} Nobody is kept for it." for sentence in unknown]
        unknown = list(_check_countries("not_country", rules.not_countries, countries))
        sentences += [f"--not-country: {sentence} Nobody is left out for it." for sentence in unknown]
    typed = [tag for tag in rules.not_tagged if tag not in DO_NOT_CONTACT]
    if typed:
        sentences += _check_tags(typed, history)
    return sentences


def _check_phone_region(region: str | None) -> None:
    """Numbers without a country code are read only in a region that the library of phone numbers has."""
    import phonenumbers

    if region is None or region.strip().upper() in phonenumbers.SUPPORTED_REGIONS:
        return
    code = find_country_code(region)
    hint = "Give two letters, such as GB." if code is None else f"Write {code}."
    raise SettingError("phone_region", f"{describe_value(region)} is no country code of phone numbers. {hint}")


def _check_countries(setting: str, typed: tuple[str, ...], countries: list[str]) -> Iterator[str]:
    """A sentence for each country that no order went to; rules compare in any case."""
    lower = {country.strip().lower() for country in countries}
    for name in typed:
        if name.strip().lower() in lower:
            continue
        value, same = describe_value(name), find_same_country(name, countries)
        if same is not None:
            raise SettingError(setting, f"No order went to {value}; the shop writes {same}. Write that.")
        nearest = find_nearest(name, countries)
        if nearest is not None and fold_name(nearest) == fold_name(name):
            raise SettingError(setting, f"No order went to {value}; the shop writes {nearest}. Write that.")
        if not countries:
            hint = "no order of the shop has a country."
        elif nearest is not None:
            hint = f"the nearest country of the shop is {nearest}."
        else:
            hint = f"most orders went to {', '.join(countries[:SHOWN])}."
        yield f"No order went to {value}; {hint}"


def _check_tags(typed: list[str], history: History) -> Iterator[str]:
    tags = _list_tags(history)
    folded = {fold_name(tag) for tag in tags}
    for tag in typed:
        if fold_name(tag) not in folded:
            nearest = find_nearest(tag, tags)
            hint = "" if nearest is None else f"; the nearest tag of the shop is {describe_value(nearest)}"
            yield f"--not-tagged: No customer has the tag {describe_value(tag)}{hint}. Nobody is left out for it."


def _list_countries(history: History) -> list[str]:
    """The countries that orders went to, that of most orders first."""
    counts = (
        history.lines.filter(pl.col("country").is_not_null())
        .group_by("country")
        .agg(orders=pl.col("order_id").n_unique())
        .sort("orders", "country", descending=[True, False])
        .collect()
    )
    return list(counts["country"])


def _list_tags(history: History) -> list[str]:
    """The tags of customers, that of most customers first."""
    cells = history.customers.select(
        pl.col("tags").drop_nulls().str.split(",").list.eval(pl.element().str.strip_chars())
    )
    tags = cells.explode("tags").filter(pl.col("tags") != "").collect()["tags"]
    counts = tags.value_counts(name="customers").sort(["customers", "tags"], descending=[True, False])
    return list(counts["tags"])
