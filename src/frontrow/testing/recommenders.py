"""What every recommender has to keep: a test class of two lines inherits all of it.

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
"""One for each taste of the planted shop; four customers in five live where most share theirs."""

PRODUCTS_A_TASTE = 12
DAYS = 120
CUTOFF_DAY = 100


@dataclass(frozen=True)
class PlantedTastes:
    """A shop whose true chances to buy are known.

    Four tastes, each with twelve products, the first of which sell best. A customer mostly buys within a taste, that
    taste shows in the country, and three favourites are bought again and again.

    Attributes:
        shop: Orders on both sides of the cutoff, guests among them, and a product that only a guest bought.
        chance: The true chance of each product in a customer's next order line; shape (customers, products).
        country: Of each customer.
    """

    shop: Shop
    chance: NDArray[np.float64]
    country: list[str]

    def cutoff(self) -> dt.datetime:
        """The midnight that splits it."""
        return self.shop.midnight(DAY_ZERO + CUTOFF_DAY)


def planted_tastes(*, customers: int = 400, seed: int = 0) -> PlantedTastes:
    """Make such a shop.

    Example:
        >>> planted_tastes(customers=40).chance.sum(axis=1).round(6).tolist() == [1.0] * 40
        True
    """
    rng = np.random.default_rng(seed)
    tastes = len(COUNTRIES)
    products = tastes * PRODUCTS_A_TASTE
    taste = rng.integers(0, tastes, customers)
    sells = np.tile(1 / np.sqrt(1 + np.arange(PRODUCTS_A_TASTE)), tastes)
    own = (np.arange(products) // PRODUCTS_A_TASTE)[None, :] == taste[:, None]
    chance = np.where(own, 1.0, 0.05) * sells
    chance /= chance.sum(axis=1, keepdims=True)
    favourites = np.argsort(-np.log(chance) - rng.gumbel(size=chance.shape), axis=1)[:, -3:]
    loved = np.zeros_like(chance)
    np.put_along_axis(loved, favourites, 1 / 3, axis=1)
    chance = 0.6 * chance + 0.4 * loved
    elsewhere = rng.random(customers) < 0.2
    home = np.where(elsewhere, rng.integers(0, tastes, customers), taste)
    country = [COUNTRIES[one] for one in home]
    return PlantedTastes(_shop(chance, country, rng), chance, country)


def _shop(chance: NDArray[np.float64], country: list[str], rng: np.random.Generator) -> Shop:
    """Some sixteen lines a customer, spread over the days, and a guest who alone bought one product."""
    customers, products = chance.shape
    buyer = np.sort(rng.integers(0, customers, 16 * customers))
    edges = np.cumsum(chance, axis=1)
    product = np.minimum((rng.random(len(buyer))[:, None] > edges[buyer]).sum(axis=1), products - 1)
    day = rng.integers(0, DAYS, len(buyer))
    # by day, so that customers' numbers rise with their first order as in an imported shop
    lines: list[Line] = [
        (int(one), f"p{what:02d}", int(when)) for one, what, when in zip(buyer, product, day, strict=True)
    ]
    lines = sorted([*lines, (None, "never to a customer", CUTOFF_DAY - 1)], key=lambda line: line[2])
    homes = [None if one is None else country[one] for one, _, _ in lines]
    shop = hand_made_shop(lines)
    return Shop.from_tables(
        order_lines(lines, country=homes), shop.products, shop.customers.collect(), settings=shop.settings
    )


@cache
def planted() -> tuple[PlantedTastes, Interactions]:
    """The shop that contracts share, made once, and what is known of it at its cutoff."""
    made = planted_tastes()
    return made, build_interactions(made.shop.as_of(made.cutoff()))


def hand_made_interactions(lines: Iterable[Line]) -> Interactions:
    """The interactions of a hand-made shop, with the cutoff on the day after its last line; see `hand_made_shop`."""
    return build_interactions(hand_made_shop(lines).as_of())


def one_order_a_day(interactions: Interactions) -> Interactions:
    """Put everything that a customer bought on one day into one order; a hand-made shop has one line per order."""
    order = interactions.lines.select(order=pl.struct("customer", "day").rle_id().cast(pl.Int32))
    return replace(interactions, lines=interactions.lines.with_columns(order))


def customers_of(interactions: Interactions | None, rows: Sequence[int]) -> Queries:
    """Queries for some rows (-1: never seen), in the context of each one's last order where it is known."""
    asked = np.array(rows, dtype=np.int64)
    if interactions is not None:
        return interactions.queries(asked)
    nothing = {name: [None] * len(asked) for name in CONTEXT_SCHEMA}
    return Queries(asked, pl.DataFrame(nothing, CONTEXT_SCHEMA))


