"""The two-tower model fulfils the contract of recommenders, and each of its parts does what it documents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from frontrow.errors import ArtifactError
from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Interactions, Queries, build_interactions
from frontrow.models.neural.bags import PurchaseHistories
from frontrow.models.neural.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.fields import ContextFields, ProductFields
from frontrow.models.neural.two_tower.fit import TrainingOrders, fit_towers
from frontrow.models.neural.two_tower.model import TwoTower
from frontrow.models.neural.two_tower.towers import CustomerTower, ProductTower
from frontrow.models.popularity.country import log_popularity
from frontrow.models.recommenders import two_tower
from frontrow.shop.shop import Shop
from frontrow.testing.recommenders import RecommenderContract, customers_of, planted
from frontrow.testing.shops import hand_made_shop, order_lines

SMALL = TwoTowerSettings(embedding_size=16, batch_lines=256, epochs=6, min_customers=5, validation_days=20)


class TestTwoTower(RecommenderContract):
    recommender = two_tower.Recommender(SMALL)
    floor = 0.4
    floor_new = 0.25


@pytest.fixture(scope="module")
def fitted() -> TwoTower:
    _, interactions = planted()
    return TwoTower.fit(interactions, SMALL, seed=3)


def everyone(interactions: Interactions) -> Queries:
    return customers_of(interactions, range(-1, interactions.shape[0]))


def attributed_shop() -> Shop:
    """Twenty customers who buy roses and twenty who buy tulips; two customers in Lyon, one company a customer."""
    lines, products = [], {}
    for customer in range(40):
        product_type = "rose" if customer < 20 else "tulip"
        for number in range(6):
            name = f"{product_type} {number}"
            lines.append((customer, name, 3 * number + customer % 3))
            products[name] = {
                "title": f"{product_type} variety {number}",
                "product_type": product_type,
                "vendor": "Green",
            }
    lines.sort(key=lambda line: line[2])
    shop = hand_made_shop(lines, products)
    city = ["Lyon" if customer < 2 else "Nantes" for customer, _, _ in lines]
    customers = shop.customers.collect().with_columns(company=pl.concat_str(pl.lit("Secret Sons "), "customer_id"))
    return Shop.from_tables(order_lines(lines, city=city), shop.products, customers, settings=shop.settings)


def test_a_new_product_is_scored_by_its_content() -> None:
    interactions = build_interactions(attributed_shop().as_of())
    settings = replace(SMALL, epochs=15, min_customers=1, product_dropout=0.5)
    towers = fit_towers(interactions, settings, seed=1, epochs=15)
    products = pl.DataFrame(
        {
            "product_id": ["never sold", "nor this"],
            "title": ["rose variety", "tulip variety"],
            "product_type": ["rose", "tulip"],
            "vendor": ["Green", "Green"],
            "price": [10.0, 10.0],
        }
    )
    embedded = towers.product.embed(products)
    assert np.isfinite(embedded).all()
    customers = towers.customer.embed(
        customers_of(interactions, range(40)), PurchaseHistories.from_interactions(interactions)
    )
    scores = customers @ embedded.T
    assert (scores[:20, 0] > scores[:20, 1]).all()
    assert (scores[20:, 1] > scores[20:, 0]).all()


def test_fields_come_from_training_data_and_store_no_rare_value() -> None:
    interactions = build_interactions(attributed_shop().as_of())
    fields = ContextFields.from_interactions(interactions, TwoTowerSettings(min_customers=5)).used
    # no country and no province, and only one hour and one month
    assert list(fields) == ["city", "company"]
    assert fields["city"].encode(pl.Series(["Nantes", "Lyon", None])).tolist() == [1, 0, 0]
    products = ProductFields.from_products(interactions.products, TwoTowerSettings())
    # only one vendor
    assert list(products.categories) == ["product_type"]
    assert products.encode(interactions.products.head(1)).numbers.shape == (1, 3)


def test_saved_files_contain_no_company_name(tmp_path: Path) -> None:
    interactions = build_interactions(attributed_shop().as_of())
    TwoTower.fit(interactions, replace(SMALL, epochs=1, min_customers=1), seed=1).save(tmp_path / "model")
    for path in (tmp_path / "model").rglob("*"):
        assert path.is_dir() or b"secret" not in path.read_bytes().lower()


def test_an_order_is_never_part_of_its_own_history() -> None:
    # orders of customer 1: a, then b and c together, then a again
    lines = order_lines([(1, "a", 0), (1, "b", 1), (1, "c", 1), (1, "a", 2), (2, "c", 0)])
    orders_table = lines.with_columns(
        order_id=pl.Series(["1", "2", "2", "3", "9"]), line_number=pl.Series([1, 1, 2, 1, 1])
    )
    shop = hand_made_shop([(1, "a", 0), (2, "b", 0), (2, "c", 0)])
    shop = Shop.from_tables(orders_table, shop.products, shop.customers.collect(), settings=shop.settings)
    interactions = build_interactions(shop.as_of())
    settings = TwoTowerSettings(customer_dropout=0.0, history_dropout=0.0, product_dropout=0.0, history_lines=2)
    codes = ProductFields.from_products(interactions.products, settings).encode(interactions.products)
    orders = TrainingOrders(interactions, ContextFields(), codes, settings)
    (batch,) = orders.batches(np.random.default_rng(0))
    histories = {}
    for order, customer in enumerate(batch.customers):
        history_rows = batch.bought.rows[batch.bought.starts[order] : batch.bought.starts[order + 1]].tolist()
        products = batch.columns[batch.line_products[batch.line_orders == order]].tolist()
        histories[int(customer), tuple(sorted(products))] = history_rows
    # products as row + 1; the history of the last order is cut to two lines
    assert histories == {(1, (0,)): [2, 3], (1, (1, 2)): [1], (2, (2,)): []} | {(1, (0,)): histories[1, (0,)]}
    assert sorted(map(tuple, histories.values())) in ([(), (1,), (2, 3)], [(), (), (1,)])
    assert batch.counts.sum() == 5
    ages = interactions.cutoff_day - interactions.lines["day"].to_numpy()
    np.testing.assert_allclose(np.sort(batch.weights), np.sort(0.5 ** (ages / 60.0)), rtol=1e-6)


def test_dropout_hides_customers_histories_and_products() -> None:
    _, interactions = planted()
    settings = replace(SMALL, customer_dropout=1.0, history_dropout=1.0, product_dropout=1.0)
    codes = ProductFields.from_products(interactions.products, settings).encode(interactions.products)
    orders = TrainingOrders(interactions, ContextFields.from_interactions(interactions, settings), codes, settings)
    for batch in orders.batches(np.random.default_rng(0)):
        assert not batch.customers.any()
        assert not batch.products.ids.any()
        assert len(batch.bought.rows) == 0


def test_a_pass_has_every_line_once() -> None:
    _, interactions = planted()
    codes = ProductFields.from_products(interactions.products, SMALL).encode(interactions.products)
    orders = TrainingOrders(interactions, ContextFields.from_interactions(interactions, SMALL), codes, SMALL)
    batches = list(orders.batches(np.random.default_rng(0)))
    assert sum(len(batch.line_orders) for batch in batches) == orders.lines == interactions.lines.height
    assert max(len(batch.line_orders) for batch in batches) <= SMALL.batch_lines + 40


def test_the_same_seed_repeats_and_leaves_torchs_random_state_alone() -> None:
    _, interactions = planted()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = fit_towers(interactions, SMALL, seed=1, epochs=1)
    assert torch.equal(torch.rand(3), expected)
    again, another_seed = (
        fit_towers(interactions, SMALL, seed=1, epochs=1),
        fit_towers(interactions, SMALL, seed=2, epochs=1),
    )
    np.testing.assert_array_equal(
        first.product.embed(interactions.products), again.product.embed(interactions.products)
    )
    assert not np.array_equal(
        first.product.embed(interactions.products), another_seed.product.embed(interactions.products)
    )


@pytest.mark.parametrize("optimizer", ["adagrad", "adam"])
def test_sparse_gradients_learn(optimizer: str) -> None:
    """With Adagrad they equal dense gradients up to rounding; Adam has a different sparse form, which learns too."""
    _, interactions = planted()
    rate = 0.05 if optimizer == "adagrad" else 0.005
    dense = replace(SMALL, optimizer=optimizer, learning_rate=rate, hidden_layers=1)
    with_dense = fit_towers(interactions, dense, seed=1, epochs=2)
    with_sparse = fit_towers(interactions, replace(dense, sparse_rows=1), seed=1, epochs=2)
    assert with_sparse.training.losses[1] < with_sparse.training.losses[0]
    if optimizer == "adagrad":
        np.testing.assert_allclose(with_dense.training.losses, with_sparse.training.losses, rtol=1e-3)


def test_saved_and_loaded_scores_are_equal_to_the_bit(fitted: TwoTower, tmp_path: Path) -> None:
    _, interactions = planted()
    for _ in range(2):
        fitted.save(tmp_path / "model")
    loaded = TwoTower.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.scores(everyone(interactions)), fitted.scores(everyone(interactions)))
    fitted.customer.save(tmp_path / "customer")
    fitted.product.save(tmp_path / "product")
    customer = CustomerTower.load(tmp_path / "customer")
    product = ProductTower.load(tmp_path / "product")
    np.testing.assert_array_equal(
        customer.embed(everyone(interactions), fitted.histories), fitted.customer_embeddings(everyone(interactions))
    )
    np.testing.assert_array_equal(product.embed(interactions.products), fitted.products)
    assert (loaded.epochs, loaded.blend) == (fitted.epochs, fitted.blend)


def test_a_damaged_model_is_refused(fitted: TwoTower, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    for path in sorted(path for path in (tmp_path / "model").rglob("*") if path.is_file()):
        content = path.read_bytes()
        for broken in (content[: len(content) // 2], b"", None):
            path.unlink()
            if broken is not None:
                path.write_bytes(broken)
            with pytest.raises(ArtifactError):
                TwoTower.load(tmp_path / "model")
            path.write_bytes(content)
    TwoTower.load(tmp_path / "model")


def test_products_of_one_taste_are_similar(fitted: TwoTower) -> None:
    _, interactions = planted()
    names = interactions.products["product_id"].to_list()
    taste = np.array([int(name[1:]) // 12 if name[1:].isdigit() else -1 for name in names])
    similarity = fitted.similar(np.arange(len(names)))
    np.testing.assert_allclose(np.diag(similarity), 1.0, rtol=1e-5)
    within = similarity[(taste[:, None] == taste) & ~np.eye(len(names), dtype=bool)].mean()
    assert within > similarity[taste[:, None] != taste].mean() + 0.1


def test_country_popularity_is_shrunk_towards_the_whole_shop() -> None:
    shop = hand_made_shop([(1, "a", 40), (2, "b", 40), (3, "b", 40), (4, "b", 0)])
    interactions = build_interactions(shop.as_of())
    country = pl.Series([{0: "FR"}.get(row, "DE") for row in interactions.lines["customer"]])
    popularity = log_popularity(replace(interactions, lines=interactions.lines.with_columns(country=country)))
    assert popularity.countries == ("DE", "FR")
    queries = Queries(np.array([-1, -1]), pl.DataFrame({"country": ["FR", None]}, schema_overrides=CONTEXT_SCHEMA))
    # three customers in 30 days, one of them in France, who bought a; a prior of two customers of the whole shop
    french = 3 * (np.array([1, 0]) + 2 * np.array([1, 2]) / 3) / 3
    np.testing.assert_allclose(np.exp(popularity.scores(queries)) - 0.5, [french, [1, 2]], rtol=1e-5)


def test_one_customer_and_one_product_are_enough() -> None:
    interactions = build_interactions(hand_made_shop([(1, "a", 0)]).as_of())
    model = TwoTower.fit(interactions, replace(SMALL, epochs=1), seed=0)
    assert np.isfinite(model.scores(customers_of(interactions, [0, -1]))).all()
    assert np.isfinite(model.product.embed(interactions.products)).all()
    assert model.product.embed(interactions.products.head(0)).shape == (0, SMALL.embedding_size)
