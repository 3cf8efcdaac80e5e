"""The launch model with product vectors: more features, another model, and nothing else changes without them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from frontrow.errors import LaunchError
from frontrow.features.launch import FEATURES, FEATURES_WITH_VECTORS
from frontrow.features.vectors import VECTOR_FEATURES
from frontrow.launch.audience.audience import score_audience
from frontrow.launch.audience.reasons import add_reasons
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.calibrated_model import launch_model_path
from frontrow.launch.model.episodes import build_episodes
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.model.training_matrix import drop_size_features
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.shop.product_vectors import ProductVectors
from frontrow.synthetic import SyntheticShop
from frontrow.testing.models import ALL_FEATURES

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=20, seeds=1, min_customers_in_leaf=20))


@cache
def _shop():
    return SyntheticShop(customers=300, seed=3, lines_a_year=8.0, days=500).shop()


@cache
def _vectors() -> ProductVectors:
    """Random vectors of all but five products, and of a new one by its title."""
    ids = _shop().products["product_id"].to_list()[5:]
    values = np.random.default_rng(0).normal(size=(len(ids) + 1, 4)).astype(np.float32)
    return ProductVectors([*ids, None], [None] * len(ids) + ["Terracotta Planter No 9"], values)


def _history(vectors: ProductVectors | None) -> History:
    return _shop().with_vectors(vectors).as_of()


@cache
def _model() -> LaunchModel:
    return LaunchModel.fit(_history(_vectors()), SETTINGS)


def _episodes(history: History) -> pl.DataFrame:
    cycles = compute_life_cycles(history, SETTINGS)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(past, cycles, 30, history.vectors)
    return build_episodes(history, scoring_set, SETTINGS, launches=scoring_set.launches, negative_rate=1.0)


def _new_products(history: History) -> pl.DataFrame:
    columns = {"product_id": ["new"], "title": ["Terracotta  Planter no 9"], "launch_day": [history.cutoff_day]}
    return conform(pl.DataFrame(columns), NEW_PRODUCT_SCHEMA)


def test_all_other_features_are_the_same_with_vectors() -> None:
    with_vectors, without = _episodes(_history(_vectors())), _episodes(_history(None))
    assert with_vectors.columns[-len(FEATURES_WITH_VECTORS) :] == list(FEATURES_WITH_VECTORS)
    assert with_vectors.drop(VECTOR_FEATURES).equals(without)
    assert with_vectors["vector_affinity"].max() > 0
    assert with_vectors["vector_affinity"].null_count() < with_vectors.height


def test_features_do_not_see_what_is_sold_after_the_launch() -> None:
    """Other vectors of products that were launched last leave the features of earlier launches as they were."""
    cycles = compute_life_cycles(_history(None), SETTINGS)
    last = cycles.sort("first_day")["product_id"].tail(10).to_list()
    first_of_last = cycles.filter(pl.col("product_id").is_in(last))["first_day"].min()
    values = _vectors().values.copy()
    values[[row for row, product_id in enumerate(_vectors().product_ids) if product_id in last]] *= -100
    other = ProductVectors(_vectors().product_ids, _vectors().titles, values)
    tables = [_episodes(_history(vectors)) for vectors in (_vectors(), other)]
    before, after = (table.filter(pl.col("cutoff_day") < first_of_last).select(VECTOR_FEATURES) for table in tables)
    assert before.height > 100
    assert before.equals(after)
    assert not tables[0].equals(tables[1])


def test_a_model_with_vectors_has_their_features_and_is_read_back(tmp_path: Path) -> None:
    assert _model().features == drop_size_features(FEATURES_WITH_VECTORS)
    _model().save(tmp_path / "model")
    loaded = LaunchModel.load(tmp_path / "model")
    assert loaded.features == drop_size_features(FEATURES_WITH_VECTORS)
    history = _history(_vectors())
    cycles = compute_life_cycles(history, SETTINGS)
    scores = [
        model.score(history, _new_products(history), cycles, [pl.col("vector_closest")]) for model in (_model(), loaded)
    ]
    assert scores[0].equals(scores[1])
    assert scores[0]["vector_closest"].null_count() == 0


def test_a_model_without_vectors_scores_the_same_where_the_shop_has_some() -> None:
    model = LaunchModel.fit(_history(None), SETTINGS)
    assert model.features == drop_size_features(FEATURES)
    history = _history(_vectors())
    cycles = compute_life_cycles(history, SETTINGS)
    scores = [model.score(seen, _new_products(history), cycles, ALL_FEATURES) for seen in (history, _history(None))]
    assert scores[0].equals(scores[1])


def test_a_model_with_vectors_needs_them() -> None:
    history = _history(None)
    with pytest.raises(LaunchError, match="--vectors FILE"):
        score_audience(history, _new_products(history), _model())


def test_an_audience_and_its_reasons_read_the_vectors() -> None:
    history, products = _history(_vectors()), _new_products(_history(None))
    audience = score_audience(history, products, _model())
    explained = add_reasons(audience, history, products, _model(), audience.top(20))
    assert explained.rows["reasons"].is_not_null().sum() == 20


def test_other_vectors_are_another_cached_model(tmp_path: Path) -> None:
    values = _vectors().values.copy()
    values[0, 0] += 1
    other = ProductVectors(_vectors().product_ids, _vectors().titles, values)
    paths = {launch_model_path(_history(vectors), SETTINGS, folder=tmp_path) for vectors in (None, _vectors(), other)}
    assert len(paths) == 3
