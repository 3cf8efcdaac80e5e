"""The contract of recommenders as tests: a test class of two lines inherits all of them.

Example::

    class TestItemToItem(RecommenderContract):
        recommender = item_to_item.Recommender()
        floor = 0.6
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from frontrow.errors import ArtifactError
from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Interactions, Queries, build_interactions
from frontrow.models.recommender import Fitted, Recommender, Similar
from frontrow.recommend.index import top_k
from frontrow.shop.shop import Shop
from frontrow.testing.shops import DAY_ZERO, Line, hand_made_shop, order_lines

COUNTRIES = ("DE", "FR", "NL", "US")
"""One country per taste; four customers in five live where most people share their taste."""

PRODUCTS_PER_TASTE = 12
DAYS = 120
CUTOFF_DAY = 100


@dataclass(frozen=True)
class PlantedTastes:
    """A shop whose true purchase probabilities are known.

    Four tastes, each with twelve products, the first of which sell best. A customer mostly buys within one taste,
    which the country hints at, and buys three favourites again and again.

    Attributes:
        shop: Orders before and after the cutoff, with a guest who alone bought one product.
        probability: True probability of each product in a customer's next order line; shape (customers, products).
        country: Country of each customer.
    """

    shop: Shop
    probability: NDArray[np.float64]
    country: list[str]

    def cutoff(self) -> dt.datetime:
        """The midnight that splits the orders."""
        return self.shop.midnight(DAY_ZERO + CUTOFF_DAY)


def planted_tastes(*, customers: int = 400, seed: int = 0) -> PlantedTastes:
    """Make a shop with planted tastes.

    Args:
        customers: Number of customers.
        seed: Seed of all random numbers.

    Example:
        >>> planted_tastes(customers=40).probability.sum(axis=1).round(6).tolist() == [1.0] * 40
        True
    """
    rng = np.random.default_rng(seed)
    tastes = len(COUNTRIES)
    products = tastes * PRODUCTS_PER_TASTE
    taste = rng.integers(0, tastes, customers)
    sells = np.tile(1 / np.sqrt(1 + np.arange(PRODUCTS_PER_TASTE)), tastes)
    in_taste = (np.arange(products) // PRODUCTS_PER_TASTE)[None, :] == taste[:, None]
    probability = np.where(in_taste, 1.0, 0.05) * sells
    probability /= probability.sum(axis=1, keepdims=True)
    favourites = np.argsort(-np.log(probability) - rng.gumbel(size=probability.shape), axis=1)[:, -3:]
    repeated = np.zeros_like(probability)
    np.put_along_axis(repeated, favourites, 1 / 3, axis=1)
    probability = 0.6 * probability + 0.4 * repeated
    elsewhere = rng.random(customers) < 0.2
    home = np.where(elsewhere, rng.integers(0, tastes, customers), taste)
    country = [COUNTRIES[number] for number in home]
    return PlantedTastes(_shop(probability, country, rng), probability, country)


def _shop(probability: NDArray[np.float64], country: list[str], rng: np.random.Generator) -> Shop:
    """About sixteen lines per customer, spread over the days, and a guest who alone bought one product."""
    customers, products = probability.shape
    buyer = np.sort(rng.integers(0, customers, 16 * customers))
    edges = np.cumsum(probability, axis=1)
    product = np.minimum((rng.random(len(buyer))[:, None] > edges[buyer]).sum(axis=1), products - 1)
    day = rng.integers(0, DAYS, len(buyer))
    # by day, so that customer numbers rise with the first order, as in an imported shop
    lines: list[Line] = [
        (int(customer), f"p{column:02d}", int(when)) for customer, column, when in zip(buyer, product, day, strict=True)
    ]
    lines = sorted([*lines, (None, "never to a customer", CUTOFF_DAY - 1)], key=lambda line: line[2])
    homes = [None if customer is None else country[customer] for customer, _, _ in lines]
    shop = hand_made_shop(lines)
    return Shop.from_tables(
        order_lines(lines, country=homes), shop.products, shop.customers.collect(), settings=shop.settings
    )


@cache
def planted() -> tuple[PlantedTastes, Interactions]:
    """The shop that all contracts share, made once, and its interactions at the cutoff."""
    tastes = planted_tastes()
    return tastes, build_interactions(tastes.shop.as_of(tastes.cutoff()))


def hand_made_interactions(lines: Iterable[Line]) -> Interactions:
    """The interactions of a hand-made shop, with the cutoff on the day after its last line; see `hand_made_shop`."""
    return build_interactions(hand_made_shop(lines).as_of())


def one_order_a_day(interactions: Interactions) -> Interactions:
    """Put everything that a customer bought on one day into one order; a hand-made shop has one line per order."""
    order = interactions.lines.select(order=pl.struct("customer", "day").rle_id().cast(pl.Int32))
    return replace(interactions, lines=interactions.lines.with_columns(order))


def customers_of(interactions: Interactions | None, rows: Sequence[int]) -> Queries:
    """Queries for some customers.

    Args:
        interactions: Give the context of each customer's last order; None for an unknown context.
        rows: Row of each customer, -1 for a new customer.
    """
    row_numbers = np.array(rows, dtype=np.int64)
    if interactions is not None:
        return interactions.queries(row_numbers)
    nulls = {name: [None] * len(rows) for name in CONTEXT_SCHEMA}
    return Queries(row_numbers, pl.DataFrame(nulls, CONTEXT_SCHEMA))


class RecommenderContract:
    """The promises of `frontrow.models.recommender.Recommender`.

    Attributes:
        recommender: The recommender under test.
        floor: Least share of the way from a random list of five to the best possible one, in true probabilities, for
            customers with a history.
        floor_new: The same for new customers, of whom only the context is known.
    """

    recommender: ClassVar[Recommender]
    floor: ClassVar[float]
    floor_new: ClassVar[float] = 0.0

    def test_recovers_planted_truth(self) -> None:
        """It finds what customers want, which is known because the shop is synthetic."""
        tastes, interactions = planted()
        probability = _true_probability(tastes, interactions)
        returning = customers_of(interactions, range(interactions.shape[0]))
        new = Queries(np.full(len(returning), -1, dtype=np.int64), returning.context)
        assert self.floor < _share_of_best(self._fitted(), returning, probability) <= 1.0
        assert self.floor_new < _share_of_best(self._fitted(), new, probability) <= 1.0

    def test_scores_repeat(self) -> None:
        """The same seed gives the same scores, to the bit, and the interactions do not change."""
        _, interactions = planted()
        lines, products, ids = (
            interactions.lines.clone(),
            interactions.products.clone(),
            interactions.customer_ids.copy(),
        )
        queries = self._everyone()
        again = self.recommender.fit(interactions, seed=3).scores(queries)
        np.testing.assert_array_equal(self._fitted().scores(queries), again)
        assert interactions.lines.equals(lines)
        assert interactions.products.equals(products)
        np.testing.assert_array_equal(interactions.customer_ids, ids)

    def test_every_product_has_a_finite_score(self) -> None:
        """Float32, also for a new customer in an unknown context, and for products that no customer bought."""
        _, interactions = planted()
        assert (interactions.counts().sum(axis=0) == 0).sum() == 1
        nowhere = customers_of(None, [-1, 0, 1])
        for queries in (self._everyone(), nowhere, customers_of(interactions, [-1, -1])):
            scores = self._fitted().scores(queries)
            assert scores.dtype == np.float32
            assert scores.shape == (len(queries), interactions.shape[1])
            assert np.isfinite(scores).all()

    def test_saved_and_read_back_it_scores_the_same(self, tmp_path: Path) -> None:
        """To the bit, without the interactions; a damaged file is refused."""
        self._fitted().save(tmp_path / "model")
        queries = self._everyone()
        read = self.recommender.load(tmp_path / "model")
        np.testing.assert_array_equal(read.scores(queries), self._fitted().scores(queries))
        next((tmp_path / "model").rglob("*.safetensors")).write_bytes(b"")
        with pytest.raises(ArtifactError):
            self.recommender.load(tmp_path / "model")

    def test_it_compares_products_where_it_says_so(self) -> None:
        """`frontrow similar` relies on it before the fit."""
        fitted = self._fitted()
        assert isinstance(fitted, Similar) == self.recommender.compares_products
        if isinstance(fitted, Similar):
            similarity = fitted.similar(np.array([2, 0]))
            assert similarity.dtype == np.float32
            assert similarity.shape == (2, planted()[1].shape[1])
            assert np.isfinite(similarity).all()

    def test_no_queries_no_scores(self) -> None:
        """An empty block is no error."""
        _, interactions = planted()
        assert self._fitted().scores(customers_of(interactions, [])).shape == (0, interactions.shape[1])

    def test_blocks_of_queries_give_the_scores_of_all(self) -> None:
        """Up to the rounding of sums in another order."""
        queries = self._everyone()
        fitted, half = self._fitted(), len(queries) // 2
        blocks = [fitted.scores(queries.block(0, half)), fitted.scores(queries.block(half, len(queries)))]
        np.testing.assert_allclose(np.concatenate(blocks), fitted.scores(queries), rtol=1e-4, atol=1e-5)

    def test_what_comes_after_the_cutoff_changes_nothing(self) -> None:
        """Later lines are given to other customers, made dearer or removed: the scores are equal to the bit."""
        tastes, _ = planted()
        scores = self._fitted().scores(self._everyone())
        for shop in _other_futures(tastes):
            interactions = build_interactions(shop.as_of(tastes.cutoff()))
            other_scores = self.recommender.fit(interactions, seed=3).scores(
                customers_of(interactions, range(-1, interactions.shape[0]))
            )
            np.testing.assert_array_equal(scores, other_scores)

    def _everyone(self) -> Queries:
        _, interactions = planted()
        return customers_of(interactions, range(-1, interactions.shape[0]))

    def _fitted(self) -> Fitted:
        _, interactions = planted()
        if type(self) not in _FITTED:
            _FITTED[type(self)] = self.recommender.fit(interactions, seed=3)
        return _FITTED[type(self)]


_FITTED: dict[type[RecommenderContract], Fitted] = {}


def _true_probability(tastes: PlantedTastes, interactions: Interactions) -> NDArray[np.float64]:
    """The truth by row and column of the interactions; 0 for the product that only a guest bought."""
    names = interactions.products["product_id"]
    columns = [int(name[1:]) if name[1:].isdigit() else -1 for name in names]
    padded = np.hstack([tastes.probability, np.zeros((len(tastes.probability), 1))])
    return padded[interactions.customer_ids][:, columns]


def _share_of_best(fitted: Fitted, queries: Queries, probability: NDArray[np.float64]) -> float:
    """See `RecommenderContract.floor`."""
    lists = top_k(fitted, queries, k=5, candidates=np.ones(probability.shape[1], dtype=np.bool_))
    listed = np.take_along_axis(probability, lists, axis=1).sum()
    best = np.sort(probability, axis=1)[:, -5:].sum()
    random = 5 * probability.mean(axis=1).sum()
    return float((listed - random) / (best - random))


def _other_futures(tastes: PlantedTastes) -> list[Shop]:
    shop, rng = tastes.shop, np.random.default_rng(0)
    orders = shop.orders.collect()
    day = DAY_ZERO + CUTOFF_DAY
    before, after = orders.filter(pl.col("day") < day), orders.filter(pl.col("day") >= day)
    dealt = after.with_columns(
        *[pl.Series(name, after[name].gather(rng.permutation(after.height))) for name in ("customer_id", "product_id")],
        price=pl.col("price") * 3.0,
        country=pl.lit("elsewhere"),
    )
    futures = (pl.concat([dealt.gather(rng.permutation(after.height)), before]), before)
    return [
        Shop.from_tables(orders, shop.products, shop.customers.collect(), settings=shop.settings) for orders in futures
    ]
