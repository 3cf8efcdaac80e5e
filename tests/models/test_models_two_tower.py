"""The two-tower model keeps the contract of recommenders, and each of its parts does what its page says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from frontrow.errors import ArtifactError
from frontrow.models.interactions.contexts import CONTEXT_SCHEMA
from frontrow.models.interactions.interactions import Interactions, Queries, build_interactions
from frontrow.models.neural.two_tower.bags import Histories
from frontrow.models.neural.two_tower.batches import Orders
from frontrow.models.neural.two_tower.blend import Blend, choose
from frontrow.models.neural.two_tower.context_fields import ContextFields
from frontrow.models.neural.two_tower.fit import fit_towers
from frontrow.models.neural.two_tower.product_fields import ProductFields
from frontrow.models.neural.two_tower.retrieval import TwoTower
from frontrow.models.neural.two_tower.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.towers import CustomerTower, ProductTower
from frontrow.models.neural.two_tower.validation import window
from frontrow.models.popularity.country_popularity import CountryPopularity
from frontrow.models.recommenders import two_tower
from frontrow.shop.shop import Shop
from frontrow.testing.recommenders import RecommenderContract, customers_of, planted
from frontrow.testing.shops import DAY_ZERO, hand_made_shop, order_lines

SMALL = TwoTowerSettings(embedding_size=16, batch_lines=256, epochs=6, min_customers=5, validation_days=20)


class TestTwoTower(RecommenderContract):
    recommender = two_tower.Recommender(SMALL)
    floor = 0.4
    floor_unseen = 0.25


@pytest.fixture(scope="module")
def fitted() -> TwoTower:
    _, known = planted()
    return TwoTower.fit(known, SMALL, seed=3)


def everyone(known: Interactions) -> Queries:
    return customers_of(known, range(-1, known.shape[0]))


def attributed_shop() -> Shop:
    """Twenty customers who buy roses and twenty who buy tulips; two customers in Lyon, one company a customer."""
    lines, products = [], {}
    for customer in range(40):
        kind = "rose" if customer < 20 else "tulip"
        for number in range(6):
            name = f"{kind} {number}"
            lines.append((customer, name, 3 * number + customer % 3))
            products[name] = {"title": f"{kind} variety {number}", "product_type": kind, "vendor": "Green"}
    lines.sort(key=lambda line: line[2])
    shop = hand_made_shop(lines, products)
    city = ["Lyon" if customer < 2 else "Nantes" for customer, _, _ in lines]
    customers = shop.customers.collect().with_columns(company=pl.concat_str(pl.lit("Secret Sons "), "customer_id"))
    return Shop.from_tables(order_lines(lines, city=city), shop.products, customers, settings=shop.settings)


def test_a_new_product_is_found_from_its_content_alone() -> None:
    known = build_interactions(attributed_shop().as_of())
    settings = replace(SMALL, epochs=15, min_customers=1, product_dropout=0.5)
    towers = fit_towers(known, settings, seed=1, epochs=15)
    told = pl.DataFrame(
        {
            "product_id": ["never sold", "nor this"],
            "title": ["rose variety", "tulip variety"],
            "product_type": ["rose", "tulip"],
            "vendor": ["Green", "Green"],
            "price": [10.0, 10.0],
        }
    )
    new = towers.product.embed(told)
    assert np.isfinite(new).all()
    customers = towers.customer.embed(customers_of(known, range(40)), Histories.of(known))
    scores = customers @ new.T
    assert (scores[:20, 0] > scores[:20, 1]).all()
    assert (scores[20:, 1] > scores[20:, 0]).all()


def test_fields_are_read_from_training_data_and_keep_no_rare_value() -> None:
    known = build_interactions(attributed_shop().as_of())
    fields = ContextFields.of(known, TwoTowerSettings(min_customers=5)).fields
    # no country and no province, one hour, one month: nothing to tell
    assert list(fields) == ["city", "company"]
    assert fields["city"].encode(pl.Series(["Nantes", "Lyon", None])).tolist() == [1, 0, 0]
    products = ProductFields.of(known.products, TwoTowerSettings())
    # one vendor tells nothing
    assert list(products.categories) == ["product_type"]
    assert products.encode(known.products.head(1)).numbers.shape == (1, 3)


def test_saved_files_name_no_company(tmp_path: Path) -> None:
    known = build_interactions(attributed_shop().as_of())
    TwoTower.fit(known, replace(SMALL, epochs=1, min_customers=1), seed=1).save(tmp_path / "model")
    for path in (tmp_path / "model").rglob("*"):
        assert path.is_dir() or b"secret" not in path.read_bytes().lower()


def test_an_order_is_never_part_of_its_own_history() -> None:
    # orders of customer 1: a, then b and c together, then a again
    lines = order_lines([(1, "a", 0), (1, "b", 1), (1, "c", 1), (1, "a", 2), (2, "c", 0)])
    orders = lines.with_columns(order_id=pl.Series(["1", "2", "2", "3", "9"]), line_number=pl.Series([1, 1, 2, 1, 1]))
    shop = hand_made_shop([(1, "a", 0), (2, "b", 0), (2, "c", 0)])
    shop = Shop.from_tables(orders, shop.products, shop.customers.collect(), settings=shop.settings)
    known = build_interactions(shop.as_of())
    settings = TwoTowerSettings(customer_dropout=0.0, history_dropout=0.0, product_dropout=0.0, history_lines=2)
    codes = ProductFields.of(known.products, settings).encode(known.products)
    source = Orders(known, ContextFields({}), codes, settings)
    (batch,) = source.batches(np.random.default_rng(0))
    told = {}
    for order, customer in enumerate(batch.customers):
        bought = batch.bought.rows[batch.bought.starts[order] : batch.bought.starts[order + 1]].tolist()
        mine = batch.columns[batch.places[batch.orders == order]].tolist()
        told[int(customer), tuple(sorted(mine))] = bought
    # products as row + 1; the last order sees two lines at most
    assert told == {(1, (0,)): [2, 3], (1, (1, 2)): [1], (2, (2,)): []} | {(1, (0,)): told[1, (0,)]}
    assert sorted(map(tuple, told.values())) in ([(), (1,), (2, 3)], [(), (), (1,)])
    assert batch.counts.sum() == 5
    ages = known.cutoff_day - known.lines["day"].to_numpy()
    np.testing.assert_allclose(np.sort(batch.weights), np.sort(0.5 ** (ages / 60.0)), rtol=1e-6)


def test_dropout_hides_customers_histories_and_products() -> None:
    _, known = planted()
    settings = replace(SMALL, customer_dropout=1.0, history_dropout=1.0, product_dropout=1.0)
    codes = ProductFields.of(known.products, settings).encode(known.products)
    source = Orders(known, ContextFields.of(known, settings), codes, settings)
    for batch in source.batches(np.random.default_rng(0)):
        assert not batch.customers.any()
        assert not batch.products.ids.any()
        assert len(batch.bought.rows) == 0


def test_a_pass_has_every_line_once() -> None:
    _, known = planted()
    codes = ProductFields.of(known.products, SMALL).encode(known.products)
    source = Orders(known, ContextFields.of(known, SMALL), codes, SMALL)
    batches = list(source.batches(np.random.default_rng(0)))
    assert sum(len(batch.orders) for batch in batches) == source.lines == known.lines.height
    assert max(len(batch.orders) for batch in batches) <= SMALL.batch_lines + 40


def test_the_same_seed_repeats_and_torchs_own_draws_are_left_alone() -> None:
    _, known = planted()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one = fit_towers(known, SMALL, seed=1, epochs=1)
    assert torch.equal(torch.rand(3), expected)
    again, other = fit_towers(known, SMALL, seed=1, epochs=1), fit_towers(known, SMALL, seed=2, epochs=1)
    np.testing.assert_array_equal(one.product.embed(known.products), again.product.embed(known.products))
    assert not np.array_equal(one.product.embed(known.products), other.product.embed(known.products))


@pytest.mark.parametrize("optimizer", ["adagrad", "adam"])
def test_sparse_gradients_learn(optimizer: str) -> None:
    """With Adagrad they are the dense ones to rounding; Adam's sparse form differs by design, and learns too."""
    _, known = planted()
    rate = 0.05 if optimizer == "adagrad" else 0.005
    dense = replace(SMALL, optimizer=optimizer, learning_rate=rate, hidden_layers=1)
    one = fit_towers(known, dense, seed=1, epochs=2)
    two = fit_towers(known, replace(dense, sparse_rows=1), seed=1, epochs=2)
    assert two.trained.losses[1] < two.trained.losses[0]
    if optimizer == "adagrad":
        np.testing.assert_allclose(one.trained.losses, two.trained.losses, rtol=1e-3)


