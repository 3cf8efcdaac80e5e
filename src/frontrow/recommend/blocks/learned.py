"""A recommender that learned from blocks of customers, and the same one with the customers of a block."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from frontrow.errors import RecommendationError
from frontrow.models.interactions.blocks import InteractionBlocks
from frontrow.models.interactions.gaps import find_usual_gaps
from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Interactions
from frontrow.models.recommender import LearnsFromBlocks, TakesCustomers, recommenders
from frontrow.progress import Progress, no_progress
from frontrow.recommend.candidates import build_candidate_items
from frontrow.recommend.registry import get_recommender
from frontrow.recommend.rerank.past_purchases import PastPurchases
from frontrow.recommend.trained import TrainedRecommender


def list_learners() -> list[str]:
    """File names of the recommenders that learn from blocks."""
    return sorted(name for name, recommender in recommenders().items() if isinstance(recommender, LearnsFromBlocks))


def learn_recommender(
    blocks: InteractionBlocks, model: str, *, seed: int = 0, progress: Progress = no_progress
) -> TrainedRecommender:
    """Learn from blocks; the customers are the few without whom it could not serve others.

    Args:
        blocks: What to learn from.
        model: File name of a recommender, one of `list_learners`.
        seed: The same seed gives the same lists.
        progress: Called as the fit goes on.

    Raises:
        RecommendationError: The model does not learn from blocks, or no known customer ordered before the cutoff.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> history = hand_made_shop([(7, "pot", 0), (8, "pot", 1), (8, "bulb", 1)]).as_of()
        >>> trained = learn_recommender(InteractionBlocks.of(history), "popular")
        >>> len(trained.customer_ids), trained.items["product_id"].to_list()
        (0, ['bulb', 'pot'])
    """
    recommender, history = get_recommender(model), blocks.history
    if not isinstance(recommender, LearnsFromBlocks):
        raise RecommendationError(
            f"{model} learns from all order lines in the memory of one machine. Those that do not: "
            f"{', '.join(list_learners())}."
        )
    if blocks.counts.lines == 0:
        raise RecommendationError(
            f"No known customer ordered before {history.cutoff.date()}, so there is nothing to learn from. "
            "Choose a later day."
        )
    fitted, customers = recommender.learn(blocks, seed=seed, progress=progress)
    past_purchases = PastPurchases.of_gaps(customers, find_usual_gaps(blocks.counts.gaps, blocks.products.height))
    return TrainedRecommender(
        model=model,
        fitted=fitted,
        similarity_model=None,
        cutoff=history.cutoff,
        customer_ids=customers.customer_ids,
        contexts=_find_contexts(customers),
        past_purchases=past_purchases,
        items=build_candidate_items(history, customers),
        first_import=history.settings.first_import,
    )


def with_customers(trained: TrainedRecommender, interactions: Interactions) -> TrainedRecommender:
    """The same recommender for other customers.

    Args:
        trained: Made by `learn_recommender`.
        interactions: Of the other customers.
    """
    recommender = get_recommender(trained.model)
    if not isinstance(recommender, TakesCustomers):
        raise TypeError(f"{trained.model} serves nobody but the customers whom it was fitted on")
    return replace(
        trained,
        fitted=recommender.with_customers(trained.fitted, interactions, interactions.rows_of(trained.customer_ids)),
        customer_ids=interactions.customer_ids,
        contexts=_find_contexts(interactions),
        past_purchases=trained.past_purchases.with_customers(interactions),
    )


def _find_contexts(interactions: Interactions) -> pl.DataFrame:
    return interactions.queries().context.with_columns(pl.lit(None, CONTEXT_SCHEMA["company"]).alias("company"))
