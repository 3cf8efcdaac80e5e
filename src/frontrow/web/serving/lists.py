"""Lists of products by a recommender in memory, as answers show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from frontrow.web.serving.recommenders import Loaded

if TYPE_CHECKING:
    from frontrow.web.api.bodies.recommendations import RecommendationsRequest


class UnknownCustomerError(Exception):
    """The shop has no such customer.

    Attributes:
        field: The part of the request that named the customer.
    """

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


def make_list(loaded: Loaded, customer_id: int, k: int, rules: str) -> dict[str, Any]:
    """The list of one customer of the shop.

    Args:
        loaded: The recommender.
        customer_id: Number of the customer.
        k: Length of the list.
        rules: The shop's rules in TOML; empty for none.

    Raises:
        RecommendationError: The rules are not valid.
    """
    from frontrow.service.serving import list_to_dicts, parse_rules

    served = loaded.served
    products = served.recommender.list_products(customer_id, k, parse_rules(rules, served))
    has_orders = served.recommender.has_orders(customer_id)
    return {"customer_id": customer_id, "has_orders": has_orders, "recommendations": list_to_dicts(products)}


def make_lists(loaded: Loaded, request: RecommendationsRequest, shop: Path) -> list[dict[str, Any]]:
    """The lists that a request names, in the order of its customers, their own ids, and first orders.

    Args:
        loaded: The recommender.
        request: Whom lists are for.
        shop: The shop's folder.

    Raises:
        RecommendationError: The rules are not valid.
        UnknownCustomerError: The shop has no such customer.
    """
    from frontrow.service.serving import list_for_first_orders, list_to_dicts, parse_rules

    rules = request.rules or ""
    lists = [make_list(loaded, number, request.k, rules) for number in _find_customers(loaded, request, shop)]
    if request.first_orders:
        orders = [order.model_dump() for order in request.first_orders]
        parsed = parse_rules(rules, loaded.served)
        made = list_for_first_orders(loaded.served, orders, request.k, parsed, request.basket)
        new = {"customer_id": None, "has_orders": False}
        lists += [{**new, "recommendations": list_to_dicts(products)} for products in made]
    return lists


def find_similar(loaded: Loaded, product_id: str, k: int) -> dict[str, Any]:
    """The products for sale that are most like one.

    Args:
        loaded: The recommender.
        product_id: Id of the product, or its title.
        k: Most products.

    Raises:
        RecommendationError: There is no such product.
    """
    from frontrow.service.serving import find_similar_served

    return find_similar_served(loaded.served, product_id, k)


def _find_customers(loaded: Loaded, request: RecommendationsRequest, shop: Path) -> list[int]:
    """The numbers of the customers that a request names; all are looked for before any list is made."""
    from frontrow.service.serving import find_customers

    by_source_id = find_customers(shop, request.source_ids) if request.source_ids else []
    numbers: list[int] = []
    for field, named in (("customers", request.customers), ("source_ids", by_source_id)):
        for place, number in enumerate(named):
            if number is None or not loaded.served.has_customer(number):
                raise UnknownCustomerError(f"{field}.{place}")
            numbers.append(number)
    return numbers
