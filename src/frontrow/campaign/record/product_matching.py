"""Which product of the shop a campaign's new product became, and which campaigns are about the same product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

import polars as pl

from frontrow.errors import CampaignError

SUGGESTIONS: Final = 3
"""Close titles listed in the error where no product matches."""


def match_shop_products(
    new_products: Sequence[Mapping[str, Any]], products: pl.DataFrame, sold_as: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The shop's product for each product of a campaign.

    `sold_as` counts first; then the same id; then the same title, in any case, among titles and aliases.

    Args:
        new_products: The campaign's records, with `product_id` and `title`.
        products: The shop's (`schema.PRODUCT_SCHEMA`).
        sold_as: Shop's product (its id or title) by the campaign's product (its id or title).

    Returns:
        The shop's product id by the campaign's.

    Raises:
        CampaignError: No product of the shop matches, or several do; lists similar titles.

    Example:
        >>> shop = pl.DataFrame({"product_id": ["A7"], "title": ["Red Pot"], "aliases": [["Red Pot", "RED POT 2"]]})
        >>> match_shop_products([{"product_id": "new:red-pot", "title": "red pot"}], shop)
        {'new:red-pot': 'A7'}
    """
    ids_by_name = _ids_by_name(products)
    stated = {_normalize(name): product for name, product in (sold_as or {}).items()}
    matches = {}
    for product in new_products:
        names = [str(product["product_id"]), str(product["title"])]
        shop_name = next((stated.pop(_normalize(name)) for name in names if _normalize(name) in stated), None)
        matches[names[0]] = _match(names[1], names if shop_name is None else [shop_name], ids_by_name)
    if stated:
        raise CampaignError(
            f"The campaign has no product {', '.join(stated)}. "
            f"Its products are: {', '.join(str(product['title']) for product in new_products)}."
        )
    return matches


def match_campaign_products(
    new_products: Sequence[Mapping[str, Any]], earlier: Sequence[Mapping[str, Any]], products: pl.DataFrame
) -> list[tuple[str, str, str]]:
    """Which products planned now are those of an earlier campaign, whatever they are called by now.

    Two are the same when they share an id or a title, in any case, or when both are names, ids or titles of one of the
    shop's products. In doubt they are the same: two with the same title are.

    Args:
        new_products: Records with `product_id` and `title`.
        earlier: The same of products of earlier campaigns.
        products: The shop's (`schema.PRODUCT_SCHEMA`).

    Returns:
        The id planned now, the earlier id and the earlier title, of each pair.

    Example:
        >>> shop = pl.DataFrame({"product_id": ["A7"], "title": ["Red Pot"], "aliases": [["Clay pot"]]})
        >>> before = [{"product_id": "new:clay-pot", "title": "Clay Pot"}]
        >>> match_campaign_products([{"product_id": "A7", "title": "Our red pot"}], before, shop)
        [('A7', 'new:clay-pot', 'Clay Pot')]
    """
    ids_by_name = _ids_by_name(products)
    earlier_names = [(product, _all_names(product, ids_by_name)) for product in earlier]
    return [
        (str(product["product_id"]), str(earlier_product["product_id"]), str(earlier_product["title"]))
        for product in new_products
        for earlier_product, names in earlier_names
        if names & _all_names(product, ids_by_name)
    ]


def _all_names(product: Mapping[str, Any], ids_by_name: Mapping[str, set[str]]) -> set[str]:
    """A product's id and title, and the ids of the shop's products that have one of these names."""
    names = {_normalize(product["product_id"]), _normalize(product["title"])}
    return names | {_normalize(product_id) for name in names for product_id in ids_by_name.get(name, ())}


def _ids_by_name(products: pl.DataFrame) -> dict[str, set[str]]:
    """Product ids by each of their names: id, title and aliases."""
    ids_by_name: dict[str, set[str]] = {}
    for product_id, title, aliases in products.select("product_id", "title", "aliases").iter_rows():
        for name in {product_id, title, *(aliases or ())} - {None}:
            ids_by_name.setdefault(_normalize(name), set()).add(product_id)
    return ids_by_name


def _match(title: str, names: Sequence[str], ids_by_name: Mapping[str, set[str]]) -> str:
    """The one product of the shop that has the first of the names that any has."""
    for name in names:
        matches = ids_by_name.get(_normalize(name), set())
        if len(matches) == 1:
            return next(iter(matches))
        if matches:
            raise CampaignError(
                f'The shop has several products called "{name}": {", ".join(sorted(matches))}. '
                "State the id of the right one with --sold-as."
            )
    close = get_close_matches(_normalize(names[-1]), ids_by_name, SUGGESTIONS)
    suggestion = f"Similar titles: {', '.join(close)}. " if close else ""
    raise CampaignError(
        f'The shop sells no "{names[-1]}", so the sales of "{title}" cannot be found. {suggestion}'
        "State what it is sold as with --sold-as PRODUCT, or import orders in which it was bought."
    )


def _normalize(name: object) -> str:
    return " ".join(str(name).split()).casefold()
