"""A fitted recommender with all that its lists need: it serves after the orders it learned from are gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.models.interactions.contexts import CONTEXT_SCHEMA
from frontrow.models.interactions.interactions import Queries, build_interactions
from frontrow.models.recommender import Fitted, Similar
from frontrow.progress import Progress, no_progress
from frontrow.recommend.launches.launches import Launches
from frontrow.recommend.registry import BASKET_MODEL, DEFAULT_MODEL, recommender_named
from frontrow.recommend.rerank.compile_rules import ruling
from frontrow.recommend.rerank.repurchase import Bought, bought
from frontrow.recommend.rerank.rules import Rules
from frontrow.recommend.rerank.similarity import likeness
from frontrow.recommend.retrieve.basket import Basket
from frontrow.recommend.retrieve.items import shelf, with_launches
from frontrow.recommend.retrieve.lists import Lists, lists
from frontrow.shop.shop import History


@dataclass(frozen=True)
class TrainedRecommender:
    """A recommender that has learned from a shop. It holds customer numbers, no names, addresses or companies.

    Attributes:
        model: File name of the recommender.
        fitted: What it has learned.
        beside: A fitted recommender that compares products, for one that does not.
        cutoff: Nothing on or after this instant was seen.
        customer_ids: Who bought, ascending; shape (customers,), int64.
        contexts: Of each one's last order (`CONTEXT_SCHEMA`, without the company), in the month of the cutoff.
        bought: What they bought and when, and the usual gaps.
        shelf: `shelf.SHELF_SCHEMA`; its first rows are the model's products.
        first_import: Of the shop it learned from (`shop.settings`): customer numbers mean nothing in another.
    """

    model: str
    fitted: Fitted
    beside: Fitted | None
    cutoff: dt.datetime
    customer_ids: NDArray[np.int64]
    contexts: pl.DataFrame
    bought: Bought
    shelf: pl.DataFrame
    first_import: str

    @classmethod
    def fit(
        cls, history: History, model: str = DEFAULT_MODEL, *, seed: int = 0, progress: Progress = no_progress
    ) -> TrainedRecommender:
        """Learn from a history.

        Args:
            history: What was known.
            model: File name of the recommender.
            seed: The same seed gives the same lists.
            progress: Called as the fit goes on.

        Raises:
            MissingExtraError: The model's extra is not installed.
            RecommendationError: The model is not known, or no known customer ordered before the cutoff.

        Example:
            >>> from frontrow.testing.shops import hand_made_shop
            >>> history = hand_made_shop([(7, "pot", 0), (8, "pot", 1), (8, "bulb", 1)]).as_of()
            >>> trained = TrainedRecommender.fit(history, "popular")
            >>> found = trained.recommend(trained.queries(np.array([7])), k=2)
            >>> trained.shelf["product_id"].gather(found.columns[0]).to_list()
            ['pot', 'bulb']
        """
        recommender, known = recommender_named(model), build_interactions(history)
        if known.lines.height == 0:
            raise RecommendationError(
                f"No known customer ordered before {history.cutoff.date()}, so there is nothing to learn from. "
                "Choose a later day."
            )
        fitted = recommender.fit(known, seed=seed, progress=progress)
        compares = isinstance(fitted, Similar)
        return cls(
            model=model,
            fitted=fitted,
            beside=None if compares else recommender_named(BASKET_MODEL).fit(known, seed=seed),
            cutoff=history.cutoff,
            customer_ids=known.customer_ids,
            contexts=_without_company(known.queries().context),
            bought=bought(known),
            shelf=shelf(history, known),
            first_import=history.settings.first_import,
        )

    @property
    def compares(self) -> Similar:
        """What compares products: the model itself, or the one beside it."""
        for one in (self.fitted, self.beside):
            if isinstance(one, Similar):
                return one
        raise TypeError(f"neither {self.model} nor what stands beside it compares products")

    def active(self, days: int) -> NDArray[np.int64]:
        """Numbers of the customers with an order in the last `days` days before the cutoff."""
        last = np.asarray(self.bought.last_day.max(axis=1).todense()).ravel()
        return self.customer_ids[last >= self.bought.day - days]

    def queries(self, customer_ids: NDArray[np.int64]) -> Queries:
        """Customers as they stood at the cutoff; of one never seen, only the month is known."""
        place = np.searchsorted(self.customer_ids, customer_ids)
        rows = np.where(np.isin(customer_ids, self.customer_ids), place, -1).astype(np.int64)
        nobody = self.contexts.clear(1).with_columns(pl.lit(self.month, pl.Int8).alias("month"))
        return Queries(rows, pl.concat([self.contexts, nobody])[np.where(rows < 0, len(self.contexts), rows)])

    @property
    def month(self) -> int:
        """Of the cutoff, from 1."""
        return int(np.datetime64(self.bought.day, "D").astype("datetime64[M]").astype(int) % 12 + 1)

    def recommend(
        self,
        queries: Queries,
        *,
        k: int = 10,
        rules: Rules | None = None,
        launches: Launches | None = None,
        basket: Sequence[str] = (),
        progress: Progress = no_progress,
    ) -> Lists:
        """The lists of some customers.

        Args:
            queries: Made by `queries`, or of new customers by `first_orders`.
            k: Length of the lists.
            rules: The shop's.
            launches: New products, with the chance of each of the same customers to buy them; they come at the end of
                the shelf that the columns of the lists stand for (`Launches.shelf`).
            basket: Products that every one of these customers has in the basket: what goes with them is listed.
            progress: Called with the customers done.

        Raises:
            RecommendationError: A product of the basket was never sold, or a pinned one is not known.
        """
        rules = rules or Rules()
        whole = self.shelf if launches is None else with_launches(self.shelf, launches.products)
        columns = self._columns(basket)
        ruled = ruling(
            whole,
            rules,
            k=k,
            bought=self.bought,
            likeness=likeness(self.fitted, whole["title"].to_list(), len(self.bought.gap)),
            hidden={"in the basket": np.isin(np.arange(whole.height), columns)} if len(columns) else None,
        )
        fitted = Basket(self.model, self.fitted, self.compares, columns) if len(columns) else self.fitted
        chances = None if launches is None else launches.chances
        return lists(self.model, fitted, queries, ruled, launches=chances, progress=progress)

    def save(self, folder: str | Path) -> None:
        """Write it to `folder`, all of it or nothing; see `trained_store`."""
        from frontrow.recommend.trained_store import save

        save(self, Path(folder))

    @classmethod
    def load(cls, folder: str | Path) -> TrainedRecommender:
        """Read it back; it gives the same lists to the bit.

        Raises:
            ArtifactError: The folder holds no such model, or a damaged one.
            MissingExtraError: The model's extra is not installed.
        """
        from frontrow.recommend.trained_store import load

        return load(Path(folder))

    def _columns(self, basket: Sequence[str]) -> NDArray[np.int64]:
        sold = self.shelf["product_id"].head(len(self.bought.gap)).to_list()
        for one in basket:
            if one not in sold:
                raise RecommendationError(
                    f'The basket holds "{one}", which was never sold before {self.cutoff.date()}. Check its id.'
                )
        return np.array([sold.index(one) for one in dict.fromkeys(basket)], dtype=np.int64)


def _without_company(contexts: pl.DataFrame) -> pl.DataFrame:
    return contexts.with_columns(pl.lit(None, CONTEXT_SCHEMA["company"]).alias("company"))
