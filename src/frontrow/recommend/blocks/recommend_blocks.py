"""Recommend products block by block: lists of any number of customers, made where the engine works."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from frontrow.engines.blocks import LINES_IN_MEMORY, is_published
from frontrow.errors import SettingError
from frontrow.models.interactions.blocks import LINE_COLUMNS, InteractionBlocks
from frontrow.models.recommender import LearnsFromBlocks
from frontrow.progress import Progress, no_progress
from frontrow.recommend.blocks.learned import list_learners, with_customers
from frontrow.recommend.blocks.list_step import ListsOfBlock, to_block
from frontrow.recommend.blocks.stored_lists import StoredRecommendations
from frontrow.recommend.cached_recommenders import load_or_learn_recommender
from frontrow.recommend.customers import read_customers
from frontrow.recommend.evaluate.window import NEW, RETURNING
from frontrow.recommend.listed_customers import EVERYONE, ListedCustomers
from frontrow.recommend.lists import build_recommendations
from frontrow.recommend.recommend_products import (
    RecommendationResult,
    find_warnings,
    read_list_rules,
    recommend_products,
    require_listed,
)
from frontrow.recommend.registry import get_recommender
from frontrow.recommend.rerank.rules import Rules
from frontrow.recommend.settings import RecommendSettings
from frontrow.recommend.sources import find_probability_horizon
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.history import History
from frontrow.storage.packed_folder import PackedFolder
from frontrow.tables.private_folder import private_folder

MODEL: Final = "model"
LISTS: Final = "lists"


def works_by_blocks(history: History, model: str, settings: RecommendSettings) -> bool:
    """Whether lists are made block by block: on a cluster always, here where the order lines are many.

    Args:
        history: What to learn from.
        model: File name of the recommender.
        settings: For whom, and what may be in the lists.

    Raises:
        SettingError: The engine is a cluster, and this cannot be done there.
    """
    obstacle = _find_obstacle(model, settings)
    if not history.engine.shares_memory:
        if obstacle is not None:
            raise SettingError("engine", f"{obstacle} Write --engine local for it.")
        return True
    return obstacle is None and history.lines.select(pl.len()).collect().item() > LINES_IN_MEMORY


def _find_obstacle(model: str, settings: RecommendSettings) -> str | None:
    """Why lists cannot be made block by block."""
    if not isinstance(get_recommender(model), LearnsFromBlocks):
        return (
            f"{model} is fitted on this machine, on all order lines in its memory. On a cluster work "
            f"{', '.join(list_learners())}; two_stage learns from a sample of bounded size."
        )
    if settings.customers == NEW:
        return "Lists of new customers are few, and made on this machine."
    if settings.launches is not None:
        return "Launches are put between the products of lists on this machine."
    return None


def recommend_by_blocks(
    history: History, model: str, folder: Path, settings: RecommendSettings, *, progress: Progress = no_progress
) -> tuple[RecommendationResult, TrainedRecommender]:
    """Learn, and make the lists; the same lists as `recommend_products`, to the bit.

    Args:
        history: What to learn from, and whose customers get lists.
        model: File name of the recommender.
        folder: The shop's.
        settings: For whom, and what may be in the lists.
        progress: Called as the fit goes on.

    Returns:
        The lists, and the recommender that made them.

    Raises:
        InputError: A file cannot be used; see the functions that read it.
        RecommendationError: There is nothing to learn from, or no customer to make lists for.
    """
    trained = load_or_learn_recommender(history, model, folder=folder, seed=settings.seed, progress=progress)
    if settings.customers not in (RETURNING, EVERYONE):
        selection = read_customers(settings.customers, history.customers.select("customer_id", "source_id").collect())
        interactions = InteractionBlocks(history, trained.sold_items.select("product_id")).read(
            pl.Series(selection.customer_ids)
        )
        few = with_customers(trained, interactions)
        return recommend_products(few, folder, settings, progress=progress), few
    rules = read_list_rules(settings, trained.items)
    everyone = settings.customers == EVERYONE
    with ExitStack() as stack:
        staged = stack.enter_context(private_folder(history.folder_for_results))
        shared: TrainedRecommender | Path | PackedFolder = trained
        if not history.engine.shares_memory:
            trained.save(staged / MODEL)
            # workers that read a published shop need not share a disk with this machine
            shared = PackedFolder.read(staged / MODEL) if is_published(history.lines) else staged / MODEL
        step = ListsOfBlock(shared, rules, settings.k, settings.active_days, everyone)
        parts = history.write_blocks(step, staged / LISTS, LINE_COLUMNS, progress=progress)
        customers = history.customers.select("customer_id", "source_id")
        total = int(customers.select(pl.len()).collect().item())
        if everyone:
            others = _list_others(trained, rules, settings, parts, customers)
            others.write_parquet(staged / LISTS / "others.parquet")
            parts = pl.concat([parts, pl.scan_parquet(staged / LISTS / "others.parquet")])
        stored = StoredRecommendations(parts, customers, stack.pop_all())
    require_listed(stored.customers, trained, settings)
    listed = _describe(stored, total, trained, everyone=everyone)
    return (
        RecommendationResult(
            stored,
            trained.items,
            listed,
            find_warnings(settings, trained, trained.items, rules, listed.rows, None),
            find_probability_horizon(trained.fitted) is not None,
        ),
        trained,
    )


def _list_others(
    trained: TrainedRecommender,
    rules: Rules,
    settings: RecommendSettings,
    parts: pl.LazyFrame,
    customers: pl.LazyFrame,
) -> pl.DataFrame:
    """The lists of customers without an order line, which are all the same: `BLOCK_LIST_SCHEMA`."""
    others = customers.select("customer_id").join(parts.select("customer_id"), on="customer_id", how="anti")
    ids = others.sort("customer_id").collect()
    no_number = np.array([-1], dtype=np.int64)
    lists = trained.recommend(trained.queries(no_number), k=settings.k, rules=rules)
    are_probabilities = find_probability_horizon(trained.fitted) is not None
    nobody = pl.DataFrame({"customer_id": no_number})
    made = build_recommendations(lists, nobody, trained.items, scores_are_probabilities=are_probabilities)
    return to_block(made.repeat(ids), active=0, without_order=ids.height)


def _describe(
    stored: StoredRecommendations, total: int, trained: TrainedRecommender, *, everyone: bool
) -> ListedCustomers:
    """How many customers the lists are for, and of how many little is known."""
    nobody = trained.queries(np.zeros(0, dtype=np.int64))
    no_rows = pl.DataFrame(schema={"customer_id": pl.Int64(), "source_id": pl.String()})
    if not everyone:
        return ListedCustomers(no_rows, nobody, left_out=total - stored.customers)
    without_order = stored.without_order
    inactive = stored.customers - stored.active - without_order
    return ListedCustomers(no_rows, nobody, inactive=inactive, without_order=without_order)
