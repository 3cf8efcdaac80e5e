"""Which product each customer hears of, and what lists of these offers are expected to earn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.profit_curve import ProfitCurve, list_profit_curve
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience

OFFER_SCHEMA: Final = {"customer_id": pl.Int64(), "product_id": pl.String(), "value": pl.Float64()}
"""One row a customer and launch; `value` is what the contact is expected to earn (`Economics.contact_value`)."""
LEAST_VALUE: Final = 1e-9
"""Value of a buyer who earns nothing, so that such offers come last and are not dropped."""


def allocate(
    offers: pl.DataFrame,
    *,
    max_contacts: int,
    contacted: pl.DataFrame | None = None,
    capacities: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Give each customer the launches worth most to the shop, within everyone's limits.

    Offers are taken in the order of their value, each as long as its customer and its launch have room; offers that
    earn nothing are left out. What that guarantees:

    * without capacities it is the optimum, for every `max_contacts`: each customer simply gets their best offers;
    * with capacities, never less than the best list of any one launch alone, and never less than half of the optimum
      (greedy on the intersection of two matroids: Korte and Hausmann, 1978). On random values with tight capacities
      it reached 98 % of the optimum on average and 91 % at worst. The optimum itself would be a transport problem
      over all customers and launches at once.

    Args:
        offers: `OFFER_SCHEMA`, each pair once; other columns are kept.
        max_contacts: Largest number of contacts of a customer in the period, those in `contacted` included.
        contacted: `customer_id`, `contacts` already made in the period (counted from the contact log); customers who
            are not in it had none.
        capacities: Largest number of contacts of a launch, by product id; launches not in it have no limit.

    Returns:
        The rows of `offers` that are taken, in the order of their value; equal ones by product and customer.

    Raises:
        CampaignError: `max_contacts` or a capacity is below zero, a pair is given twice, or a value is not a number.

    Example:
        >>> offers = pl.DataFrame({"customer_id": [1, 1, 2], "product_id": ["pot", "vase", "pot"],
        ...                        "value": [3.0, 2.0, 1.0]})
        >>> allocate(offers, max_contacts=1).select("customer_id", "product_id").rows()
        [(1, 'pot'), (2, 'pot')]
        >>> allocate(offers, max_contacts=1, capacities={"pot": 1}).select("customer_id", "product_id").rows()
        [(1, 'pot')]
    """
    _check_offers(offers, max_contacts, capacities or {})
    ranked = offers.filter(pl.col("value") > 0).sort(
        ["value", "product_id", "customer_id"], descending=[True, False, False]
    )
    room = _customer_room(ranked, max_contacts, contacted)
    product_room = dict(capacities or {})
    taken = []
    pairs = zip(ranked["customer_id"].to_list(), ranked["product_id"].to_list(), strict=True)
    for row, (customer_id, product_id) in enumerate(pairs):
        if room[customer_id] > 0 and product_room.get(product_id, 1) > 0:
            room[customer_id] -= 1
            if product_id in product_room:
                product_room[product_id] -= 1
            taken.append(row)
    return ranked[taken]


def select_offers(
    rows: pl.DataFrame, economics: Economics | None = None, audience: Audience | None = None
) -> pl.DataFrame:
    """Each customer once, with the product that is worth most to the shop, the most valuable first.

    Where the stock of one of several products will be gone, the product is offered to its likeliest buyers only; the
    other customers get their next-best product.

    Args:
        rows: `product_id`, `customer_id`, `rank`, `probability` and any other columns, each customer and product once.
        economics: Margins and stocks; where a buyer of each product is worth the same, or without it, each customer
            has the product they are likeliest to buy.
        audience: Everyone scored, whose demand uses up the stocks; without it stocks are ignored.

    Returns:
        The rows that are offered, with a column `value`: probability times what a buyer is worth.
    """
    product_ids = rows["product_id"].unique(maintain_order=True).to_list()
    buyer_values = pl.DataFrame(
        [
            (product_id, 1.0 if economics is None else max(economics.of_product(product_id).buyer_value, LEAST_VALUE))
            for product_id in product_ids
        ],
        {"product_id": pl.String, "buyer_value": pl.Float64},
        orient="row",
    )
    # a shop with too few past launches has ranks without probabilities
    probability = pl.coalesce("probability", 1 / pl.col("rank"))
    valued = rows.join(buyer_values, on="product_id", maintain_order="left").with_columns(
        value=probability * pl.col("buyer_value")
    )
    capacities: dict[str, int] = {}
    if economics and audience and len(product_ids) > 1:
        capacities = _stock_capacities(rows, economics, expected_demand(audience))
    return allocate(valued.drop("buyer_value"), max_contacts=1, capacities=capacities)


