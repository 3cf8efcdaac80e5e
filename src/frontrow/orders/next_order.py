"""When a customer is likely to order next, and how late the customer is."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.models.orders.bg_nbd import BetaGeometric
from frontrow.orders.customers_at_cutoff import CustomersAtCutoff

Vector = NDArray[np.float64]

FARTHEST_DAYS: Final = 730
"""An order that is expected later than this many days after the cutoff has no date."""


def expect_days_to_order(
    bg_nbd: BetaGeometric, customers: CustomersAtCutoff, chances: Vector, horizon_days: int
) -> Vector:
    """Days from the cutoff within which half of such customers order; whole days, from 0 on.

    The course over time is BG/NBD's, and passes through the customer's own chance at the end of the horizon: the
    hazard of the one is a multiple of the hazard of the other at every moment.

    Args:
        bg_nbd: Fitted at the cutoff.
        customers: As known at the cutoff.
        chances: To order within the horizon, shape (customers,).
        horizon_days: Its length.

    Returns:
        Shape (customers,); NaN where half of them do not order within `FARTHEST_DAYS`.
    """
    counts = customers.order_counts
    within = np.clip(bg_nbd.chance_to_order(counts, horizon_days), 1e-9, 1 - 1e-9)
    multiple = np.log1p(-np.clip(chances, 1e-9, 1 - 1e-9)) / np.log1p(-within)
    half = -np.expm1(-np.log(2.0) / multiple)
    still_silent = 1.0 - half / bg_nbd.chance_alive(counts)
    start = bg_nbd.alpha + counts.tenure_days
    with np.errstate(over="ignore"):
        days = start * np.expm1(-np.log(np.clip(still_silent, 1e-300, None)) / (bg_nbd.r + counts.repeats))
    return np.where((still_silent > 0) & (days <= FARTHEST_DAYS), np.floor(np.minimum(days, FARTHEST_DAYS)), np.nan)


def estimate_usual_gaps(customers: CustomersAtCutoff) -> Vector:
    """Days that usually pass between two orders of each customer.

    The mean of the customer's own gaps and of one gap of the shop, the median of all customers' mean gaps. With one
    order it is the shop's gap.

    Args:
        customers: As known at the cutoff.

    Returns:
        Shape (customers,); NaN where nobody has ordered twice.
    """
    repeats, means = customers.order_counts.repeats, customers.column("mean_gap_days")
    if np.isnan(means).all():
        return np.full(len(means), np.nan)
    shop_gap = float(np.nanmedian(means))
    return np.asarray((repeats * np.nan_to_num(means) + shop_gap) / (repeats + 1.0), dtype=np.float64)
