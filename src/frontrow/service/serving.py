"""Lists for a customer at a time, from a recommender that was trained before and stays in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import ArtifactError, RecommendationError
from frontrow.progress import Progress, no_progress
from frontrow.recommend.customers import FIRST_ORDER_SCHEMA, read_customer_ids
from frontrow.recommend.rankings import Rankings, rank_products
from frontrow.recommend.registry import SIMILARITY_MODEL
from frontrow.recommend.rerank.rules import Rules
from frontrow.recommend.rerank.rules_file import read_rules
from frontrow.recommend.served import ListedProduct, ServedRecommender
from frontrow.recommend.similar_products import find_similar_by_trained
from frontrow.recommend.trained import TrainedRecommender
from frontrow.schema import conform
from frontrow.shop.settings import ShopSettings
from frontrow.storage.durable import make_private
from frontrow.storage.pointer import Pointer

RANKINGS: Final = "rankings"
"""Folder of the rankings in that of a trained recommender, so that whoever removes the one removes the other."""

RULES_FILE: Final = "rules.toml"
"""What messages call rules that came as text."""


@dataclass(frozen=True)
class ServedShop:
    """A shop whose lists are served: its recommender in memory, and its customers as they are now.

    Attributes:
        recommender: The recommender.
        customer_ids: Numbers of the shop's customers, ascending; whoever was forgotten is not among them.
        generation: Of the shop when its customers were read.
    """

    recommender: ServedRecommender
    customer_ids: NDArray[np.int64]
    generation: int

    @property
    def trained(self) -> TrainedRecommender:
        """The trained recommender."""
        return self.recommender.trained

    def has_customer(self, customer_id: int) -> bool:
        """Whether the shop has a customer of that number."""
        position = int(np.searchsorted(self.customer_ids, customer_id))
        return position < len(self.customer_ids) and int(self.customer_ids[position]) == customer_id

    def describe(self) -> dict[str, Any]:
        """What every answer says of the model."""
        return {
            "model": self.trained.model,
            "as_of": str(self.trained.cutoff),
            "scores_are_probabilities": self.recommender.scores_are_probabilities,
        }


def prepare_rankings(trained_folder: Path, *, progress: Progress = no_progress) -> None:
    """Rank products for the customers of a trained recommender, and save that beside it, for `open_served_shop`.

    Args:
        trained_folder: The recommender's folder.
        progress: Called with the customers done.

    Raises:
        ArtifactError: The folder holds no trained recommender.
    """
    digest = TrainedRecommender.read_digest(trained_folder)
    rankings = rank_products(TrainedRecommender.load(trained_folder), digest, progress=progress)
    rankings.save(trained_folder / RANKINGS)
    make_private(trained_folder / RANKINGS)


def open_served_shop(folder: Path, trained_folder: Path) -> ServedShop:
    """Read a shop's recommender into memory.

    Args:
        folder: The shop's folder.
        trained_folder: The recommender's folder.

    Raises:
        ArtifactError: The folder holds no trained recommender.
        RecommendationError: The recommender was trained on another shop.
        ShopError: The folder holds no shop.
    """
    trained = TrainedRecommender.load(trained_folder)
    return read_served_customers(folder, ServedRecommender(trained, _read_rankings(trained_folder)))


def read_served_customers(folder: Path, recommender: ServedRecommender) -> ServedShop:
    """A served shop with its customers as they are now; the recommender stays in memory.

    Args:
        folder: The shop's folder.
        recommender: The recommender.

    Raises:
        RecommendationError: The recommender was trained on another shop.
        ShopError: The folder holds no shop.
    """
    generation = Pointer.read(folder).generation
    if ShopSettings.read(folder).first_import != recommender.trained.first_import:
        raise RecommendationError("The recommender was trained on another shop of this name. Train it again.")
    customers = read_customer_ids(folder)
    return ServedShop(recommender, customers["customer_id"].sort().to_numpy(), generation)


def parse_rules(text: str, served: ServedShop) -> Rules:
    """The rules of a text in TOML, as `frontrow recommend --rules` reads a file of it.

    Args:
        text: The text; it cannot name a file of stock.
        served: Has the products that rules may name.

    Raises:
        InputError: The text is no TOML, or a rule of it is not allowed.
        RecommendationError: A value is not allowed.
    """
    if not text.strip():
        return Rules()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / RULES_FILE
        file.write_text(text, "utf-8")
        return read_rules(file, served.trained.items["product_id"])


def find_customers(folder: Path, source_ids: Sequence[str]) -> list[int | None]:
    """The number of each customer by the id of the shop's own system; None for one that the shop does not have.

    Args:
        folder: The shop's folder.
        source_ids: As the shop's own system writes them; an e-mail address in any case.
    """
    pairs = read_customer_ids(folder).select("source_id", "customer_id")
    exact = dict(pairs.filter(pl.col("source_id").is_in(list(source_ids))).rows())
    lower = [source_id.strip().lower() for source_id in source_ids]
    folded = pairs.with_columns(pl.col("source_id").str.to_lowercase())
    by_lower = dict(folded.filter(pl.col("source_id").is_in(lower)).rows())
    both = zip(source_ids, lower, strict=True)
    return [exact.get(source_id, by_lower.get(lower_id)) for source_id, lower_id in both]


def list_for_first_orders(
    served: ServedShop, first_orders: Sequence[Mapping[str, Any]], k: int, rules: Rules, basket: Sequence[str] = ()
) -> list[list[ListedProduct]]:
    """A list for each of some new customers.

    Args:
        served: The recommender.
        first_orders: What is known of each one's first order: country, province, city, hour, month.
        k: Length of the lists.
        rules: The rules of the shop.
        basket: Products that each of them has in the basket.

    Raises:
        RecommendationError: A product is unknown.
    """
    contexts = conform(pl.DataFrame(list(first_orders), schema=dict(FIRST_ORDER_SCHEMA)), FIRST_ORDER_SCHEMA)
    return served.recommender.list_for_first_orders(contexts, k, rules, basket)


def find_similar_served(served: ServedShop, product: str, k: int) -> dict[str, Any]:
    """The products for sale that are most similar to one, as `frontrow similar --json` prints them.

    A recommender that does not compare products has one beside it that does.

    Args:
        served: The recommender.
        product: Its id or its title.
        k: Number of products.

    Raises:
        RecommendationError: The product is unknown.
    """
    trained = served.trained
    similar = find_similar_by_trained(trained, product, k=k, by_similarity_model=True)
    model = trained.model if trained.similarity_model is None else SIMILARITY_MODEL
    return {**similar.product, "model": model, "similar": similar.rows.to_dicts()}


def list_to_dicts(products: Sequence[ListedProduct]) -> list[dict[str, Any]]:
    """A list as plain values for JSON."""
    # `dataclasses.asdict` copies every value, which takes longer than making the list
    return [{**vars(product)} for product in products]


def _read_rankings(trained_folder: Path) -> Rankings | None:
    """The rankings of a recommender; None where there are none, or those of another one that was there before."""
    try:
        rankings = Rankings.load(trained_folder / RANKINGS)
    except ArtifactError:
        return None
    return rankings if rankings.model_digest == TrainedRecommender.read_digest(trained_folder) else None
