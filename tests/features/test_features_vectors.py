"""Features from product vectors, computed by hand."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from frontrow.engines.frames import collect, lazy
from frontrow.features.vectors import (
    TASTE_PRIOR,
    VECTOR_FEATURES,
    VECTOR_NEIGHBOUR_SCHEMA,
    VECTOR_NEIGHBOURS,
    VectorIndex,
    add_vector_features,
)

IDS = np.array(["a", "b", "c", "new", "later"], dtype=object)
VECTORS = np.array([[3.0, 1.0], [1.0, 1.0], [2.0, 3.0], [4.0, 1.0], [-50.0, 70.0]])
FIRST_DAYS = np.array([1, 2, 3, 100, 50])


def test_the_similarity_is_the_cosine_of_vectors_centred_on_what_was_sold_before() -> None:
    mean = VECTORS[:3].mean(axis=0)
    own = VECTORS[3] - mean
    expected = [max(float(vector @ own / math.hypot(*vector) / math.hypot(*own)), 0.0) for vector in VECTORS[:3] - mean]
    similarity = VectorIndex(VECTORS, FIRST_DAYS).similarity(3, cutoff_day=40)
    assert similarity.tolist() == pytest.approx([*expected, 0.0, 0.0])


def test_what_is_sold_later_changes_nothing() -> None:
    others = VECTORS.copy()
    others[4] = [1e6, -1e6]
    before, after = (VectorIndex(vectors, FIRST_DAYS).similarity(3, cutoff_day=50) for vectors in (VECTORS, others))
    assert before.tolist() == after.tolist()
    assert VectorIndex(VECTORS, FIRST_DAYS).similarity(3, cutoff_day=51).tolist() != before.tolist()


def test_products_without_a_vector_are_no_neighbours_and_have_none() -> None:
    vectors = VECTORS.copy()
    vectors[0] = np.nan
    index = VectorIndex(vectors, FIRST_DAYS)
    assert index.similarity(0, 40).tolist() == [0.0] * 5
    assert index.similarity(3, 40)[0] == 0.0
    assert index.has_vector.tolist() == [False, True, True, True, True]
    assert VectorIndex(VECTORS, FIRST_DAYS).similarity(3, cutoff_day=2).tolist() == [0.0] * 5


def test_the_closest_products_are_the_neighbours() -> None:
    count = VECTOR_NEIGHBOURS + 30
    angles = np.linspace(0, np.pi, count)
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    ids = np.array([f"p{i:03}" for i in range(count)], dtype=object)
    table, means = VectorIndex(vectors, np.arange(count)).find_neighbours(ids, [0, count - 1], [count, 0])
    similarity = VectorIndex(vectors, np.arange(count)).similarity(0, count)
    np.testing.assert_allclose(means, [(similarity**2).sum() / count, np.nan])
    assert table.schema == VECTOR_NEIGHBOUR_SCHEMA
    assert table["launch"].unique().to_list() == [0]
    assert table["product_id"][0] == "p001"
    assert table["similarity"].is_sorted(descending=True)
    assert table.height <= VECTOR_NEIGHBOURS


@pytest.mark.parametrize("rows_are_few", [False, True])
def test_features_add_up_the_purchases_of_neighbours(rows_are_few: bool) -> None:
    neighbours = pl.DataFrame(
        {
            "launch": [0, 0],
            "product_id": ["a", "b"],
            "cutoff_day": [100, 100],
            "similarity": [0.8, 0.5],
            "closeness": [0.8**2, 0.5**2],
        },
        schema=VECTOR_NEIGHBOUR_SCHEMA,
    )
    purchases = pl.DataFrame(
        {
            "customer_id": [1, 1, 1, 2],
            "product_id": ["a", "b", "a", "c"],
            "day": [40, 99, 100, 10],
            "increment": [0.7, 0.7, 0.4, 0.7],
            "adopted": [1.0, 0.0, 0.0, 1.0],
            "first": [1.0, 1.0, 0.0, 1.0],
        },
        schema_overrides={"day": pl.Int32},
    )
    rows = pl.DataFrame(
        {
            "launch": [0, 0, 1],
            "customer_id": [1, 2, 1],
            "products": [3.0, 1.0, 3.0],
            "lines_180d": [2.0, 1.0, 2.0],
            "lines_365d": [4.0, 1.0, 4.0],
        },
        schema_overrides={"launch": pl.Int32},
    )
    launches = pl.DataFrame(
        {
            "launch": [0, 1],
            "has_vector": [True, False],
            "mean_closeness": [0.2, None],
            "vector_buyers_of_nearest": [2.5, None],
        },
        schema_overrides={"launch": pl.Int32},
    )
    few_rows = lazy(rows.with_columns(cutoff_day=pl.lit(100, pl.Int32))) if rows_are_few else None
    table = collect(add_vector_features(lazy(rows), lazy(purchases), lazy(neighbours), lazy(launches), few_rows))
    first, second, without = table.sort("launch", "customer_id").select(VECTOR_FEATURES).iter_rows(named=True)
    taste = ((0.8**2 + 0.5**2) / 0.2 + TASTE_PRIOR) / (3 + TASTE_PRIOR)
    assert first == pytest.approx(
        {
            "vector_affinity": 0.8 * 0.7 + 0.5 * 0.7,
            "vector_closeness": 0.8**2 * 0.7 + 0.5**2 * 0.7,
            "vector_recent": 0.8**2 * math.exp(-1) + 0.5**2 * math.exp(-1 / 60),
            "vector_adopted": 0.8**2,
            "vector_first": 0.8**2 + 0.5**2,
            "vector_closest": 0.8,
            "vector_taste": taste,
            "vector_demand": taste * (2 + 0.3 * 4),
            "vector_buyers_of_nearest": 2.5,
        }
    )
    unlikely = TASTE_PRIOR / (1 + TASTE_PRIOR)
    others = {"vector_taste": unlikely, "vector_demand": unlikely * 1.3, "vector_buyers_of_nearest": 2.5}
    assert second == pytest.approx({**dict.fromkeys(VECTOR_FEATURES, 0.0), **others})
    assert without == dict.fromkeys(VECTOR_FEATURES, None)
