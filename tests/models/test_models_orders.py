"""BG/NBD and gamma-gamma against published figures, against simulation, and against a reference library."""

from __future__ import annotations

import numpy as np
import pytest

from frontrow.models.orders.bg_nbd import BetaGeometric, OrderCounts
from frontrow.models.orders.correction import Correction
from frontrow.models.orders.gamma_gamma import GammaGamma

CDNOW = BetaGeometric(r=0.243, alpha=4.414, a=0.793, b=2.426)
"""Table 2 of Fader, Hardie and Lee (2005), in weeks."""


def simulate(
    model: BetaGeometric, customers: int, days: float, later: float, seed: int
) -> tuple[OrderCounts, np.ndarray]:
    """Customers with a first order at 0: what BG/NBD reads of them after some days, and their orders until later."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(model.r, 1 / model.alpha, customers)
    leaving = rng.beta(model.a, model.b, customers)
    repeats, last, after = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    for customer, (rate, chance) in enumerate(zip(rates, leaving, strict=True)):
        day = rng.exponential(1 / rate)
        while day < later:
            if day < days:
                repeats[customer], last[customer] = repeats[customer] + 1, day
            else:
                after[customer] += 1
            if rng.random() < chance:
                break
            day += rng.exponential(1 / rate)
    return OrderCounts(repeats, last, np.full(customers, days)), after


def test_bg_nbd_expects_what_the_paper_says() -> None:
    """Two repeat orders, the last in week 30.43 of 38.86: 1.226 orders in the next 39 weeks."""
    customer = OrderCounts(np.array([2.0]), np.array([30.43]), np.array([38.86]))
    assert CDNOW.expected_orders(customer, 39.0)[0] == pytest.approx(1.226, abs=5e-4)


def test_the_likelihood_without_a_repeat_order_is_that_of_a_gamma_mixture() -> None:
    customer = OrderCounts(np.array([0.0]), np.array([0.0]), np.array([30.0]))
    by_hand = CDNOW.r * np.log(CDNOW.alpha / (CDNOW.alpha + 30.0))
    assert CDNOW.log_likelihood(customer)[0] == pytest.approx(by_hand)
    assert CDNOW.chance_alive(customer)[0] == 1.0


def test_bg_nbd_foresees_what_its_own_customers_do() -> None:
    model = BetaGeometric(r=0.8, alpha=40.0, a=0.9, b=3.0)
    customers, after = simulate(model, 20_000, days=200.0, later=290.0, seed=1)
    chances, expected = model.chance_to_order(customers, 90.0), model.expected_orders(customers, 90.0)
    assert chances.sum() == pytest.approx((after > 0).sum(), rel=0.03)
    assert expected.sum() == pytest.approx(after.sum(), rel=0.04)
    likely = chances > np.quantile(chances, 0.8)
    assert chances[likely].sum() == pytest.approx((after[likely] > 0).sum(), rel=0.03)


def test_the_fit_finds_parameters_that_foresee_as_well_as_the_true_ones() -> None:
    true = BetaGeometric(r=0.8, alpha=40.0, a=0.9, b=3.0)
    customers, _ = simulate(true, 8_000, days=200.0, later=200.0, seed=2)
    fitted = BetaGeometric.fit(customers)
    assert fitted.log_likelihood(customers).mean() > true.log_likelihood(customers).mean() - 1e-5
    assert fitted.expected_orders(customers, 90.0).sum() == pytest.approx(
        true.expected_orders(customers, 90.0).sum(), rel=0.05
    )


def test_a_customer_without_repeats_a_single_customer_and_a_parameter_of_one_are_no_trouble() -> None:
    lone = OrderCounts(np.array([0.0]), np.array([0.0]), np.array([1.0]))
    fitted = BetaGeometric.fit(lone)
    assert 0 <= fitted.chance_to_order(lone, 30.0)[0] <= 1
    busy = OrderCounts(np.array([400.0]), np.array([800.0]), np.array([1_500.0]))
    level = BetaGeometric(r=1.0, alpha=10.0, a=1.0, b=1.0)
    assert np.isfinite(level.expected_orders(busy, 365.0)).all()
    assert 0 <= level.chance_alive(busy)[0] < 1e-6


def test_gamma_gamma_expects_the_published_amounts() -> None:
    """CDNOW customers with their repeat orders and mean amounts; without an order, the mean of all."""
    model = GammaGamma(p=6.25, q=3.74, gamma=15.44)
    orders, amounts = np.array([2.0, 1.0, 0.0, 7.0]), np.array([22.35, 11.77, 0.0, 73.74])
    assert model.expected_spend_per_order(orders, amounts) == pytest.approx([24.65, 18.91, 35.17, 71.46], abs=0.1)


def test_gamma_gamma_finds_the_mean_amount_of_simulated_customers() -> None:
    rng = np.random.default_rng(3)
    orders = rng.integers(1, 6, 8_000).astype(float)
    means = 6.0 / rng.gamma(4.0, 1 / 60.0, 8_000)
    amounts = rng.gamma(6.0 * orders, means / 6.0 / orders)
    model = GammaGamma.fit(orders, amounts)
    assert model is not None
    expected = model.expected_spend_per_order(orders, amounts)
    assert expected.mean() == pytest.approx(means.mean(), rel=0.05)
    assert np.abs(expected - means).mean() < np.abs(amounts - means).mean()
    assert GammaGamma.fit(orders, np.zeros(8_000)) is None


def test_trees_start_from_what_the_simpler_model_says() -> None:
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(3_000, 2)).astype(np.float32)
    starts = rng.normal(size=3_000)
    outcomes = (rng.random(3_000) < 1 / (1 + np.exp(-starts))).astype(float)
    trees = Correction.fit(rows, outcomes, starts, predicts="chance", seed=0)
    assert np.abs(trees.correct(rows)).mean() < 0.2
    again = Correction.fit(rows, outcomes, starts, predicts="chance", seed=0)
    assert np.array_equal(trees.correct(rows), again.correct(rows))


@pytest.mark.filterwarnings("ignore")  # of the library, which is older than what it uses
def test_the_reference_library_says_the_same() -> None:
    lifetimes = pytest.importorskip("lifetimes", reason="lifetimes, the reference for BG/NBD, is not installed")
    customers, _ = simulate(BetaGeometric(0.8, 40.0, 0.9, 3.0), 3_000, days=200.0, later=200.0, seed=5)
    reference = lifetimes.BetaGeoFitter().fit(customers.repeats, customers.last_day, customers.tenure_days)
    ours = BetaGeometric.fit(customers)
    theirs = reference.conditional_expected_number_of_purchases_up_to_time(
        90.0, customers.repeats, customers.last_day, customers.tenure_days
    )
    assert ours.expected_orders(customers, 90.0) == pytest.approx(np.asarray(theirs), rel=0.05, abs=0.02)
