"""The stated probabilities are those of the process: new simulations of the same world agree with them."""

import datetime as dt
import itertools

import numpy as np
import polars as pl
import pytest

from frontrow.synthetic import SyntheticShop
from frontrow.synthetic.truth import (
    Window,
    basket_share,
    buyers,
    line_weight,
    product_positions,
    purchase_probability,
)

GARDEN = SyntheticShop(customers=3_000, seed=5)
END_DAY = (GARDEN.first_day - dt.date(1970, 1, 1)).days + GARDEN.days
COURSES = 60


def simulated(garden: SyntheticShop, products: np.ndarray, days) -> np.ndarray:
    return sum(buyers(garden.world, 0, products, days, replicate).astype(float) for replicate in range(1, COURSES + 1))


@pytest.mark.parametrize("before_end", [400, 15, 0])
def test_probabilities_equal_those_of_new_simulations(before_end: int) -> None:
    cutoff = END_DAY - before_end
    ids = pl.concat([GARDEN.launches()["product_id"], GARDEN.upcoming()["product_id"]])
    products = product_positions(GARDEN.world, ids[:40] if before_end == 400 else ids[-30:])
    days = Window.from_cutoff(GARDEN.world, END_DAY - GARDEN.days, cutoff, 45)
    probability = purchase_probability(GARDEN.world, GARDEN.world.draw_block(0), products, days)
    bought = simulated(GARDEN, products, days)
    expected, spread = probability.sum() * COURSES, np.sqrt((probability * (1 - probability)).sum() * COURSES)
    assert expected > 500
    assert abs(bought.sum() - expected) < 4 * spread
    # and not only in sum: in each bin of stated probability, from the lowest to the highest
    edges = np.quantile(probability[probability > 0], [0, 0.5, 0.8, 0.9, 0.96, 0.99, 0.998, 1])
    for low, high in itertools.pairwise(edges):
        inside = (probability >= low) & (probability < high)
        mean = probability[inside].sum() * COURSES
        assert abs(bought[inside].sum() - mean) < 4 * np.sqrt(mean) + 1


def test_a_first_order_within_the_horizon_counts() -> None:
    customers = GARDEN.world.draw_block(0)
    days = Window.from_cutoff(GARDEN.world, END_DAY - GARDEN.days, END_DAY - 200, 60)
    products = np.flatnonzero(GARDEN.world.catalogue.launch < 0)[::3]
    fresh = (customers.first_day >= days.first) & (customers.first_day < days.stop)
    probability = purchase_probability(GARDEN.world, customers, products, days)[:, fresh]
    bought = simulated(GARDEN, products, days)[:, fresh]
    assert abs(bought.sum() - probability.sum() * COURSES) < 4 * np.sqrt(probability.sum() * COURSES)


def test_the_weights_of_all_products_sum_to_one() -> None:
    world = GARDEN.world
    customers = world.draw_block(0).take(np.arange(50))
    catalogue_rows = np.arange(len(world.catalogue.kind))
    for day in (0, 333, 849):
        np.testing.assert_allclose(
            line_weight(world.tables, world.catalogue.kind, customers, catalogue_rows, day).sum(0), 1
        )


def test_a_basket_of_several_lines_holds_a_product_by_the_formula() -> None:
    world, rng = GARDEN.world, np.random.default_rng(0)
    customers = world.draw_block(0).take(np.arange(2))
    catalogue_rows = np.arange(len(world.catalogue.kind))
    weight = line_weight(world.tables, world.catalogue.kind, customers, catalogue_rows, 100)
    top = weight[:, 0].argmax()
    lines = 1 + rng.poisson(customers.basket[0], 200_000)
    contains = rng.random(200_000) < 1 - (1 - weight[top, 0]) ** lines
    stated = basket_share(world.tables, world.catalogue.kind, customers, np.array([top]), 100)[0, 0]
    assert contains.mean() == pytest.approx(stated, abs=4 * np.sqrt(stated / 200_000))


def test_nobody_buys_before_the_launch_or_after_the_end() -> None:
    catalogue = GARDEN.world.catalogue
    orders = GARDEN.shop().orders.collect()
    sold = orders.group_by("product_id").agg(first=pl.col("day").min(), last=pl.col("day").max())
    first_day = END_DAY - GARDEN.days
    on_sale = catalogue.frame.select("product_id").with_columns(
        launch=pl.Series(catalogue.launch + first_day), end=pl.Series(catalogue.end + first_day)
    )
    joined = on_sale.join(sold, on="product_id")
    assert joined.filter((pl.col("first") < pl.col("launch")) | (pl.col("last") >= pl.col("end"))).is_empty()


def test_probabilities_are_in_the_order_of_the_ids_over_blocks() -> None:
    garden = SyntheticShop(customers=17_000, seed=2)  # more than one block
    ids = garden.upcoming()["product_id"].to_list()[:2]
    frame = garden.truth(ids, END_DAY, 30)
    ids_of_customers = [16_990, 3, 16_384, 16_385, 1]
    probabilities = garden.probability(ids[::-1], ids_of_customers, END_DAY, 30)
    for row, product in enumerate(ids[::-1]):
        expected = frame.filter(pl.col("product_id") == product)["probability"].to_numpy()[
            np.array(ids_of_customers) - 1
        ]
        np.testing.assert_allclose(probabilities[row], expected, rtol=1e-12)


def test_purchases_of_the_truth_equal_those_of_the_shop() -> None:
    cutoff = END_DAY - 100
    ids = GARDEN.launches().filter(pl.col("launch_day") < cutoff)["product_id"].to_list()[-5:]
    frame = GARDEN.truth(ids, cutoff, 30)
    within = pl.col("day").is_between(cutoff, cutoff + 29) & pl.col("product_id").is_in(ids)
    sold = GARDEN.shop().orders.filter(within).drop_nulls("customer_id").select("product_id", "customer_id").unique()
    expected = sold.join(frame.lazy().select("product_id", "customer_id"), on=["product_id", "customer_id"], how="semi")
    bought = frame.filter("bought").select("product_id", "customer_id")
    assert bought.sort(pl.all()).equals(expected.collect().sort(pl.all()))
    assert len(bought) > 10


def test_the_truth_ranks_far_above_random_and_not_perfectly() -> None:
    garden = SyntheticShop(customers=10_000, seed=1)
    launches = garden.launches().filter(pl.col("launch_day") < END_DAY - 30).tail(12)
    frame = pl.concat(
        garden.truth([row["product_id"]], row["launch_day"], 30) for row in launches.iter_rows(named=True)
    ).sort("probability", descending=True)
    top = frame.head(len(frame) // 20)["bought"].mean() / frame["bought"].mean()
    assert 6 < top < 16


@pytest.mark.parametrize(
    ("ids", "customers", "cutoff", "message"),
    [
        (["no-such-product"], [1], END_DAY, "no product no-such-product"),
        ([], [0], END_DAY, "numbered from 1 to 3000"),
        ([], [1], END_DAY + 100, "do not lie within"),
        ([], [1], 0, "do not lie within"),
    ],
)
def test_invalid_arguments_are_refused(ids: list[str], customers: list[int], cutoff: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GARDEN.probability(ids, customers, cutoff, 30)
