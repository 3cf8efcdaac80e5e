"""Each recommender keeps the contract, and does what its name says on shops small enough to count by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from frontrow import errors
from frontrow.errors import MissingExtraError
from frontrow.models.interactions.interactions import Interactions, build_interactions
from frontrow.models.recommender import Similar
from frontrow.models.recommenders import als, item_to_item, own_repeats, popular, popular_in_country, popular_recent
from frontrow.testing.recommenders import RecommenderContract, customers_of
from frontrow.testing.shops import hand_made_shop


class TestPopular(RecommenderContract):
    recommender = popular.Recommender()
    floor = 0.02
    floor_unseen = 0.02


class TestPopularRecent(RecommenderContract):
    recommender = popular_recent.Recommender()
    floor = 0.03
    floor_unseen = 0.03


class TestPopularInCountry(RecommenderContract):
    recommender = popular_in_country.Recommender()
    floor = 0.2
    floor_unseen = 0.2


class TestOwnRepeats(RecommenderContract):
    recommender = own_repeats.Recommender()
    floor = 0.6
    floor_unseen = 0.03


class TestItemToItem(RecommenderContract):
    recommender = item_to_item.Recommender()
    floor = 0.45
    floor_unseen = 0.03


class TestAls(RecommenderContract):
    recommender = als.Recommender()
    floor = 0.25
    floor_unseen = 0.03


def known(*lines: tuple[int | None, str, int], country: dict[int, str] | None = None) -> Interactions:
    found = build_interactions(hand_made_shop(lines).as_of())
    if country is None:
        return found
    names = [country.get(int(found.customer_ids[row])) for row in found.lines["customer"]]
    return Interactions(
        found.cutoff_day,
        found.customer_ids,
        found.products,
        found.lines.with_columns(country=pl.Series(names, dtype=pl.String)),
    )


def ordered(found: Interactions, scores: np.ndarray) -> list[str]:
    return found.products["product_id"].gather(np.argsort(-scores, kind="stable")).to_list()


def test_popular_counts_customers_not_lines() -> None:
    found = known((1, "a", 0), (1, "a", 1), (1, "a", 2), (1, "b", 3), (2, "b", 3))
    assert popular.Recommender().fit(found, seed=0).score.tolist() == [1, 2]


def test_recent_is_thirty_days_and_ties_go_to_the_longer_history() -> None:
    # a: three buyers long ago; b: one buyer lately; c: one buyer lately, one before; the last day is 40
    found = known((1, "a", 0), (2, "a", 0), (3, "a", 0), (1, "b", 11), (1, "c", 12), (2, "c", 0), (9, "d", 40))
    scores = popular_recent.Recommender().fit(found, seed=0).score
    assert ordered(found, scores) == ["c", "b", "d", "a"]
    # one day earlier, b was 31 days ago
    found = known((1, "a", 0), (2, "a", 0), (1, "b", 10), (9, "d", 40))
    assert ordered(found, popular_recent.Recommender().fit(found, seed=0).score) == ["d", "a", "b"]


def test_the_country_comes_first_and_everywhere_after_it() -> None:
    lines = ((1, "a", 0), (2, "b", 0), (3, "b", 0), (4, "c", 0), (5, "c", 0), (6, "c", 0))
    found = known(*lines, country={1: "FR", 2: "DE", 3: "DE"})
    fitted = popular_in_country.Recommender().fit(found, seed=0)
    french, german, nobody = fitted.scores(customers_of(found, [0, 1, 3]))
    assert ordered(found, french) == ["a", "c", "b"]
    assert ordered(found, german) == ["b", "c", "a"]
    assert ordered(found, nobody) == ["c", "b", "a"]


def test_own_purchases_come_first_the_latest_of_equals_ahead() -> None:
    found = known((1, "a", 0), (1, "b", 5), (1, "c", 9), (1, "c", 9), (1, "a", 6), (2, "d", 9), (3, "d", 9))
    fitted = own_repeats.Recommender().fit(found, seed=0)
    first, second, stranger = fitted.scores(customers_of(found, [0, 1, -1]))
    # two orders each of a and c, those of c later
    assert ordered(found, first) == ["c", "a", "b", "d"]
    assert ordered(found, second)[0] == "d"
    assert ordered(found, stranger)[0] == "d"


def test_cosine_by_hand() -> None:
    # a: customers 1, 2; b: 1, 2, 3; c: 3; a and b share two of root(2 * 3), b and c one of root(3 * 1)
    found = known((1, "a", 0), (2, "a", 0), (1, "b", 0), (2, "b", 0), (3, "b", 0), (3, "c", 0), (3, "c", 1))
    fitted = item_to_item.Recommender().fit(found, seed=0)
    assert isinstance(fitted, Similar)
    np.testing.assert_allclose(fitted.similar(np.array([1])), [[2 / 6**0.5, 1, 1 / 3**0.5]], rtol=1e-6)
    scores = fitted.scores(customers_of(found, [2]))[0]
    # the lines of the third customer are one and two days old
    once, twice = 0.5 ** (2 / 180), 0.5 ** (2 / 180) + 0.5 ** (1 / 180)
    np.testing.assert_allclose(scores, [once * 2 / 6**0.5, once + twice / 3**0.5, once / 3**0.5 + twice], rtol=1e-6)


def test_few_neighbours_are_added_up_and_more_are_told() -> None:
    found = known((1, "a", 0), (2, "a", 0), (1, "b", 0), (2, "b", 0), (1, "c", 0), (3, "c", 0))
    settings = item_to_item.ItemToItemSettings(neighbours=2, kept=3)
    fitted = item_to_item.Recommender(settings).fit(found, seed=0)
    assert (fitted.similar(np.array([0])) > 0).tolist() == [[True, True, True]]
    # of the second customer's a and b, the nearest are themselves and one another
    assert (fitted.scores(customers_of(found, [1])) > 0).tolist() == [[True, True, False]]


def test_factors_tell_two_tastes_apart() -> None:
    """A checkerboard: half of the customers buy half of the products, each without one of them."""
    lines = [
        (customer, f"p{product}", 0) for customer in range(20) for product in range(10) if (customer - product) % 2 == 0
    ]
    found = known(*[line for line in lines if line[:2] != (0, "p0")])
    fitted = als.Recommender(als.AlsSettings(factors=4, regularization=0.1)).fit(found, seed=0)
    assert ordered(found, fitted.scores(customers_of(found, [0]))[0])[4] == "p0"
    assert fitted.similar(np.array([0]))[0, 2] > 0.7 > abs(fitted.similar(np.array([0]))[0, 1])


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'frontrow\[als\]'"):
        als.Recommender().fit(known((1, "a", 0)), seed=0)
