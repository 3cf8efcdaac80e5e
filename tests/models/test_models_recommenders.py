"""Each recommender fulfils the contract and gives the expected lists on shops small enough to count by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from frontrow import errors
from frontrow.errors import MissingExtraError
from frontrow.models.interactions.interactions import Interactions, build_interactions
from frontrow.models.popularity.country import CountryTable
from frontrow.models.recommender import Similar
from frontrow.models.recommenders import als, item_to_item, own_repeats, popular, pure_svd
from frontrow.testing.recommenders import RecommenderContract, customers_of, one_order_a_day
from frontrow.testing.shops import hand_made_shop


class TestPopular(RecommenderContract):
    recommender = popular.Popularity(popular.VARIANTS["popular"])
    floor = 0.02
    floor_new = 0.02


class TestPopularRecent(RecommenderContract):
    recommender = popular.Popularity(popular.VARIANTS["popular_recent"])
    floor = 0.03
    floor_new = 0.03


class TestPopularInCountry(RecommenderContract):
    recommender = popular.Popularity(popular.VARIANTS["popular_in_country"])
    floor = 0.2
    floor_new = 0.2


class TestPopularFirstOrders(RecommenderContract):
    recommender = popular.Popularity(popular.VARIANTS["popular_first_orders"])
    floor = 0.03
    floor_new = 0.03


class TestPopularFirstPurchases(RecommenderContract):
    recommender = popular.Popularity(popular.VARIANTS["popular_first_purchases"])
    floor = 0.2
    floor_new = 0.2


class TestPopularInSeason(RecommenderContract):
    recommender = popular.Popularity(popular.VARIANTS["popular_in_season"])
    floor = 0.03
    floor_new = 0.03


class TestOwnRepeats(RecommenderContract):
    recommender = own_repeats.Recommender()
    floor = 0.6
    floor_new = 0.03


class TestItemToItem(RecommenderContract):
    recommender = item_to_item.Recommender()
    floor = 0.45
    floor_new = 0.03


class TestAls(RecommenderContract):
    recommender = als.Recommender()
    floor = 0.25
    floor_new = 0.03


class TestPureSvd(RecommenderContract):
    recommender = pure_svd.Recommender()
    floor = 0.25
    floor_new = 0.03


def interactions_of(*lines: tuple[int | None, str, int], country: dict[int, str] | None = None) -> Interactions:
    interactions = build_interactions(hand_made_shop(lines).as_of())
    if country is None:
        return interactions
    names = [country.get(int(interactions.customer_ids[row])) for row in interactions.lines["customer"]]
    return Interactions(
        interactions.cutoff_day,
        interactions.customer_ids,
        interactions.products,
        interactions.lines.with_columns(country=pl.Series(names, dtype=pl.String)),
    )


def fitted(name: str, interactions: Interactions) -> CountryTable:
    return popular.Popularity(popular.VARIANTS[name]).fit(interactions, seed=0)


def ordered(interactions: Interactions, scores: np.ndarray) -> list[str]:
    return interactions.products["product_id"].gather(np.argsort(-scores, kind="stable")).to_list()


def test_popular_counts_customers_not_lines() -> None:
    interactions = interactions_of((1, "a", 0), (1, "a", 1), (1, "a", 2), (1, "b", 3), (2, "b", 3))
    assert fitted("popular", interactions).values[0].tolist() == [1, 2]


def test_recent_is_thirty_days_and_ties_go_to_the_longer_history() -> None:
    # a: three buyers long ago; b: one buyer lately; c: one buyer lately, one before; the last day is 40
    interactions = interactions_of(
        (1, "a", 0), (2, "a", 0), (3, "a", 0), (1, "b", 11), (1, "c", 12), (2, "c", 0), (9, "d", 40)
    )
    scores = fitted("popular_recent", interactions).values[0]
    assert ordered(interactions, scores) == ["c", "b", "d", "a"]
    # one day earlier, b was 31 days ago
    interactions = interactions_of((1, "a", 0), (2, "a", 0), (1, "b", 10), (9, "d", 40))
    assert ordered(interactions, fitted("popular_recent", interactions).values[0]) == ["d", "a", "b"]


def test_the_country_comes_first_and_everywhere_after_it() -> None:
    lines = ((1, "a", 0), (2, "b", 0), (3, "b", 0), (4, "c", 0), (5, "c", 0), (6, "c", 0))
    interactions = interactions_of(*lines, country={1: "FR", 2: "DE", 3: "DE"})
    french, german, nobody = fitted("popular_in_country", interactions).scores(customers_of(interactions, [0, 1, 3]))
    assert ordered(interactions, french) == ["a", "c", "b"]
    assert ordered(interactions, german) == ["b", "c", "a"]
    assert ordered(interactions, nobody) == ["c", "b", "a"]


def test_first_orders_are_those_of_the_last_days_and_all_their_lines() -> None:
    """The day after the last line is 41: customer 1 began too long ago, and the second order of 2 is no first."""
    interactions = interactions_of(
        (1, "a", 0), (2, "b", 11), (2, "a", 12), (3, "b", 40), (3, "c", 40), (1, "d", 40), (4, "c", 40)
    )
    interactions = one_order_a_day(interactions)
    scores = fitted("popular_first_orders", interactions).scores(customers_of(interactions, [-1]))[0]
    # three first orders: b of 2 and 3, c of 3 and 4; the recent orders settle ties and the rest: a and d have one each,
    # and a has two customers of all time
    assert ordered(interactions, scores) == ["b", "c", "a", "d"]


def test_first_purchases_pass_over_what_is_bought_again() -> None:
    lines = [(customer, "again", day) for customer in (1, 2, 3) for day in (0, 30)]
    interactions = interactions_of(
        *lines, (1, "taken up", 25), (2, "taken up", 16), (4, "again", 0), country=dict.fromkeys(range(5), "FR")
    )
    french = interactions.queries()
    scores = fitted("popular_first_purchases", interactions).scores(french)[0]
    assert ordered(interactions, scores) == ["taken up", "again"]
    # day 31: of the two first purchases the one of day 16 is 15 days old
    lines_counted = popular.lines_that_count(interactions, "first purchases", 14)
    assert lines_counted.select("customer", "day").rows() == [(0, 20_025)]


def test_the_season_is_thirty_days_from_52_weeks_ago() -> None:
    season, now = ((1, "then", 0), (2, "then", 29), (1, "later", 30)), ((1, "now", 363), (2, "now", 363))
    interactions = interactions_of(*season, *now)
    assert interactions.cutoff_day == 20_364
    scores = fitted("popular_in_season", interactions).scores(customers_of(interactions, [-1]))[0]
    assert ordered(interactions, scores) == ["then", "now", "later"]
    # a history that is one day too short gives no season
    short = interactions_of((1, "then", 1), (2, "then", 29), *now)
    scores = fitted("popular_in_season", short).scores(customers_of(short, [-1]))[0]
    assert ordered(short, scores) == ["now", "then"]


def test_own_purchases_come_first_the_latest_of_equals_ahead() -> None:
    interactions = interactions_of(
        (1, "a", 0), (1, "b", 5), (1, "c", 9), (1, "c", 9), (1, "a", 6), (2, "d", 9), (3, "d", 9)
    )
    fitted = own_repeats.Recommender().fit(interactions, seed=0)
    first, second, stranger = fitted.scores(customers_of(interactions, [0, 1, -1]))
    # two orders each of a and c, those of c later
    assert ordered(interactions, first) == ["c", "a", "b", "d"]
    assert ordered(interactions, second)[0] == "d"
    assert ordered(interactions, stranger)[0] == "d"


def test_cosine_by_hand() -> None:
    # a: customers 1, 2; b: 1, 2, 3; c: 3; a and b share two of root(2 * 3), b and c one of root(3 * 1)
    interactions = interactions_of(
        (1, "a", 0), (2, "a", 0), (1, "b", 0), (2, "b", 0), (3, "b", 0), (3, "c", 0), (3, "c", 1)
    )
    fitted = item_to_item.Recommender().fit(interactions, seed=0)
    assert isinstance(fitted, Similar)
    np.testing.assert_allclose(fitted.similar(np.array([1])), [[2 / 6**0.5, 1, 1 / 3**0.5]], rtol=1e-6)
    scores = fitted.scores(customers_of(interactions, [2]))[0]
    # the lines of the third customer are one and two days old
    one_line, two_lines = 0.5 ** (2 / 180), 0.5 ** (2 / 180) + 0.5 ** (1 / 180)
    np.testing.assert_allclose(
        scores, [one_line * 2 / 6**0.5, one_line + two_lines / 3**0.5, one_line / 3**0.5 + two_lines], rtol=1e-6
    )


def test_few_neighbours_are_summed_and_more_are_stored() -> None:
    interactions = interactions_of((1, "a", 0), (2, "a", 0), (1, "b", 0), (2, "b", 0), (1, "c", 0), (3, "c", 0))
    settings = item_to_item.ItemToItemSettings(neighbours=2, stored=3)
    fitted = item_to_item.Recommender(settings).fit(interactions, seed=0)
    assert (fitted.similar(np.array([0])) > 0).tolist() == [[True, True, True]]
    # the nearest products of the second customer's a and b are a and b
    assert (fitted.scores(customers_of(interactions, [1])) > 0).tolist() == [[True, True, False]]


def test_factors_separate_two_tastes() -> None:
    """A checkerboard: half of the customers buy half of the products, each without one of them."""
    lines = [
        (customer, f"p{product}", 0) for customer in range(20) for product in range(10) if (customer - product) % 2 == 0
    ]
    interactions = interactions_of(*[line for line in lines if line[:2] != (0, "p0")])
    fitted = als.Recommender(als.AlsSettings(factors=4, regularization=0.1)).fit(interactions, seed=0)
    assert ordered(interactions, fitted.scores(customers_of(interactions, [0]))[0])[4] == "p0"
    assert fitted.similar(np.array([0]))[0, 2] > 0.7 > abs(fitted.similar(np.array([0]))[0, 1])


def test_singular_vectors_fill_a_gap_in_a_pattern() -> None:
    """A checkerboard, as above: customer 0 has all of half of the products but one."""
    lines = [
        (customer, f"p{product}", 0) for customer in range(20) for product in range(10) if (customer - product) % 2 == 0
    ]
    interactions = interactions_of(*[line for line in lines if line[:2] != (0, "p0")])
    fitted = pure_svd.Recommender(pure_svd.PureSvdSettings(dimensions=2)).fit(interactions, seed=0)
    scores = fitted.scores(customers_of(interactions, [0]))[0]
    assert ordered(interactions, scores)[4] == "p0"
    assert scores[::2].min() > 0.7 > abs(scores[1::2]).max()
    assert fitted.similar(np.array([0]))[0, 2] > 0.9


def test_scores_of_singular_vectors_are_sums_of_whole_numbers() -> None:
    """So that no order of adding them up changes the result."""
    interactions = interactions_of((1, "a", 0), (1, "b", 3), (2, "b", 4), (2, "c", 5), (3, "a", 9), (3, "c", 9))
    fitted = pure_svd.Recommender().fit(interactions, seed=0)
    assert (fitted.customers == np.round(fitted.customers)).all()
    assert (fitted.products == np.round(fitted.products)).all()
    assert np.abs(fitted.products).max() <= pure_svd.STEPS
    history = np.sqrt(interactions.counts(half_life_days=180).toarray())
    np.testing.assert_allclose(fitted.scores(interactions.queries()), history, atol=1e-4)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'frontrow\[als\]'"):
        als.Recommender().fit(interactions_of((1, "a", 0)), seed=0)
