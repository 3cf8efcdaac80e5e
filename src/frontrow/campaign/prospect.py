"""What a list of each length would earn: of everyone scored, or of those who may be contacted."""

from __future__ import annotations

import polars as pl

from frontrow.campaign.allocation import allocate
from frontrow.campaign.economics import Economics
from frontrow.campaign.profit_curve import ProfitCurve, profit_curve
from frontrow.errors import CampaignError
from frontrow.launch.audience import Audience


def prospect(audience: Audience, economics: Economics) -> ProfitCurve:
    """Expected profit by length before anything is known of who may be contacted: everyone scored is on the list.

    Raises:
        CampaignError: The audience has no probabilities, or stock is stated and there are several products.
    """
    return offers_curve(offers_of(audience.rows), economics, count_factor(audience))


def offers_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Each customer once, with the product they are likeliest to buy, likeliest first.

    Args:
        rows: `product_id`, `customer_id`, `rank`, `probability` and any other columns, each customer and product once.
    """
    # a shop with too few past launches has ranks without probabilities
    value = pl.coalesce("probability", 1 / pl.col("rank"))
    return allocate(rows.with_columns(value=value), at_most=1)


def offers_curve(offers: pl.DataFrame, economics: Economics, count_factor: tuple[float, float]) -> ProfitCurve:
    """Expected profit by length of what `offers_of` returns.

    Raises:
        CampaignError: There are no probabilities, or stock is stated and there are several products.
    """
    if economics.stock is not None and offers["product_id"].n_unique() > 1:
        raise CampaignError("Stock is that of one product, and there are several. Plan a campaign for each.")
    if offers["probability"].null_count():
        raise CampaignError("Without probabilities money cannot tell how many to contact. State a length.")
    return profit_curve(offers["probability"].to_numpy(), economics, count_factor)


def count_factor(audience: Audience) -> tuple[float, float]:
    """Ends of the interval of all buyers expected, over its middle; ones where it is not known."""
    told = audience.expected_buyers()
    low, middle, high = (float(told[name].sum()) for name in ("low", "expected_buyers", "high"))
    return (min(1.0, low / middle), max(1.0, high / middle)) if low and middle and high else (1.0, 1.0)
