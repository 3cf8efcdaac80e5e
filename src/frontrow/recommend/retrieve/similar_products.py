"""Products like a given one, as a fitted recommender sees them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np
import polars as pl

from frontrow.errors import RecommendationError
from frontrow.models.interactions.interactions import build_interactions
from frontrow.models.recommender import Similar, recommenders
from frontrow.progress import Progress, no_progress
from frontrow.recommend.registry import BASKET_MODEL, recommender_named
from frontrow.recommend.retrieve.best_columns import best_columns
from frontrow.recommend.retrieve.candidates import NOT_FOR_SALE
from frontrow.recommend.retrieve.items import shelf
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.shop import History


@dataclass(frozen=True)
class SimilarProducts:
    """What was asked, and what is like it.

    Attributes:
        product: `product_id` and `title` of the product asked about.
        rows: `product_id`, `title`, `similarity` (above 0), most alike first; archived products and drafts are left
            out.
    """

    product: dict[str, str]
    rows: pl.DataFrame


def similar_products(
    history: History, product: str, *, model: str, k: int, seed: int = 0, progress: Progress = no_progress
) -> SimilarProducts:
    """The k products for sale that are most like one; fewer where no others have anything in common with it.

    Args:
        history: What the recommender learns from.
        product: A `product_id`, or else a title, in whatever case.
        model: File name of a recommender that compares products.
        k: How many.
        seed: Of the fit.
        progress: Called as the fit goes on.

    Raises:
        MissingExtraError: The model's extra is not installed.
        RecommendationError: No product sold before the cutoff has that id or title, or several have the title, or the
            model is not known or does not compare products.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> lines = [(1, "pot", 0), (1, "saucer", 0), (2, "pot", 1), (2, "saucer", 1), (3, "bulb", 2)]
        >>> found = similar_products(hand_made_shop(lines).as_of(), "Pot", model="item_to_item", k=1)
        >>> found.rows["title"].to_list()
        ['saucer']
    """
    recommender = recommender_named(model)
    if not recommender.compares_products:
        raise _compares_none(model)
    known = build_interactions(history)
    sold = shelf(history, known).head(known.shape[1])
    column = _column(sold, product)
    return _nearest(recommender.fit(known, seed=seed, progress=progress), model, sold, column, k)


def similar_to(trained: TrainedRecommender, product: str, *, k: int) -> SimilarProducts:
    """The same from a trained recommender, as it was when it was trained.

    Raises:
        RecommendationError: No product sold before its cutoff has that id or title, or several have the title, or it
            does not compare products.
    """
    sold = trained.shelf.head(len(trained.bought.gap))
    return _nearest(trained.fitted, trained.model, sold, _column(sold, product), k)


def _nearest(fitted: object, model: str, sold: pl.DataFrame, column: int, k: int) -> SimilarProducts:
    if not isinstance(fitted, Similar):
        raise _compares_none(model)
    scores = np.array(fitted.similar(np.array([column])), dtype=np.float32)
    shown = ~sold["status"].is_in(list(NOT_FOR_SALE)).fill_null(False).to_numpy() & (scores[0] > 0)
    shown[column] = False
    scores[0, ~shown] = -np.inf
    best = best_columns(scores, k)[0]
    best = best[best >= 0]
    named = sold.select("product_id", "title")
    rows = named[best].with_columns(similarity=pl.Series(scores[0, best], dtype=pl.Float64))
    return SimilarProducts(named.row(column, named=True), rows)


def _compares_none(model: str) -> RecommendationError:
    others = [name for name, one in recommenders().items() if one.compares_products]
    return RecommendationError(
        f'The recommender "{model}" does not compare products. Try --model {BASKET_MODEL}; these do: '
        f"{', '.join(others)}."
    )


def _column(sold: pl.DataFrame, product: str) -> int:
    """The column of an id; else of a title."""
    ids, titles = sold["product_id"], sold["title"].fill_null("")
    asked = product.strip()
    for found in (ids == asked, titles == asked, titles.str.to_lowercase() == asked.lower()):
        if found.sum() > 1:
            several = ", ".join(ids.filter(found).head(5))
            raise RecommendationError(f'{found.sum()} products have the title "{product}", {several}. Give an id.')
        if found.any():
            return int(found.arg_true()[0])
    near = _near(asked, titles.to_list())
    hint = f"Did you mean: {'; '.join(near)}?" if near else "frontrow launches --all lists products."
    raise RecommendationError(f'No product sold before the cutoff has the id or title "{product}". {hint}')


def _near(asked: str, titles: list[str]) -> list[str]:
    """Up to three titles that read like what was asked."""
    by_folded = {title.casefold(): title for title in titles if title}
    folded = asked.casefold()
    holding = [title for one, title in by_folded.items() if folded in one]
    close = [by_folded[one] for one in difflib.get_close_matches(folded, by_folded, n=3, cutoff=0.5)]
    return list(dict.fromkeys([*holding[:3], *close]))[:3]
