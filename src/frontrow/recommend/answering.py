"""What is asked of a trained recommender on the command line, and the answer: whom, under which rules, what is new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import RecommendationError
from frontrow.launch.new_products import read_new_products
from frontrow.launch.settings import LaunchSettings
from frontrow.models.interactions.interactions import Queries
from frontrow.progress import Progress, no_progress
from frontrow.recommend.customers import known_customers, read_customers
from frontrow.recommend.evaluate.window import NEW, RETURNING
from frontrow.recommend.first_orders import as_ordered, first_orders, read_contexts, unknown_countries, usual_contexts
from frontrow.recommend.launches.launches import Launches, launch_chance
from frontrow.recommend.launches.rank_purchase_rate import place_chances
from frontrow.recommend.recommendations import Recommendations, recommendations
from frontrow.recommend.rerank.blend import LaunchChances
from frontrow.recommend.rerank.filters import remarks
from frontrow.recommend.rerank.rules import HIDE, SHOW, Rules
from frontrow.recommend.rerank.rules_file import read_rules
from frontrow.recommend.retrieve.items import with_launches
from frontrow.recommend.retrieve.sources import chance_days
from frontrow.recommend.trained import TrainedRecommender
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import History
from frontrow.storage.folder import SETTINGS

MODES: Final = {"all": SHOW, "new": HIDE}
"""What a mode says of products that a customer has bought."""


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes:
        customers: `RETURNING`, `NEW`, or a file (`customers.read_customers`).
        active_days: Returning customers are those with an order in so many days.
        contexts: A file of first orders (`first_orders.read_contexts`) for new customers; None for one from each
            country.
        basket: Products that every new customer has in the basket.
        k: Length of the lists.
        mode: One of `MODES`, which goes before what the rules say; None for what they say.
        rules: A file of rules.
        launches: A file of new products (`launch.new_products.read_new_products`).
        horizon_days: The chance to buy a launch is that within so many days, where the model has no window of its own.
        seed: Of every fit.
    """

    customers: str = RETURNING
    active_days: int = 365
    contexts: Path | None = None
    basket: tuple[str, ...] = ()
    k: int = 10
    mode: str | None = None
    rules: Path | None = None
    launches: Path | None = None
    horizon_days: int = 30
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """The answer.

    Attributes:
        recommendations: The lists.
        shelf: What may stand in them.
        unknown: Rows of the customers' file that name nobody.
        remarks: What the shop should look at again in its files, each beginning with the file's name.
        chances: The scores are chances.
    """

    recommendations: Recommendations
    shelf: pl.DataFrame
    unknown: int
    remarks: list[str]
    chances: bool


def answer(trained: TrainedRecommender, folder: Path, request: Request, *, progress: Progress = no_progress) -> Answer:
    """Make the lists.

    Args:
        trained: Fitted or read back.
        folder: The shop's: its customers are read for `source_id` and for a file of customers, `shop.json` to know
            that it is the one the model learned from, its orders for launches alone.
        request: What is asked.
        progress: Called with the customers done.

    Raises:
        InputError: A file cannot be used; see the functions that read it.
        LaunchError: There is too little history to learn a launch from.
        RecommendationError: The model was trained on another shop, launches are asked about of customers who have not
            ordered yet, or nobody is asked about.
    """
    _refuse_other_shop(trained, folder)
    if request.customers == NEW and request.launches is not None:
        raise RecommendationError(
            "Who will buy a launch is told from past orders, and new customers have none. Pin it with rules instead."
        )
    asked, queries, unknown = _asked(trained, folder, request)
    history = None if request.launches is None else _history(trained, folder)
    products = None if history is None else read_new_products(request.launches or "", launch_day=history.cutoff_day)
    shelf = trained.shelf if products is None else with_launches(trained.shelf, products)
    rules = Rules() if request.rules is None else read_rules(request.rules, shelf["product_id"])
    rules = rules if request.mode is None else replace(rules, already_bought=MODES[request.mode])
    launches = None
    if history is not None and products is not None:
        launches = _launches(trained, folder, request, history, products, asked["customer_id"].to_numpy(), rules)
    found = trained.recommend(
        queries, k=request.k, rules=rules, launches=launches, basket=request.basket, progress=progress
    )
    chances = chance_days(trained.fitted) is not None and not request.basket
    said = [*_of_rules(request, shelf, rules), *_of_contexts(request, trained, asked)]
    return Answer(recommendations(found, asked, shelf, chances=chances), shelf, unknown, said, chances)


