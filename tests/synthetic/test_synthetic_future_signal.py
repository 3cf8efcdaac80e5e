"""The shop of leak tests: nothing before the cutoff predicts who buys, and everything after it does."""

from functools import cache

import numpy as np
import polars as pl

from future_signal import GIVEAWAY, NEW_PRODUCT, FutureOnlySignal, future_only_signal


@cache
def planted() -> FutureOnlySignal:
    return future_only_signal(customers=6_000, seed=4)


def test_past_behaviour_does_not_predict_who_buys() -> None:
    history = planted().shop.as_of(planted().cutoff)
    past = history.lines.group_by("customer_id").agg(
        pl.len(), pl.col("day").max(), pl.col("price").mean(), pl.col("product_id").n_unique().alias("products")
    )
    table = planted().customers.join(past.collect(), on="customer_id", how="left").drop_nulls()
    buys = table["will_buy"].to_numpy()
    for feature in ("len", "day", "price", "products", "customer_id"):
        rank = table[feature].rank().to_numpy()
        pairs = buys.sum() * (~buys).sum()
        auc = (rank[buys].sum() - buys.sum() * (buys.sum() + 1) / 2) / pairs
        spread = np.sqrt(len(buys) / 12 / pairs * len(buys)) / np.sqrt(len(buys))
        assert abs(auc - 0.5) < 4 * spread


def test_the_future_identifies_the_buyers_exactly() -> None:
    after = planted().shop.orders.filter(pl.col("day") >= planted().cutoff_day).collect()
    buyers = set(planted().customers.filter("will_buy")["customer_id"])
    assert set(after["product_id"]) == {NEW_PRODUCT, GIVEAWAY}
    for product in (NEW_PRODUCT, GIVEAWAY):
        assert set(after.filter(pl.col("product_id") == product)["customer_id"]) == buyers
    window = after.filter(pl.col("product_id") == NEW_PRODUCT)["day"]
    assert window.max() < planted().cutoff_day + 30


def test_the_new_product_is_unsold_at_the_cutoff_and_a_real_product() -> None:
    history = planted().shop.as_of(planted().cutoff)
    assert history.cutoff_day == planted().cutoff_day
    assert history.lines.filter(pl.col("product_id").is_in([NEW_PRODUCT, GIVEAWAY])).collect().is_empty()
    assert planted().shop.lines().filter(pl.col("product_id") == NEW_PRODUCT).collect().height > 0
    assert planted().shop.customers.collect()["customer_id"].equals(planted().customers["customer_id"])