def expected_profit(audience: Audience, economics: Economics) -> ProfitCurve:
    """Expected profit by length if everyone scored may be contacted: what can be said before a campaign is planned.

    Args:
        audience: Everyone scored, with probabilities.
        economics: Margins, costs, limits.

    Raises:
        CampaignError: The audience has no probabilities, or one stock is stated for several products.
    """
    return offers_profit_curve(select_offers(audience.rows, economics, audience), economics, audience)


def offers_profit_curve(
    offers: pl.DataFrame, economics: Economics, audience: Audience, max_length: int | None = None
) -> ProfitCurve:
    """Expected profit by length of what `select_offers` returns.

    Args:
        offers: To some of the audience.
        economics: Margins, costs, limits.
        audience: Everyone scored: their demand is taken off the stock, whether they are contacted or not.
        max_length: The longest list allowed; by default what capacity and budget allow where nobody is held out.

    Raises:
        CampaignError: There are no probabilities, or one stock is stated for several products.
    """
    economics.check_stock(offers["product_id"].n_unique())
    if offers["probability"].null_count():
        raise CampaignError("Without probabilities money cannot tell how many to contact. State a length.")
    return list_profit_curve(offers, economics, expected_demand(audience), count_factor(audience), max_length)


def expected_demand(audience: Audience) -> dict[str, float]:
    """Buyers expected of each product among everyone scored, by product id."""
    return dict(audience.expected_buyers().select("product_id", "expected_buyers").iter_rows())


def count_factor(audience: Audience) -> tuple[float, float]:
    """Ends of the interval of all buyers expected, divided by its middle; (1, 1) where the interval is unknown."""
    expected = audience.expected_buyers()
    low, middle, high = (float(expected[name].sum()) for name in ("low", "expected_buyers", "high"))
    return (min(1.0, low / middle), max(1.0, high / middle)) if low and middle and high else (1.0, 1.0)


def _stock_capacities(rows: pl.DataFrame, economics: Economics, demand: dict[str, float]) -> dict[str, int]:
    """Largest number of customers who hear of each product whose stock will be gone."""
    with_probability = rows.filter(pl.col("probability").is_not_null())
    lengths = {
        str(product_id): economics.of_product(str(product_id)).sold_out_length(
            product_rows["probability"], all_buyers=demand[str(product_id)]
        )
        for (product_id,), product_rows in with_probability.group_by("product_id", maintain_order=True)
    }
    return {product_id: length for product_id, length in lengths.items() if length is not None}


def _customer_room(ranked: pl.DataFrame, max_contacts: int, contacted: pl.DataFrame | None) -> dict[int, int]:
    """Contacts that each customer may still have."""
    room = dict.fromkeys(ranked["customer_id"].to_list(), max_contacts)
    if contacted is not None:
        for customer_id, contacts in contacted.select("customer_id", "contacts").iter_rows():
            if customer_id in room:
                room[customer_id] -= contacts
    return room


def _check_offers(offers: pl.DataFrame, max_contacts: int, capacities: Mapping[str, int]) -> None:
    if max_contacts < 0:
        raise CampaignError(f"max_contacts is {max_contacts}. Give zero or more.")
    for product_id, capacity in capacities.items():
        if capacity < 0:
            raise CampaignError(f'The capacity of "{product_id}" is {capacity}. Give zero or more.')
    if not offers.select(pl.struct("customer_id", "product_id").is_unique().all()).item():
        raise CampaignError("A customer is offered the same product twice. Give each pair once.")
    if not offers.select(pl.col("value").is_finite().fill_null(False).all()).item():
        raise CampaignError("The value of an offer is not a number. Leave the offer out.")
