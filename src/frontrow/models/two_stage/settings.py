"""What the two-stage recommender is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TwoStageSettings:
    """Of the two-stage recommender.

    Attributes:
        ranker: File name of the ranker.
        sources: File names of the recommenders that find candidates for customers with a history.
        new_customers: File name of the recommender that scores every product for customers never seen.
        new_sources: File names of those that find candidates for them.
        new_share: Weight of the ranker's logits beside those of `new_customers`. Some hundred first orders a month are
            little to learn from: on 22 cutoffs of Online Retail II before 2011-05 the ranker alone was .0037 of NDCG@10
            below `new_customers`, three tenths of it .0015 above.
        new_windows: Past windows of first orders that the ranker learns from.
        least_new: First orders, in all of them, below which `new_customers` answers alone.
        candidates: Products taken from each source, and as many again of those the customer never bought.
        windows: Past windows that the ranker learns from, the last of which ends at the cutoff.
        lesson_customers: Customers of a window that the ranker learns from at most, drawn by chance; memory and time of
            the fit grow no further with the shop.
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
        "popular_recent",
        "popular_first_purchases",
    )
    new_customers: str = "learned_popularity"
    new_sources: tuple[str, ...] = (
        "popular_in_country",
        "popular_recent",
        "popular_first_orders",
        "popular_first_purchases",
        "popular_in_season",
    )
    new_share: float = 0.3
    new_windows: int = 10
    least_new: int = 100
    candidates: int = 100
    windows: int = 5
    lesson_customers: int = 3_000
    window_days: int = 30
    negatives: float = 0.15
    on_sale_days: int = 180
