"""Popularity with weights fitted on past first orders: the contract, a second count of each signal, and the fit."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy.special import expit

from frontrow.metrics.ranking import ndcg
from frontrow.models.interactions.interactions import Interactions, build_interactions
from frontrow.models.interactions.purchases import Purchases, count_purchases
from frontrow.models.popularity.learned import Choice, choice_weights, list_weights, season, selling_signals
from frontrow.models.popularity.popularity import recent_popularity
from frontrow.models.recommenders import learned_popularity
from frontrow.testing.recommenders import RecommenderContract, customers_of, planted
from frontrow.testing.shops import DAY_ZERO, hand_made_shop
from thread_counts import on_one_and_two_threads

Lines = list[tuple[int | None, str, int]]


class TestLearnedPopularity(RecommenderContract):
    recommender = learned_popularity.Recommender()
    floor = 0.05
    floor_new = 0.05


def interactions_of(lines: Lines) -> Interactions:
    return build_interactions(hand_made_shop(lines).as_of())


def counted(purchases: list[tuple[int, int, int]]) -> Purchases:
    """Purchases of (customer, product, day); what a customer buys in a day is one order."""
    lines = pl.DataFrame(
        sorted(purchases, key=lambda line: (line[0], line[2])), ["customer", "product", "day"], orient="row"
    )
    return count_purchases(lines.with_columns(order=pl.struct("customer", "day").rle_id(), quantity=1), products=4)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 60)), min_size=1, max_size=30),
    st.integers(0, 70),
)
@settings(max_examples=40)
def test_signals_are_those_of_a_slow_count(purchases: list[tuple[int, int, int]], later: int) -> None:
    """Counted by customer and product, without anything from the day on."""
    recent, first_orders = np.zeros(4), np.zeros(4)
    for customer in {buyer for buyer, _, _ in purchases}:
        first_day = min(day for buyer, _, day in purchases if buyer == customer)
        basket = {product for buyer, product, day in purchases if (buyer, day) == (customer, first_day)}
        for product in range(4):
            days = [
                day
                for buyer, bought_product, day in purchases
                if (buyer, bought_product) == (customer, product) and day < later
            ]
            if days:
                recent[product] += 0.5 ** ((later - max(days)) / 10)
            if first_day in days:
                first_orders[product] += list_weights(np.array([len(basket)]))[0] * 0.5 ** ((later - first_day) / 60)
    signals = selling_signals(counted(purchases), later, products=4)
    np.testing.assert_allclose(np.expm1(signals), np.column_stack([recent, first_orders]), atol=1e-9)


def test_list_weights_equal_ndcg() -> None:
    hits = np.zeros((12, 10), dtype=np.bool_)
    hits[:, 0] = True
    lengths = np.arange(1, 13)
    np.testing.assert_allclose(list_weights(lengths), ndcg(hits, lengths))


def test_the_season_follows_last_year() -> None:
    # 40 bought the rake in the month before, then 40 the pot and 20 the rake; 60 are scaled to count as 40
    rakes: Lines = [(number, "rake", number % 30) for number in range(40)]
    last_year: Lines = [(100 + number, "pot" if number < 40 else "rake", 30 + number % 30) for number in range(60)]
    interactions = interactions_of([*rakes, *last_year, (999, "pot", 393)])
    day = DAY_ZERO + 394
    pot, rake = season(interactions.purchases, day, 2)
    assert pot == pytest.approx(np.log((40 * 40 / 60 + 30) / 30))
    assert rake == pytest.approx(np.log((20 * 40 / 60 + 30) / (40 + 30)))
    # a day earlier, the history does not reach back over the whole month before
    assert season(interactions.purchases, day - 1, 2).tolist() == [0.0, 0.0]


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_choice_weights_are_the_best_of_their_loss(seed: int) -> None:
    """Compared with a minimisation without gradients."""
    rng = np.random.default_rng(seed)
    offers = [Choice(rng.normal(size=(6, 2)), rng.integers(0, 5, 6).astype(np.float64)) for _ in range(3)]
    spread = np.concatenate([offer.signals for offer in offers]).std(axis=0)

    def loss(weights: np.ndarray) -> float:
        total = 0.5 * np.sum((weights * spread) ** 2)
        for offer in offers:
            odds = np.exp(offer.signals @ weights)
            total -= offer.chosen @ np.log(odds / odds.sum())
        return float(total)

    expected = optimize.minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10}).x
    np.testing.assert_allclose(choice_weights(offers, penalty=1.0), expected, atol=1e-3)


def test_only_new_customers_of_the_window_are_used() -> None:
    """Each customer counts once, with all products of the window."""
    lines: Lines = [(1, "pot", 0), (2, "bulb", 0), (1, "bulb", 12), (3, "pot", 12), (3, "bulb", 12), (3, "pot", 15)]
    interactions = interactions_of([*lines, (4, "pot", 45)])
    training = learned_popularity.training_window(
        interactions, DAY_ZERO + 10, learned_popularity.LearnedPopularitySettings()
    )
    assert (training.customers, training.bought) == (1, 2)
    (choice,) = training.choices
    # each product was bought by one customer on day 0: they are in the order of the shop
    weight = list_weights(np.array([2]))[0]
    assert choice.chosen.tolist() == [weight, weight]
    assert choice.signals[:, :2].tolist() == selling_signals(interactions.purchases, DAY_ZERO + 10, 2).tolist()
    # before the first order there is no data
    assert (
        learned_popularity.training_window(
            interactions, DAY_ZERO, learned_popularity.LearnedPopularitySettings()
        ).choices
        == []
    )


def test_learned_popularity_learns_which_signal_first_orders_follow() -> None:
    """New customers buy what earlier new customers bought, not what returning customers buy more often."""
    lines: Lines = []
    for month in range(8):
        for number in range(12):
            stranger = 1_000 + 100 * month + number
            lines.append((stranger, f"first {number % 2}", 30 * month + number))
        for customer in range(20):
            lines += [(customer, f"again {number}", 30 * month + customer % 28) for number in range(3)]
    interactions = build_interactions(hand_made_shop(lines).as_of())
    model_settings = learned_popularity.LearnedPopularitySettings(penalty=0.1)
    fitted = learned_popularity.Recommender(model_settings).fit(interactions, seed=0)
    scores = fitted.scores(customers_of(None, [-1]))[0]
    order = interactions.products["product_id"].gather(np.argsort(-scores, kind="stable")).to_list()
    assert {product_id[:5] for product_id in order[:2]} == {"first"}
    assert order != popular_recent_order(interactions)


def popular_recent_order(interactions: Interactions) -> list[str]:
    scores = recent_popularity(interactions)
    return interactions.products["product_id"].gather(np.argsort(-scores, kind="stable")).to_list()


def test_with_few_first_orders_recent_popularity_is_used() -> None:
    interactions = build_interactions(hand_made_shop([(7, "pot", 0), (8, "pot", 40), (8, "bulb", 40)]).as_of())
    fitted = learned_popularity.Recommender().fit(interactions, seed=0)
    expected = recent_popularity(interactions)
    np.testing.assert_array_equal(fitted.scores(customers_of(None, [-1]))[0], expected)
    assert fitted.horizon_days is None


def test_probabilities_add_up_to_purchases_of_new_customers() -> None:
    """In every country, and each probability is below 1."""
    _, interactions = planted()
    fitted = learned_popularity.Recommender().fit(interactions, seed=0)
    assert fitted.horizon_days == 30
    probability = expit(fitted.scores(interactions.queries()).astype(np.float64))
    assert 0 < probability.min() < probability.max() < 1
    expected = -np.log1p(-probability)[:, fitted.best_selling].sum(axis=1)
    np.testing.assert_allclose(expected, fitted.bought, rtol=1e-4)


def test_last_season_is_added() -> None:
    """Two products sell equally now: the one that sold more in the following weeks a year ago is first."""
    lines: Lines = []
    for day in range(-30, 0):
        lines += [(1_000 + day, "autumn", day + 30), (2_000 + day, "spring", day + 60)]
    for day in range(100, 395):
        lines += [(10_000 + day, name, day) for name in ("autumn", "spring")]
    interactions = interactions_of(sorted(lines, key=lambda line: line[2]))
    assert interactions.cutoff_day == DAY_ZERO + 395
    score = learned_popularity.Recommender().fit(interactions, seed=0).score
    no_season = learned_popularity.LearnedPopularitySettings(season_weight=0.0)
    without_season = learned_popularity.Recommender(no_season).fit(interactions, seed=0).score
    assert without_season[0] == without_season[1]
    assert score[1] > score[0]


def test_many_products_give_the_same_weights_on_one_thread_and_on_two() -> None:
    rng = np.random.default_rng(0)
    choices = [Choice(rng.normal(size=(20_000, 5)), rng.poisson(2, 20_000).astype(float)) for _ in range(6)]
    first, second = on_one_and_two_threads(lambda: choice_weights(choices, penalty=1.0))
    assert first.tolist() == second.tolist()
