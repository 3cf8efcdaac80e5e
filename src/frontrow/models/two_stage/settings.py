"""Settings of the two-stage recommender."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TwoStageSettings:
    """Settings of the two-stage recommender.

    Attributes:
        ranker: File name of the ranker.
        sources: File names of the recommenders that find candidates for customers with a history.
        new_customers: File name of the recommender that scores every product for new customers.
        new_sources: File names of the recommenders that find candidates for new customers.
        new_share: Weight of the ranker's logits beside those of `new_customers`. A few hundred first orders a month are
            little to learn from: on 22 cutoffs of Online Retail II before 2011-05, NDCG@10 of the ranker alone was
            .0037 below that of `new_customers`, and with a weight of 0.3 it was .0015 above.
        new_windows: Most past windows whose first orders the ranker learns from.
        least_new: Number of first orders in these windows below which `new_customers` is used alone.
        candidates: Number of products taken from each source, and from its products that the customer never bought.
        large_shop: Number of customers above which those with a history have `large_shop_candidates` instead. On ten
            cutoffs of Online Retail II before 2011-05, NDCG@10 of half as many candidates was .0006 above, from .0015
            below to .0043 above: within chance.
        large_shop_candidates: See `large_shop`.
        new_candidates: Number of products taken from each source for new customers.
        windows: Most past windows that the ranker learns from; the last one ends at the cutoff. All sources are fitted
            once for each of them.
        customers: Largest number of customers of each kind that the ranker learns from, drawn at random in each window.
            There are no more windows where it is reached. It bounds memory and time of the fit, whatever the size of
            the shop.
        least_windows: Windows among which they are divided at least.
        horizon_days: Length of each window in days; scores are about purchases within it.
        negatives: Share of the candidates not bought that the ranker learns from; its logits are corrected for it.
        on_sale_days: Products without a sale for more days are no candidates.
    """

    ranker: str = "boosted_trees"
    sources: tuple[str, ...] = (
        "own_repeats",
        "tifu_knn",
        "bm25",
        "bought_together",
        "similar_customers",
        "item_to_item",
        "pure_svd",
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
    large_shop: int = 50_000
    large_shop_candidates: int = 50
    new_candidates: int = 100
    windows: int = 5
    customers: int = 15_000
    least_windows: int = 2
    horizon_days: int = 30
    negatives: float = 0.15
    on_sale_days: int = 180

    def of_shop(self, customers: int) -> TwoStageSettings:
        """The settings for so many customers; see `large_shop`.

        Example:
            >>> TwoStageSettings().of_shop(60_000).candidates
            50
        """
        if customers <= self.large_shop:
            return self
        return replace(self, candidates=min(self.candidates, self.large_shop_candidates))
