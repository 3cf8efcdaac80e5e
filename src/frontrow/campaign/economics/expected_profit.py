"""What a list of each length would earn: of everyone scored, or of those who may be contacted."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.campaign.economics.allocation import allocate
from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.economics.profit_curve import ProfitCurve, launches_curve
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience

LEAST_VALUE: Final = 1e-9
"""Of a buyer who earns nothing, so that such offers come last and are still there."""


def prospect(audience: Audience, economics: Economics) -> ProfitCurve:
    """Expected profit by length before anything is known of who may be contacted: everyone scored is on the list.

    Raises:
        CampaignError: The audience has no probabilities, or one stock is stated for several products.
    """
    return offers_curve(offers_of(audience.rows, economics, audience), economics, audience)


def offers_of(rows: pl.DataFrame, economics: Economics | None = None, audience: Audience | None = None) -> pl.DataFrame:
    """Each customer once, with the product that is worth most to the shop, the most valuable first.

    A product of several whose stock will be gone is offered to its likeliest buyers only; the others hear of the next.

    Args:
        rows: `product_id`, `customer_id`, `rank`, `probability` and any other columns, each customer and product once.
        economics: Margins and stocks; where a buyer of each product is worth the same, or without it, each customer
            has the product they are likeliest to buy.
        audience: Everyone scored, whose demand empties the stocks; without it stocks are not looked at.

    Returns:
        The rows that are offered, with a column `value`: probability times what a buyer is worth.
    """
    products = rows["product_id"].unique(maintain_order=True).to_list()
    worth = {one: 1.0 if economics is None else max(economics.of(one).buyer_value, LEAST_VALUE) for one in products}
    # a shop with too few past launches has ranks without probabilities
    chance = pl.coalesce("probability", 1 / pl.col("rank"))
    each = pl.DataFrame(list(worth.items()), {"product_id": pl.String, "worth": pl.Float64}, orient="row")
    valued = rows.join(each, on="product_id", maintain_order="left").with_columns(value=chance * pl.col("worth"))
    several = len(products) > 1
    room = _room(rows, economics, demand_of(audience)) if several and economics and audience else {}
    return allocate(valued.drop("worth"), at_most=1, capacities=room)


def _room(rows: pl.DataFrame, economics: Economics, demand: dict[str, float]) -> dict[str, int]:
    """Most customers who hear of each product whose stock will be gone."""
    known = rows.filter(pl.col("probability").is_not_null())
    ends = {
        str(product): economics.of(str(product)).sold_out_at(own["probability"], all_buyers=demand[str(product)])
        for (product,), own in known.group_by("product_id", maintain_order=True)
    }
    return {product: end for product, end in ends.items() if end is not None}


def offers_curve(
    offers: pl.DataFrame, economics: Economics, audience: Audience, longest: int | None = None
) -> ProfitCurve:
    """Expected profit by length of what `offers_of` returns.

    Args:
        offers: Of some of the audience.
        economics: Margins, costs, limits.
        audience: Everyone scored: what they want is taken off the stock, whether they are contacted or not.
        longest: The longest list allowed; by default what capacity and budget allow where nobody is held out.

    Raises:
        CampaignError: There are no probabilities, or one stock is stated for several products.
    """
    economics.check_stock(offers["product_id"].n_unique())
    if offers["probability"].null_count():
        raise CampaignError("Without probabilities money cannot tell how many to contact. State a length.")
    return launches_curve(offers, economics, demand_of(audience), count_factor(audience), longest)


def demand_of(audience: Audience) -> dict[str, float]:
    """Buyers expected of each product among everyone scored, by product id."""
    return dict(audience.expected_buyers().select("product_id", "expected_buyers").iter_rows())


def count_factor(audience: Audience) -> tuple[float, float]:
    """Ends of the interval of all buyers expected, over its middle; ones where it is not known."""
    told = audience.expected_buyers()
    low, middle, high = (float(told[name].sum()) for name in ("low", "expected_buyers", "high"))
    return (min(1.0, low / middle), max(1.0, high / middle)) if low and middle and high else (1.0, 1.0)
