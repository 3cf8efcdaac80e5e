"""A fitted recommender with everything its lists need: it serves after the orders it learned from are gone."""

from __future__ import annotations

import datetime as dt
import io
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import ArtifactError, RecommendationError
from frontrow.masking import describe_value
from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Queries, build_interactions
from frontrow.models.recommender import Fitted, Similar
from frontrow.progress import Progress, no_progress
from frontrow.recommend.candidates import CANDIDATE_ITEM_SCHEMA, add_launches, build_candidate_items
from frontrow.recommend.launches.launches import Launches
from frontrow.recommend.lists import Lists, build_lists
from frontrow.recommend.registry import DEFAULT_MODEL, SIMILARITY_MODEL, get_recommender
from frontrow.recommend.rerank.compile_rules import CompiledRules, compile_rules
from frontrow.recommend.rerank.diversify import build_similarity
from frontrow.recommend.rerank.past_purchases import PastPurchases
from frontrow.recommend.rerank.rules import Rules
from frontrow.recommend.sources import BasketScorer
from frontrow.recommend.trained_parts import KIND, PARTS, check_output_folder, digest_parts, sweep_parts
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.storage.array_checks import merge_dimensions, shop_dimensions
from frontrow.storage.artifact import read_manifest, write_artifact
from frontrow.storage.durable import make_private, make_private_folder, report_full_disk, sync_folder, sync_tree

ITEMS: Final = "items.parquet"
CONTEXTS: Final = "contexts.parquet"
PARTS_KIND: Final = "parts of a trained recommender"
MODEL: Final = "model"
SIMILARITY: Final = "similarity"
# in the year 2243
LAST_CUTOFF_DAY: Final = 100_000
PAST_PURCHASES: Final = "past_purchases"


