"""What the two-stage recommender is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TwoStageSettings:
    """Of the two-stage recommender.

    Attributes:
        ranker: File name of the ranker.
        sources: File names of the recommenders that find candidates for customers with a history.
        new_customers: File name of the recommender that alone answers for customers never seen. A ranker over several
            sources was tried for them: on seven cutoffs of Online Retail II before 2011-05 it was no better than what
            is popular in the country, there being some hundred first orders a month to learn from.
        candidates: Products taken from each source, and as many again of those the customer never bought.
        windows: Past windows that the ranker learns from, the last of which ends at the cutoff.
        window_days: Length of each, and what "will buy" means.
        negatives: Share of the candidates not bought that the ranker learns from; its chances are set right for it.
        on_sale_days: Products not sold for longer are no candidates.
    """

    ranker: str = "boosted_trees"
    sources: tuple[str, ...] = (
        "own_repeats",
        "tifu_knn",
        "bm25",
        "bought_together",
        "similar_customers",
        "ease",
        "popular_recent",
    )
    new_customers: str = "learned_popularity"
    candidates: int = 100
    windows: int = 5
    window_days: int = 30
    negatives: float = 0.15
    on_sale_days: int = 180
