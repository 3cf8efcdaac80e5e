"""Products similar to a given one, by a fitted recommender."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np
import polars as pl

from frontrow.errors import RecommendationError
from frontrow.models.interactions.interactions import build_interactions
from frontrow.models.recommender import Similar, recommenders
from frontrow.models.top_k import top_columns
from frontrow.progress import Progress, no_progress
from frontrow.recommend.candidates import NOT_FOR_SALE, build_candidate_items
from frontrow.recommend.registry import SIMILARITY_MODEL, get_recommender
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.history import History


@dataclass(frozen=True)
class SimilarProducts:
    """A product, and those similar to it.

    Attributes:
        product: `product_id` and `title` of the product.
        rows: `product_id`, `title`, `similarity` (above 0), most similar first; archived products and drafts are left
            out.
    """

    product: dict[str, str]
    rows: pl.DataFrame


def find_similar_products(
    history: History, product: str, *, model: str, k: int, seed: int = 0, progress: Progress = no_progress
) -> SimilarProducts:
    """Find the k products for sale that are most similar to one; fewer where fewer have anything in common with it.

    Args:
        history: What the recommender learns from.
        product: A `product_id`, or else a title, case ignored.
        model: File name of a recommender that compares products.
        k: Number of products.
        seed: Of the fit.
        progress: Called as the fit goes on.

    Raises:
        MissingExtraError: The model's extra is not installed.
        RecommendationError: No product sold before the cutoff has that id or title, or several have the title, or the
            model is unknown or does not compare products.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> lines = [(1, "pot", 0), (1, "saucer", 0), (2, "pot", 1), (2, "saucer", 1), (3, "bulb", 2)]
        >>> history = hand_made_shop(lines).as_of()
        >>> find_similar_products(history, "Pot", model="item_to_item", k=1).rows["title"].to_list()
        ['saucer']
    """
    recommender = get_recommender(model)
    if not recommender.compares_products:
        raise _no_comparison_error(model)
    train = build_interactions(history)
    sold_items = build_candidate_items(history, train).head(train.shape[1])
    row = _find_row(sold_items, product)
    return _nearest(recommender.fit(train, seed=seed, progress=progress), model, sold_items, row, k)


def find_similar_by_trained(
    trained: TrainedRecommender, product: str, *, k: int, by_similarity_model: bool = False
) -> SimilarProducts:
    """Find similar products by a trained recommender, as of its cutoff.

    Args:
        trained: A trained recommender that compares products.
        product: A `product_id`, or else a title, case ignored.
        k: Number of products.
        by_similarity_model: Compare products by the similarity model of a recommender that does not compare them.

    Raises:
        RecommendationError: No product sold before its cutoff has that id or title, or several have the title, or it
            does not compare products.
    """
    row = _find_row(trained.sold_items, product)
    fitted = trained.similarity if by_similarity_model else trained.fitted
    return _nearest(fitted, trained.model, trained.sold_items, row, k)


def _nearest(fitted: object, model: str, sold_items: pl.DataFrame, row: int, k: int) -> SimilarProducts:
    if not isinstance(fitted, Similar):
        raise _no_comparison_error(model)
    scores = np.array(fitted.similar(np.array([row])), dtype=np.float32)
    is_listed = ~sold_items["status"].is_in(list(NOT_FOR_SALE)).fill_null(False).to_numpy() & (scores[0] > 0)
    is_listed[row] = False
    scores[0, ~is_listed] = -np.inf
    best = top_columns(scores, k)[0]
    best = best[best >= 0]
    titles = sold_items.select("product_id", "title")
    rows = titles[best].with_columns(similarity=pl.Series(scores[0, best], dtype=pl.Float64))
    return SimilarProducts(titles.row(row, named=True), rows)


def _no_comparison_error(model: str) -> RecommendationError:
    names = [name for name, recommender in recommenders().items() if recommender.compares_products]
    return RecommendationError(
        f'The recommender "{model}" does not compare products. Try --model {SIMILARITY_MODEL}; these do: '
        f"{', '.join(names)}."
    )


def _find_row(sold_items: pl.DataFrame, product: str) -> int:
    """The row of the product with this id; else with this title."""
    ids, titles = sold_items["product_id"], sold_items["title"].fill_null("")
    name = product.strip()
    for matches in (ids == name, titles == name, titles.str.to_lowercase() == name.lower()):
        if matches.sum() > 1:
            several = ", ".join(ids.filter(matches).head(5))
            raise RecommendationError(f'{matches.sum()} products have the title "{product}", {several}. Give an id.')
        if matches.any():
            return int(matches.arg_true()[0])
    near = _find_near_titles(name, titles.to_list())
    hint = f"Did you mean: {'; '.join(near)}?" if near else "frontrow launches --all lists products."
    raise RecommendationError(f'No product sold before the cutoff has the id or title "{product}". {hint}')


def _find_near_titles(name: str, titles: list[str]) -> list[str]:
    """Up to three titles that contain the name or are spelled nearly like it."""
    by_folded = {title.casefold(): title for title in titles if title}
    folded = name.casefold()
    containing = [title for folded_title, title in by_folded.items() if folded in folded_title]
    close = [by_folded[match] for match in difflib.get_close_matches(folded, by_folded, n=3, cutoff=0.5)]
    return list(dict.fromkeys([*containing[:3], *close]))[:3]