@dataclass(frozen=True)
class TrainedRecommender:
    """A recommender that has learned from a shop. It holds customer numbers, no names, addresses or companies.

    Attributes:
        model: File name of the recommender.
        fitted: What it has learned.
        similarity_model: A fitted recommender that compares products, where `fitted` does not.
        cutoff: It learned from orders before this instant.
        customer_ids: Customers with an order, ascending; shape (customers,), int64.
        contexts: Of each one's last order (`CONTEXT_SCHEMA`, without the company), in the month of the cutoff.
        past_purchases: What they bought and when, and the usual gaps between purchases.
        items: `candidates.CANDIDATE_ITEM_SCHEMA`; its first rows are the model's products.
        first_import: Of the shop it learned from (`shop.settings`): customer numbers mean nothing in another shop.
    """

    model: str
    fitted: Fitted
    similarity_model: Fitted | None
    cutoff: dt.datetime
    customer_ids: NDArray[np.int64]
    contexts: pl.DataFrame
    past_purchases: PastPurchases
    items: pl.DataFrame
    first_import: str

    @classmethod
    def fit(
        cls, history: History, model: str = DEFAULT_MODEL, *, seed: int = 0, progress: Progress = no_progress
    ) -> TrainedRecommender:
        """Learn from a history.

        Args:
            history: What to learn from.
            model: File name of the recommender.
            seed: The same seed gives the same lists.
            progress: Called as the fit goes on.

        Raises:
            MissingExtraError: The model's extra is not installed.
            RecommendationError: The model is unknown, or no known customer ordered before the cutoff.

        Example:
            >>> from frontrow.testing.shops import hand_made_shop
            >>> history = hand_made_shop([(7, "pot", 0), (8, "pot", 1), (8, "bulb", 1)]).as_of()
            >>> trained = TrainedRecommender.fit(history, "popular")
            >>> lists = trained.recommend(trained.queries(np.array([7])), k=2)
            >>> trained.items["product_id"].gather(lists.columns[0]).to_list()
            ['pot', 'bulb']
        """
        recommender, train = get_recommender(model), build_interactions(history)
        if train.lines.height == 0:
            raise RecommendationError(
                f"No known customer ordered before {history.cutoff.date()}, so there is nothing to learn from. "
                "Choose a later day."
            )
        fitted = recommender.fit(train, seed=seed, progress=progress)
        compares = isinstance(fitted, Similar)
        context = train.queries().context
        return cls(
            model=model,
            fitted=fitted,
            similarity_model=None if compares else get_recommender(SIMILARITY_MODEL).fit(train, seed=seed),
            cutoff=history.cutoff,
            customer_ids=train.customer_ids,
            contexts=context.with_columns(pl.lit(None, CONTEXT_SCHEMA["company"]).alias("company")),
            past_purchases=PastPurchases.fit(train),
            items=build_candidate_items(history, train),
            first_import=history.settings.first_import,
        )

    @property
    def similarity(self) -> Similar:
        """What compares products: the model itself, or the similarity model."""
        for fitted in (self.fitted, self.similarity_model):
            if isinstance(fitted, Similar):
                return fitted
        raise TypeError(f"neither {self.model} nor its similarity model compares products")

    @property
    def sold_items(self) -> pl.DataFrame:
        """The candidate items that the model scores: those sold before the cutoff."""
        return self.items.head(len(self.past_purchases.gap))

    @property
    def month(self) -> int:
        """Of the cutoff, from 1."""
        return int(np.datetime64(self.past_purchases.cutoff_day, "D").astype("datetime64[M]").astype(int) % 12 + 1)

    def active(self, days: int) -> NDArray[np.int64]:
        """Numbers of the customers with an order in the last `days` days before the cutoff."""
        last_day = np.asarray(self.past_purchases.last_day.max(axis=1).todense()).ravel()
        return self.customer_ids[last_day >= self.past_purchases.cutoff_day - days]

    def queries(self, customer_ids: NDArray[np.int64]) -> Queries:
        """Customers as of the cutoff; of a customer without an order, only the month is known."""
        row = np.searchsorted(self.customer_ids, customer_ids)
        rows = np.where(np.isin(customer_ids, self.customer_ids), row, -1).astype(np.int64)
        new_customer = self.contexts.clear(1).with_columns(pl.lit(self.month, pl.Int8).alias("month"))
        return Queries(rows, pl.concat([self.contexts, new_customer])[np.where(rows < 0, len(self.contexts), rows)])

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
        """Make the lists of some customers.

        Args:
            queries: Made by `queries`, or of new customers by `first_orders.build_queries`.
            k: Length of the lists.
            rules: The rules of the shop.
            launches: New products, with each customer's probability to buy them. The columns of the lists then refer to
                `candidates.add_launches(items, launches.products)`.
            basket: Products that every one of these customers has in the basket; similar products are listed.
            progress: Called with the customers done.

        Raises:
            RecommendationError: A product of the basket was never sold, or a pinned one is unknown.
        """
        items = self.items if launches is None else add_launches(self.items, launches.products)
        columns = self._find_columns(basket)
        hidden = {"in the basket": np.isin(np.arange(items.height), columns)} if len(columns) else None
        compiled = self.compile_rules(rules or Rules(), k=k, items=items, hidden=hidden)
        scorer = BasketScorer(self.model, self.fitted, self.similarity, columns) if len(columns) else self.fitted
        probabilities = None if launches is None else launches.probabilities
        return build_lists(self.model, scorer, queries, compiled, launches=probabilities, progress=progress)

    def compile_rules(
        self,
        rules: Rules,
        *,
        k: int,
        items: pl.DataFrame | None = None,
        hidden: Mapping[str, NDArray[np.bool_]] | None = None,
    ) -> CompiledRules:
        """Apply rules to the candidate items, for lists of every customer.

        Args:
            rules: The rules of the shop.
            k: Length of the lists.
            items: The candidate items, where there are more than those of the model: launches are the last.
            hidden: By reason, what else nobody is shown.

        Raises:
            RecommendationError: A pinned product is unknown.
        """
        items = self.items if items is None else items
        return compile_rules(
            items,
            rules,
            k=k,
            past_purchases=self.past_purchases,
            compare=lambda: build_similarity(self.fitted, items["title"].to_list(), self.sold_items.height),
            hidden=hidden,
        )

    def save(self, folder: str | Path) -> None:
        """Write it to `folder`, as tables, arrays and text; one saved there before is replaced in one step.

        The manifest names the folder of the parts; it is swapped last, and what it does not name is removed then.

        Args:
            folder: Where it is saved.

        Raises:
            ArtifactError: The folder holds something else.
            DiskFullError: There is no space left; what was saved before is as it was.
        """
        folder = Path(folder)
        check_output_folder(folder)
        parts = make_private_folder(folder) / f"{PARTS}{secrets.token_hex(4)}"
        try:
            with report_full_disk(folder):
                self._write(parts)
                make_private(parts)
                sync_tree(parts)
                sync_folder(folder)
                about = {**self._describe(), "folder": parts.name, "parts": digest_parts(parts)}
                write_artifact(folder, KIND, {}, about)
        finally:
            sweep_parts(folder)

    @staticmethod
    def read_digest(folder: Path) -> str:
        """What tells the recommender in a folder from every other one.

        Args:
            folder: Where it was saved.

        Raises:
            ArtifactError: The folder holds no such model.
        """
        return str(read_manifest(folder, KIND).get("parts"))

    @classmethod
    def load(cls, folder: str | Path) -> TrainedRecommender:
        """Read it back; it gives the same lists to the bit.

        Raises:
            ArtifactError: The folder holds no such model, a damaged one, or parts of several.
            MissingExtraError: The model's extra is not installed.
        """
        folder = Path(folder)
        while True:
            manifest = read_manifest(folder, KIND)
            try:
                return cls._load_parts(folder, manifest)
            except (ArtifactError, OSError) as error:
                # another command may have replaced it in the middle of reading
                if read_manifest(folder, KIND) != manifest:
                    continue
                if isinstance(error, ArtifactError):
                    raise
                raise ArtifactError(f"{folder} lacks a part of the model. Train it again.") from error

    @classmethod
    def _load_parts(cls, folder: Path, manifest: dict[str, Any]) -> TrainedRecommender:
        name = str(manifest.get("folder"))
        parts = folder / name
        if not re.fullmatch(f"{PARTS}[0-9a-f]{{8}}", name) or manifest.get("parts") != digest_parts(parts):
            raise ArtifactError(f"{folder} lacks a part of the model, or has a part of another model. Train it again.")
        read_manifest(parts, PARTS_KIND)
        try:
            customers = pl.read_parquet((parts / CONTEXTS).read_bytes())
            trained = cls(
                model=str(manifest["model"]),
                fitted=get_recommender(manifest["model"]).load(parts / MODEL),
                similarity_model=get_recommender(SIMILARITY_MODEL).load(parts / SIMILARITY)
                if manifest["similarity_model"]
                else None,
                cutoff=dt.datetime.fromisoformat(manifest["cutoff"]),
                customer_ids=customers["customer_id"].to_numpy(),
                contexts=conform(customers, CONTEXT_SCHEMA),
                past_purchases=PastPurchases.load(parts / PAST_PURCHASES),
                items=conform(pl.read_parquet((parts / ITEMS).read_bytes()), CANDIDATE_ITEM_SCHEMA),
                first_import=str(manifest["first_import"]),
            )
            trained.check()
        except (KeyError, TypeError, ValueError, RecommendationError, pl.exceptions.PolarsError) as error:
            raise ArtifactError(f"{folder} holds a damaged model. Train it again.") from error
        return trained

    def check(self) -> None:
        """Make sure that the parts are of the same customers and products.

        Raises:
            ValueError: They are not.
        """
        shop = {"customers": len(self.customer_ids), "products": self.sold_items.height}
        parts = (self.fitted, self.similarity_model, self.past_purchases)
        merge_dimensions(shop, *(shop_dimensions(part) for part in parts))
        if len(self.customer_ids) != self.contexts.height or (np.diff(self.customer_ids) <= 0).any():
            raise ValueError("the customers are out of order")
        if self.cutoff.tzinfo is None or not 0 <= self.past_purchases.cutoff_day < LAST_CUTOFF_DAY:
            raise ValueError("the cutoff is no instant")

    def _write(self, folder: Path) -> None:
        self.fitted.save(folder / MODEL)
        self.past_purchases.save(folder / PAST_PURCHASES)
        if self.similarity_model is not None:
            self.similarity_model.save(folder / SIMILARITY)
        customers = self.contexts.drop("company").insert_column(0, pl.Series("customer_id", self.customer_ids))
        files: dict[str, str | bytes] = {ITEMS: _to_parquet(self.items), CONTEXTS: _to_parquet(customers)}
        write_artifact(folder, PARTS_KIND, files, {})

    def _describe(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return {
            "model": self.model,
            "cutoff": self.cutoff.isoformat(),
            "similarity_model": self.similarity_model is not None,
            "first_import": self.first_import,
        }

    def _find_columns(self, basket: Sequence[str]) -> NDArray[np.int64]:
        sold = self.sold_items["product_id"].to_list()
        for product_id in basket:
            if product_id not in sold:
                raise RecommendationError(
                    f"The basket holds {describe_value(product_id)}, which was never sold before "
                    f"{self.cutoff.date()}. Check its id."
                )
        return np.array([sold.index(product_id) for product_id in dict.fromkeys(basket)], dtype=np.int64)


def _to_parquet(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()
