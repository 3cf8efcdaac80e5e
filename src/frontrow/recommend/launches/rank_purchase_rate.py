"""What a place of a model's list is worth, measured on the past: so that launches can stand in lists without chances.

Most models give scores that order products and mean nothing else. Fitted as of one horizon earlier, the lists of such
a model are laid beside what those who ordered then bought: the share who bought what stood at the first place, at the
second, and so on, made to fall (isotonic regression). A launch stands before the first place that is worth less.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from frontrow.metrics.ranking import find_hits
from frontrow.recommend.evaluate.window import window
from frontrow.recommend.registry import recommender_named
from frontrow.recommend.retrieve.candidates import ON_SALE_DAYS, on_sale
from frontrow.recommend.retrieve.index import top_k
from frontrow.shop.shop import History

PLACES = 100
"""How far down lists are measured; a place further down is worth what the last one is."""


def place_chances(history: History, model: str, *, days: int, never_bought: bool, seed: int = 0) -> NDArray[np.float64]:
    """The share of returning customers who bought, when they ordered, what stood at each place of their list.

    Args:
        history: What is known; the window measured is the last one before its cutoff.
        model: File name of the recommender.
        days: Length of the window.
        never_bought: Whether lists leave out what a customer has bought.
        seed: Of the fit.

    Returns:
        Shape (`PLACES`,), falling, float64.

    Raises:
        RecommendationError: The history is too short.
    """
    cut = window(history, history.cutoff - dt.timedelta(days=days), days)
    asked = cut.parts[1 if never_bought else 0]
    fitted = recommender_named(model).fit(cut.known, seed=seed)
    candidates = on_sale(cut.known, ON_SALE_DAYS)
    listed = top_k(fitted, asked.queries, k=PLACES, candidates=candidates, hidden=asked.hidden)
    # everyone who ordered counts, those too who bought nothing new
    share = find_hits(listed, asked.targets).sum(axis=0) / max(len(cut.parts[0].queries), 1)
    return np.asarray(isotonic_regression(share, increasing=False).x, dtype=np.float64)