class RecommenderContract:
    """The promises of `frontrow.models.recommender.Recommender`.

    Attributes:
        recommender: The recommender under test.
        floor: Share of the way from a random list to the best possible list of five that it goes at least, in true
            chances to buy, for customers with a history.
        floor_unseen: The same for customers of whom the context alone is known.
    """

    recommender: ClassVar[Recommender]
    floor: ClassVar[float]
    floor_unseen: ClassVar[float] = 0.0

    def test_recovers_planted_truth(self) -> None:
        """It finds what customers want, known from the shop's making."""
        made, interactions = planted()
        chance = _chance(made, interactions)
        seen = customers_of(interactions, range(interactions.shape[0]))
        strangers = Queries(np.full(len(seen), -1, dtype=np.int64), seen.context)
        found = _way(self._fitted(), seen, chance), _way(self._fitted(), strangers, chance)
        assert self.floor < found[0] <= 1.0
        assert self.floor_unseen < found[1] <= 1.0

    def test_scores_repeat(self) -> None:
        """The same seed gives the same scores, to the bit, and the interactions are left as they were."""
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
        """Float32, also for a customer never seen in a context never seen, and for what no customer bought."""
        _, interactions = planted()
        assert (interactions.counts().sum(axis=0) == 0).sum() == 1
        nowhere = customers_of(None, [-1, 0, 1])
        for queries in (self._everyone(), nowhere, customers_of(interactions, [-1, -1])):
            scores = self._fitted().scores(queries)
            assert scores.dtype == np.float32
            assert scores.shape == (len(queries), interactions.shape[1])
            assert np.isfinite(scores).all()

    def test_saved_and_read_back_it_scores_the_same(self, tmp_path: Path) -> None:
        """To the bit, and nothing is read from the interactions; a damaged file is refused."""
        self._fitted().save(tmp_path / "model")
        queries = self._everyone()
        read = self.recommender.load(tmp_path / "model")
        np.testing.assert_array_equal(read.scores(queries), self._fitted().scores(queries))
        next((tmp_path / "model").rglob("*.safetensors")).write_bytes(b"")
        with pytest.raises(ArtifactError):
            self.recommender.load(tmp_path / "model")

    def test_it_compares_products_where_it_says_so(self) -> None:
        """`frontrow similar` asks before the fit."""
        fitted = self._fitted()
        assert isinstance(fitted, Similar) == self.recommender.compares_products
        if isinstance(fitted, Similar):
            alike = fitted.similar(np.array([2, 0]))
            assert alike.dtype == np.float32
            assert alike.shape == (2, planted()[1].shape[1])
            assert np.isfinite(alike).all()

    def test_no_queries_no_scores(self) -> None:
        """An empty block is no error."""
        _, interactions = planted()
        assert self._fitted().scores(customers_of(interactions, [])).shape == (0, interactions.shape[1])

    def test_blocks_of_queries_give_the_scores_of_all(self) -> None:
        """But for the rounding of sums in another order."""
        queries = self._everyone()
        fitted, half = self._fitted(), len(queries) // 2
        blocks = [fitted.scores(queries.block(0, half)), fitted.scores(queries.block(half, len(queries)))]
        np.testing.assert_allclose(np.concatenate(blocks), fitted.scores(queries), rtol=1e-4, atol=1e-5)

    def test_what_comes_after_the_cutoff_changes_nothing(self) -> None:
        """Its lines dealt to others, dearer, or gone: the scores stay as they were, to the bit."""
        made, _ = planted()
        scores = self._fitted().scores(self._everyone())
        for shop in _other_futures(made):
            interactions = build_interactions(shop.as_of(made.cutoff()))
            found = self.recommender.fit(interactions, seed=3).scores(
                customers_of(interactions, range(-1, interactions.shape[0]))
            )
            np.testing.assert_array_equal(scores, found)

    def _everyone(self) -> Queries:
        _, interactions = planted()
        return customers_of(interactions, range(-1, interactions.shape[0]))

    def _fitted(self) -> Fitted:
        _, interactions = planted()
        if type(self) not in _FITTED:
            _FITTED[type(self)] = self.recommender.fit(interactions, seed=3)
        return _FITTED[type(self)]


_FITTED: dict[type[RecommenderContract], Fitted] = {}


def _chance(made: PlantedTastes, interactions: Interactions) -> NDArray[np.float64]:
    """The truth in the columns of the interactions; none for what is not known of it."""
    columns = [int(one[1:]) if one[1:].isdigit() else -1 for one in interactions.products["product_id"]]
    padded = np.hstack([made.chance, np.zeros((len(made.chance), 1))])
    return padded[interactions.customer_ids][:, columns]


def _way(fitted: Fitted, queries: Queries, chance: NDArray[np.float64]) -> float:
    lists = top_k(fitted, queries, k=5, candidates=np.ones(chance.shape[1], dtype=np.bool_))
    found = np.take_along_axis(chance, lists, axis=1).sum()
    best = np.sort(chance, axis=1)[:, -5:].sum()
    chosen_at_random = 5 * chance.mean(axis=1).sum()
    return float((found - chosen_at_random) / (best - chosen_at_random))


def _other_futures(made: PlantedTastes) -> list[Shop]:
    shop, rng = made.shop, np.random.default_rng(0)
    orders = shop.orders.collect()
    day = DAY_ZERO + CUTOFF_DAY
    before, after = orders.filter(pl.col("day") < day), orders.filter(pl.col("day") >= day)
    dealt = after.with_columns(
        *[pl.Series(name, after[name].gather(rng.permutation(after.height))) for name in ("customer_id", "product_id")],
        price=pl.col("price") * 3.0,
        country=pl.lit("elsewhere"),
    )
    futures = (pl.concat([dealt.gather(rng.permutation(after.height)), before]), before)
    return [Shop.from_tables(one, shop.products, shop.customers.collect(), settings=shop.settings) for one in futures]
