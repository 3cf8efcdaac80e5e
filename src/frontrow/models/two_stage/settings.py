"""What the two-stage recommender is made of."""

from __future__ import annotations

from dataclasses import dataclass

RETURNING_SOURCES = ("own_repeats", "tifu_knn", "bm25", "bought_together", "similar_customers", "ease")
NEW_SOURCES = ("popular_in_country", "popular_recent", "popular_first_orders")


@dataclass(frozen=True)
class TwoStageSettings:
    """Of the two-stage recommender.

    Attributes:
        ranker: File name of the ranker.
        returning_sources: File names of the recommenders that find candidates for customers with a history.
        new_sources: Of those for customers never seen.
        candidates: Products taken from each source, and as many again of those the customer never bought.
        windows: Past windows that the ranker learns from, the last of which ends at the cutoff.
        new_windows: The same for customers never seen, of whom each window has few.
        window_days: Length of each, and what "will buy" means.
        negatives: Share of the candidates not bought that the ranker learns from; its chances are set right for it.
        on_sale_days: Products not sold for longer are no candidates.
        least_new: Customers never seen, in all windows, below which popularity in the country stands in for a ranker.
    """

    ranker: str = "boosted_trees"
    returning_sources: tuple[str, ...] = RETURNING_SOURCES
    new_sources: tuple[str, ...] = NEW_SOURCES
    candidates: int = 100
    windows: int = 5
    new_windows: int = 10
    window_days: int = 30
    negatives: float = 0.15
    on_sale_days: int = 180
    least_new: int = 100
