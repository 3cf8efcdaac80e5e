"""What a rank of a model's list is worth, measured on the past, so that launches can be ranked with other products.

Most models give scores that order products and mean nothing else. Such a model is fitted as of one horizon earlier, and
its lists are compared with what customers who ordered since have bought: the share who bought the product at the first
rank, at the second, and so on, made to fall (isotonic regression). A launch precedes the first rank that is worth less.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from frontrow.metrics.ranking import find_hits
from frontrow.recommend.candidates import is_on_sale
from frontrow.recommend.evaluate.window import build_evaluation_window
from frontrow.recommend.index import top_k
from frontrow.recommend.registry import get_recommender
from frontrow.shop.shop import History

RANKS: Final = 100
"""Number of ranks measured; a rank below is worth what the last one is."""


def measure_purchase_rate_by_rank(
    history: History, model: str, *, horizon_days: int, never_bought: bool, seed: int = 0
) -> NDArray[np.float64]:
    """Measure the share of returning customers who bought, when they ordered, the product at each rank of their list.

    Args:
        history: What to learn from; the window measured is the last one before its cutoff.
        model: File name of the recommender.
        horizon_days: Length of the window in days.
        never_bought: Lists leave out what a customer has bought.
        seed: Of the fit.

    Returns:
        Shape (`RANKS`,), falling, float64.

    Raises:
        RecommendationError: The history is too short.
    """
    window = build_evaluation_window(history, history.cutoff - dt.timedelta(days=horizon_days), horizon_days)
    all_products, new_to_customer, _ = window.groups
    group = new_to_customer if never_bought else all_products
    fitted = get_recommender(model).fit(window.train, seed=seed)
    lists = top_k(fitted, group.queries, k=RANKS, candidates=is_on_sale(window.train), hidden=group.hidden)
    # customers who ordered but bought nothing new count too
    rate = find_hits(lists, group.targets).sum(axis=0) / max(len(all_products.queries), 1)
    return np.asarray(isotonic_regression(rate, increasing=False).x, dtype=np.float64)
