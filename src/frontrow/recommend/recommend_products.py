"""Recommend products: settings and a trained recommender in, lists with their warnings out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from frontrow.errors import RecommendationError
from frontrow.launch.new_products.checked_products import CheckedProducts, read_checked_products
from frontrow.launch.settings import LaunchSettings
from frontrow.progress import Progress, no_progress
from frontrow.recommend.blocks.stored_lists import StoredRecommendations
from frontrow.recommend.cached_recommenders import load_or_fit_recommender
from frontrow.recommend.candidates import add_launches
from frontrow.recommend.customers import (
    build_first_order_queries,
    build_usual_contexts,
    find_country_warnings,
    normalize_regions,
    read_contexts,
    read_customer_ids,
    read_customers,
)
from frontrow.recommend.evaluate.window import NEW, RETURNING
from frontrow.recommend.launches.launches import (
    Launches,
    measure_purchase_rate_by_rank,
    predict_launch_purchases,
    require_unsold,
)
from frontrow.recommend.listed_customers import (
    EVERYONE,
    ListedCustomers,
    select_active,
    select_everyone,
    select_named,
)
from frontrow.recommend.lists import Recommendations, build_recommendations
from frontrow.recommend.rerank.blend import LaunchProbabilities
from frontrow.recommend.rerank.filters import find_rule_warnings
from frontrow.recommend.rerank.rules import HIDE, Rules
from frontrow.recommend.rerank.rules_file import read_rules
from frontrow.recommend.settings import MODES, RecommendSettings
from frontrow.recommend.sources import find_probability_horizon
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.history import History
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.storage.pointer import POINTER


@dataclass(frozen=True)
class RecommendationResult:
    """Lists, and what is to be said about them.

    Attributes:
        recommendations: The lists: in memory, or on disk where they were made block by block.
        items: The candidate items.
        listed: Whom the lists are for.
        warnings: What the shop should check in its files, each beginning with the file's name.
        scores_are_probabilities: The scores are probabilities to buy.
    """

    recommendations: Recommendations | StoredRecommendations
    items: pl.DataFrame
    listed: ListedCustomers
    warnings: list[str]
    scores_are_probabilities: bool


def recommend_products(
    trained: TrainedRecommender, folder: Path, settings: RecommendSettings, *, progress: Progress = no_progress
) -> RecommendationResult:
    """Make the lists.

    Args:
        trained: The trained recommender.
        folder: The shop's: its customers are read for `source_id` and for a file of customers, `shop.json` to check
            that the model learned from this shop, its orders only for launches.
        settings: For whom, and what may be in the lists.
        progress: Called with the customers done.

    Raises:
        InputError: A file cannot be used; see the functions that read it.
        LaunchError: There is too little history to learn from launches.
        RecommendationError: The model was trained on another shop, launches are to be recommended to new customers, or
            there is no customer to make lists for.
    """
    _check_same_shop(trained, folder)
    if settings.customers == NEW and settings.launches is not None:
        raise RecommendationError(
            "Who will buy a launch is predicted from past orders, and new customers have none. Pin it with rules "
            "instead."
        )
    listed = _select_customers(trained, folder, settings)
    items, checked, history = trained.items, None, None
    if settings.launches is not None:
        history = Shop.read(folder).as_of(trained.cutoff)
        checked = _read_launches(settings.launches, history, settings)
        items = add_launches(items, checked.products)
    rules = read_list_rules(settings, items)
    launches = None
    if history is not None and checked is not None:
        new_products = checked.products
        customer_ids = listed.rows["customer_id"]
        launches = _predict_launches(trained, folder, settings, history, new_products, customer_ids, rules)
    lists = trained.recommend(
        listed.queries, k=settings.k, rules=rules, launches=launches, basket=settings.basket, progress=progress
    )
    are_probabilities = find_probability_horizon(trained.fitted) is not None and not settings.basket
    return RecommendationResult(
        build_recommendations(lists, listed.rows, items, scores_are_probabilities=are_probabilities),
        items,
        listed,
        find_warnings(settings, trained, items, rules, listed.rows, checked),
        are_probabilities,
    )


def read_list_rules(settings: RecommendSettings, items: pl.DataFrame) -> Rules:
    """The rules of the lists.

    Args:
        settings: Name the file; their mode takes precedence over it.
        items: The candidate items.

    Raises:
        InputError: The file cannot be used.
    """
    rules = Rules() if settings.rules is None else read_rules(settings.rules, items["product_id"])
    return rules if settings.mode is None else replace(rules, already_bought=MODES[settings.mode])


def check_input_files(settings: RecommendSettings, folder: Path, history: History) -> None:
    """Read every file of the settings before a fit that may take minutes; `recommend_products` reads them again.

    Args:
        settings: Name the files.
        folder: The shop's folder.
        history: What the model will learn from.

    Raises:
        InputError: A file cannot be used; see the functions that read it.
    """
    product_ids = [history.products["product_id"], history.first_days()["product_id"]]
    if settings.launches is not None:
        product_ids.append(_read_launches(settings.launches, history, settings).products["product_id"])
    if settings.rules is not None:
        read_rules(settings.rules, pl.concat(product_ids))
    if settings.contexts is not None:
        read_contexts(settings.contexts, history.cutoff.month)
    if settings.customers not in (RETURNING, EVERYONE, NEW):
        read_customers(settings.customers, read_customer_ids(folder))


def fit_and_recommend(
    history: History, model: str, folder: Path, settings: RecommendSettings, *, progress: Progress = no_progress
) -> tuple[RecommendationResult, TrainedRecommender]:
    """Fit, or read back what was fitted, and make the lists; see `load_or_fit_recommender` and `recommend_products`.

    Args:
        history: What to learn from.
        model: File name of the recommender.
        folder: The shop's folder.
        settings: For whom, and what may be in the lists.
        progress: Called as the fit goes on, then with the customers done.

    Returns:
        The lists, and the recommender that made them.
    """
    trained = load_or_fit_recommender(history, model, folder=folder, seed=settings.seed, progress=progress)
    return recommend_products(trained, folder, settings, progress=progress), trained


def _check_same_shop(trained: TrainedRecommender, folder: Path) -> None:
    """In another shop the same number is another customer."""
    if (folder / POINTER).exists() and ShopSettings.read(folder).first_import != trained.first_import:
        raise RecommendationError(
            f"The model was trained on another shop than {folder}, where customer numbers are not the same. "
            "Give the folder of that shop, or train a model on this one with: frontrow train"
        )


def _select_customers(trained: TrainedRecommender, folder: Path, settings: RecommendSettings) -> ListedCustomers:
    """The customers or first orders that lists are made for."""
    if settings.customers == NEW:
        contexts = (
            build_usual_contexts(trained.contexts, trained.month)
            if settings.contexts is None
            else read_contexts(settings.contexts, trained.month)
        )
        contexts = normalize_regions(contexts, trained.contexts)
        return ListedCustomers(contexts.with_row_index("first_order", offset=1), build_first_order_queries(contexts))
    shop_customers = read_customer_ids(folder)
    if settings.customers == RETURNING:
        listed = select_active(trained, shop_customers, settings.active_days)
    elif settings.customers == EVERYONE:
        listed = select_everyone(trained, shop_customers, settings.active_days)
    else:
        selection = read_customers(settings.customers, shop_customers)
        listed = select_named(trained, shop_customers, selection, settings.active_days)
    require_listed(listed.rows.height, trained, settings)
    return listed


def require_listed(customers: int, trained: TrainedRecommender, settings: RecommendSettings) -> None:
    """Make sure that there is somebody to make a list for.

    Args:
        customers: Number of customers.
        trained: The recommender.
        settings: For whom lists are made.

    Raises:
        RecommendationError: There is nobody.
    """
    if customers == 0:
        raise RecommendationError(
            f"No customer ordered within {settings.active_days} days before {trained.cutoff.date()}. "
            "Check the date, raise --active-days, or make lists for everyone with --customers all."
        )


def find_warnings(
    settings: RecommendSettings,
    trained: TrainedRecommender,
    items: pl.DataFrame,
    rules: Rules,
    customers: pl.DataFrame,
    checked: CheckedProducts | None,
) -> list[str]:
    """What the shop should check in its files.

    Args:
        settings: Name the files.
        trained: The recommender.
        items: The candidate items.
        rules: The rules.
        customers: Whom the lists are for.
        checked: The launches; None for none.
    """
    warnings = []
    if settings.launches is not None and checked is not None:
        warnings += [finding.describe(settings.launches) for finding in checked.findings]
    if settings.rules is not None:
        warnings += [f"{settings.rules.name}: {warning}" for warning in find_rule_warnings(items, rules)]
    if settings.contexts is not None:
        country_warnings = find_country_warnings(customers, trained.contexts)
        warnings += [f"{settings.contexts.name}: {warning}" for warning in country_warnings]
    return warnings


def _read_launches(file: Path, history: History, settings: RecommendSettings) -> CheckedProducts:
    """The new products, none of them sold yet."""
    launch_settings = LaunchSettings(horizon_days=settings.horizon_days, active_days=settings.active_days)
    checked = read_checked_products(file, history, launch_settings, strict=settings.strict)
    require_unsold(history, checked.products)
    return checked


def _predict_launches(
    trained: TrainedRecommender,
    folder: Path,
    settings: RecommendSettings,
    history: History,
    new_products: pl.DataFrame,
    customer_ids: pl.Series,
    rules: Rules,
) -> Launches:
    model_horizon_days = find_probability_horizon(trained.fitted)
    launch_settings = LaunchSettings(
        horizon_days=model_horizon_days or settings.horizon_days, active_days=settings.active_days
    )
    values = predict_launch_purchases(
        history, new_products, customer_ids.to_numpy(), folder=folder, settings=launch_settings, seed=settings.seed
    )
    rate_by_rank = None
    if model_horizon_days is None:
        rate_by_rank = measure_purchase_rate_by_rank(
            history,
            trained.model,
            horizon_days=launch_settings.horizon_days,
            never_bought=rules.already_bought == HIDE,
            seed=settings.seed,
        )
    return Launches(new_products, LaunchProbabilities(values, rate_by_rank))