def test_saved_and_loaded_scores_are_equal_to_the_bit(fitted: TwoTower, tmp_path: Path) -> None:
    _, known = planted()
    for _ in range(2):
        fitted.save(tmp_path / "model")
    loaded = TwoTower.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.scores(everyone(known)), fitted.scores(everyone(known)))
    customer = CustomerTower.load(tmp_path / "model" / "customer_tower")
    product = ProductTower.load(tmp_path / "model" / "product_tower")
    np.testing.assert_array_equal(
        customer.embed(everyone(known), fitted.histories), fitted.customer_embeddings(everyone(known))
    )
    np.testing.assert_array_equal(product.embed(known.products), fitted.products)
    assert (loaded.epochs, loaded.blend) == (fitted.epochs, fitted.blend)


def test_a_damaged_model_is_refused(fitted: TwoTower, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    for path in sorted(path for path in (tmp_path / "model").rglob("*") if path.is_file()):
        whole = path.read_bytes()
        for broken in (whole[: len(whole) // 2], b"", None):
            path.unlink()
            if broken is not None:
                path.write_bytes(broken)
            with pytest.raises(ArtifactError):
                TwoTower.load(tmp_path / "model")
            path.write_bytes(whole)
    TwoTower.load(tmp_path / "model")


def test_products_of_one_taste_are_alike(fitted: TwoTower) -> None:
    _, known = planted()
    names = known.products["product_id"].to_list()
    taste = np.array([int(name[1:]) // 12 if name[1:].isdigit() else -1 for name in names])
    alike = fitted.similar(np.arange(len(names)))
    np.testing.assert_allclose(np.diag(alike), 1.0, rtol=1e-5)
    within = alike[(taste[:, None] == taste) & ~np.eye(len(names), dtype=bool)].mean()
    assert within > alike[taste[:, None] != taste].mean() + 0.1


def test_country_popularity_is_drawn_towards_everywhere() -> None:
    shop = hand_made_shop([(1, "a", 40), (2, "b", 40), (3, "b", 40), (4, "b", 0)])
    found = build_interactions(shop.as_of())
    country = pl.Series([{0: "FR"}.get(row, "DE") for row in found.lines["customer"]])
    popularity = CountryPopularity.of(replace(found, lines=found.lines.with_columns(country=country)))
    assert popularity.countries == ("DE", "FR")
    queries = Queries(np.array([-1, -1]), pl.DataFrame({"country": ["FR", None]}, schema_overrides=CONTEXT_SCHEMA))
    # three customers in 30 days; one in France, who bought a; two customers of everywhere beside
    french = 3 * (np.array([1, 0]) + 2 * np.array([1, 2]) / 3) / 3
    np.testing.assert_allclose(np.exp(popularity.scores(queries)) - 0.5, [french, [1, 2]], rtol=1e-5)


def test_the_window_held_back_asks_what_the_cutoff_asks() -> None:
    shop = hand_made_shop([(1, "a", 0), (1, "b", 95), (2, "a", 96), (2, "b", 97), (1, "a", 98)])
    held = window(build_interactions(shop.as_of()), 10, seed=0)
    assert held.before.lines.height == 1
    assert held.before.cutoff_day == DAY_ZERO + 89
    assert held.returning.queries.rows.tolist() == [0]
    assert held.returning.targets.toarray().tolist() == [[1, 1]]
    assert held.new.queries.rows.tolist() == [-1]
    scores = np.array([[2.0, 1.0]], dtype=np.float32)
    # b alone is new to customer 1, and a is not shown
    assert held.returning.ndcg(scores, never_bought=True).tolist() == [1.0]
    assert held.new.ndcg(scores).tolist() == [1.0]


def test_the_blend_trusts_what_the_window_shows() -> None:
    _, known = planted()
    held = window(known, 20, seed=0)
    shape = held.returning.targets.shape
    truth = held.returning.targets.toarray().astype(np.float32)
    nothing = np.zeros(shape, np.float32)
    few = held.new.queries.block(0, 0)
    new = (replace(held.new, queries=few), nothing[:0], nothing[:0])
    assert choose((held.returning, truth, -3 * truth), new).popularity == 0.0
    # too few strangers to choose by, and towers that tell nothing: the defaults stand
    assert choose((held.returning, truth, nothing), new) == Blend()
    strangers = (held.returning, truth, -0.1 * truth)
    assert choose((held.returning, truth, nothing), strangers).tower == 0.25
    assert choose((held.returning, truth, nothing), (held.returning, -truth, 0.1 * truth)).tower == 0.0


def test_one_customer_and_one_product_are_enough() -> None:
    known = build_interactions(hand_made_shop([(1, "a", 0)]).as_of())
    model = TwoTower.fit(known, replace(SMALL, epochs=1), seed=0)
    assert np.isfinite(model.scores(customers_of(known, [0, -1]))).all()
    assert np.isfinite(model.product_embeddings(known.products)).all()
    assert model.product.embed(known.products.head(0)).shape == (0, SMALL.embedding_size)