def refuse_unreadable(request: Request, folder: Path, history: History) -> None:
    """Read every file of a request before a fit that may take minutes; `answer` reads them again.

    Args:
        request: What will be asked.
        folder: The shop's.
        history: What the model will learn from.

    Raises:
        InputError: A file cannot be used; see the functions that read it.
    """
    products = [history.products["product_id"], history.first_days()["product_id"]]
    if request.launches is not None:
        products.append(read_new_products(request.launches, launch_day=history.cutoff_day)["product_id"])
    if request.rules is not None:
        read_rules(request.rules, pl.concat(products))
    if request.contexts is not None:
        read_contexts(request.contexts, history.cutoff.month)
    if request.customers not in (RETURNING, NEW):
        read_customers(request.customers, known_customers(folder))


def _refuse_other_shop(trained: TrainedRecommender, folder: Path) -> None:
    """The same number is another person in another shop."""
    file = folder / SETTINGS
    if file.is_file():
        here = ShopSettings.from_json(file.read_text("utf-8"), file=file).first_import
        if here != trained.first_import:
            raise RecommendationError(
                f"The model was trained on another shop than {folder}, and customer numbers are not the same there. "
                "Give the folder of that shop, or train a model on this one with: frontrow train"
            )


def _asked(trained: TrainedRecommender, folder: Path, request: Request) -> tuple[pl.DataFrame, Queries, int]:
    """Whom, the questions, and how many rows of a file name nobody."""
    if request.customers == NEW:
        file = request.contexts
        told = usual_contexts(trained) if file is None else read_contexts(file, trained.month)
        contexts = as_ordered(told, trained.contexts)
        return contexts.with_row_index("first_order", offset=1), first_orders(contexts), 0
    known, unknown = known_customers(folder), 0
    if request.customers == RETURNING:
        ids: NDArray[np.int64] = trained.active(request.active_days)
        # who was forgotten since the model was trained is asked about no more
        ids = ids[np.isin(ids, known["customer_id"].to_numpy())]
    else:
        named = read_customers(request.customers, known)
        ids, unknown = named.customer_ids, named.unknown
    if len(ids) == 0:
        raise RecommendationError(
            f"No customer ordered within {request.active_days} days before {trained.cutoff.date()}. "
            "Check the date, or raise --active-days."
        )
    asked = pl.DataFrame({"customer_id": ids}).join(known, on="customer_id", how="left", maintain_order="left")
    return asked, trained.queries(ids), unknown


def _of_rules(request: Request, shelf: pl.DataFrame, rules: Rules) -> list[str]:
    return [] if request.rules is None else [f"{request.rules.name}: {one}" for one in remarks(shelf, rules)]


def _of_contexts(request: Request, trained: TrainedRecommender, asked: pl.DataFrame) -> list[str]:
    if request.contexts is None:
        return []
    return [f"{request.contexts.name}: {one}" for one in unknown_countries(asked, trained.contexts)]


def _history(trained: TrainedRecommender, folder: Path) -> History:
    from frontrow.shop.shop import Shop

    return Shop.read(folder).as_of(trained.cutoff)


def _launches(
    trained: TrainedRecommender,
    folder: Path,
    request: Request,
    history: History,
    products: pl.DataFrame,
    customer_ids: NDArray[np.int64],
    rules: Rules,
) -> Launches:
    told = chance_days(trained.fitted)
    days = told or request.horizon_days
    settings = LaunchSettings(horizon_days=days, active_days=request.active_days)
    chance = launch_chance(history, products, customer_ids, folder=folder, settings=settings, seed=request.seed)
    of_place = None
    if told is None:
        hides = rules.already_bought == HIDE
        of_place = place_chances(history, trained.model, days=days, never_bought=hides, seed=request.seed)
    return Launches(products, LaunchChances(chance, of_place))
