"""Which product of the shop a campaign's new product became, once it was sold; which campaigns ask about the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

import polars as pl

from frontrow.errors import CampaignError

CLOSE: Final = 3
"""Titles named where none fits."""


def sold_as(
    asked: Sequence[Mapping[str, Any]], products: pl.DataFrame, told: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The shop's product for each product that a campaign asked about.

    What is told counts first; then the same id; then the same title, in any case, among titles and aliases.

    Args:
        asked: Records with `product_id` and `title`.
        products: The shop's (`schema.PRODUCT_SCHEMA`).
        told: Shop's product (its id or title) by asked product (its id or title).

    Returns:
        The shop's product id by the asked one.

    Raises:
        CampaignError: No product of the shop fits, or several do; names titles that come close.

    Example:
        >>> shop = pl.DataFrame({"product_id": ["A7"], "title": ["Red Pot"], "aliases": [["Red Pot", "RED POT 2"]]})
        >>> sold_as([{"product_id": "new:red-pot", "title": "red pot"}], shop)
        {'new:red-pot': 'A7'}
    """
    names = _names(products)
    wanted = {_plain(name): product for name, product in (told or {}).items()}
    found = {}
    for product in asked:
        keys = [str(product["product_id"]), str(product["title"])]
        said = next((wanted.pop(_plain(key)) for key in keys if _plain(key) in wanted), None)
        found[keys[0]] = _one(keys[1], keys if said is None else [said], names)
    if wanted:
        raise CampaignError(
            f"The campaign asked about no product {', '.join(wanted)}. "
            f"It asked about {', '.join(str(one['title']) for one in asked)}."
        )
    return found


def same_products(
    asked: Sequence[Mapping[str, Any]], earlier: Sequence[Mapping[str, Any]], products: pl.DataFrame
) -> list[tuple[str, str, str]]:
    """Which products asked about now are those of an earlier campaign, whatever they are called by now.

    Two are the same when they share an id or a title, in any case, or when both are names, ids or titles of one of the
    shop's products. In doubt they are the same: two of a title are.

    Args:
        asked: Records with `product_id` and `title`.
        earlier: The same of products asked about before.
        products: The shop's (`schema.PRODUCT_SCHEMA`).

    Returns:
        The id asked now, the id and the title as asked before, of each pair.

    Example:
        >>> shop = pl.DataFrame({"product_id": ["A7"], "title": ["Red Pot"], "aliases": [["Clay pot"]]})
        >>> before = [{"product_id": "new:clay-pot", "title": "Clay Pot"}]
        >>> same_products([{"product_id": "A7", "title": "Our red pot"}], before, shop)
        [('A7', 'new:clay-pot', 'Clay Pot')]
    """
    names = _names(products)
    known = [(one, _known_as(one, names)) for one in earlier]
    return [
        (str(now["product_id"]), str(then["product_id"]), str(then["title"]))
        for now in asked
        for then, called in known
        if called & _known_as(now, names)
    ]


def _known_as(product: Mapping[str, Any], names: Mapping[str, set[str]]) -> set[str]:
    """What a product is asked about as, and the ids of the shop's products that go by one of these names."""
    keys = {_plain(product["product_id"]), _plain(product["title"])}
    return keys | {_plain(one) for key in keys for one in names.get(key, ())}


def _names(products: pl.DataFrame) -> dict[str, set[str]]:
    """Product ids by each name they go by: ids first, then titles and aliases."""
    names: dict[str, set[str]] = {}
    for product_id, title, aliases in products.select("product_id", "title", "aliases").iter_rows():
        for name in {product_id, title, *(aliases or ())} - {None}:
            names.setdefault(_plain(name), set()).add(product_id)
    return names


def _one(title: str, keys: Sequence[str], names: Mapping[str, set[str]]) -> str:
    for key in keys:
        matches = names.get(_plain(key), set())
        if len(matches) == 1:
            return next(iter(matches))
        if matches:
            raise CampaignError(
                f'The shop has several products called "{key}": {", ".join(sorted(matches))}. '
                "Say which with --sold-as and its id."
            )
    close = get_close_matches(_plain(keys[-1]), names, CLOSE)
    told = f"Close to it: {', '.join(close)}. " if close else ""
    raise CampaignError(
        f'The shop sells no "{keys[-1]}", so the sales of "{title}" cannot be found. {told}'
        "Say what it is sold as with --sold-as PRODUCT, or import orders in which it was bought."
    )


def _plain(name: object) -> str:
    return " ".join(str(name).split()).casefold()
