"""The definitions of features give the same frames on other engines as on the embedded one, to the last bit."""

from collections.abc import Callable
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from feature_tables import CUTOFF, CUTOFFS, DAYS, FIRST_DAYS, LINES, PURCHASES, ToEngine, launch_tables, scored_rows
from polars.testing import assert_frame_equal

from frontrow.engines.frames import collect, lazy
from frontrow.features.customer import active_customers, customer_days, customer_features, select_active
from frontrow.features.launch import FEATURES, launch_features
from frontrow.features.life_cycle import buyer_totals, product_totals
from frontrow.features.orders import ORDER_FEATURES, build_order_days, build_order_features
from frontrow.features.pair import affinities, attribute_days, attribute_features
from frontrow.features.purchases import build_purchases
from frontrow.features.vectors import VECTOR_FEATURES, add_vector_features

# Spark's client leaves sockets open and calls deprecated functions of its dependencies.
pytestmark = pytest.mark.filterwarnings("ignore")

ON_SAIL = [("sail", 1), ("sail", 7)]
ON_SPARK = [("local_cluster", 3)]
"""Each definition takes its time there: the one that most others come together in, and those of life cycles.

In one part, where nothing is put together, they are compared on Sail.
"""


@pytest.fixture(scope="module", params=ON_SAIL, ids=str)
def engine(request: pytest.FixtureRequest) -> ToEngine:
    """Converts a frame to one of an engine, in so many parts; there are as many after each shuffle."""
    name, parts = request.param
    session: Any = request.getfixturevalue(name)
    session.conf.set("spark.sql.shuffle.partitions", str(parts))

    def convert(frame: pl.DataFrame) -> nw.LazyFrame:
        table = session.createDataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        return nw.from_native(table.repartition(parts))

    return convert


on_spark_too = pytest.mark.parametrize("engine", [*ON_SAIL, *ON_SPARK], ids=str, indirect=True)


def _assert_same(define: Callable[[ToEngine], nw.LazyFrame], engine: ToEngine, keys: list[str]) -> pl.DataFrame:
    """Equal rows, columns and dtypes, values equal to the last bit; null where null, and no NaN."""
    expected = collect(define(lazy)).sort(keys)
    assert expected.height > 0
    assert not any(column.is_nan().any() for column in expected if column.dtype.is_float())
    actual = pl.from_arrow(define(engine).select(expected.columns).to_native().toArrow())
    assert isinstance(actual, pl.DataFrame)
    assert_frame_equal(expected, actual.sort(keys), check_exact=True)
    return expected


@on_spark_too
def test_product_totals(engine: ToEngine) -> None:
    _assert_same(lambda on: product_totals(on(LINES)), engine, ["product_id"])


@on_spark_too
def test_buyer_totals(engine: ToEngine) -> None:
    days = FIRST_DAYS.rename({"first_day": "launch_day"}).with_columns(pl.col("launch_day") + 5)
    totals = _assert_same(lambda on: buyer_totals(on(LINES), on(days), 30), engine, ["product_id"])
    assert totals["buyers_in_horizon"].sum() > 0


@on_spark_too
def test_purchases(engine: ToEngine) -> None:
    keys = ["customer_id", "product_id", "order_id", "price", "increment"]
    purchases = _assert_same(lambda on: build_purchases(on(LINES), on(FIRST_DAYS)), engine, keys)
    assert purchases["first"].mean() < 1.0


def test_order_features(engine: ToEngine) -> None:
    days = _assert_same(lambda on: build_order_days(on(LINES)), engine, ["customer_id", "day"])
    features = _assert_same(lambda on: build_order_features(on(days), CUTOFF, 10), engine, ["customer_id"])
    assert set(ORDER_FEATURES) <= set(features.columns)


def test_customer_days(engine: ToEngine) -> None:
    _assert_same(lambda on: customer_days(on(PURCHASES)), engine, ["customer_id", "day"])


def test_active_customers(engine: ToEngine) -> None:
    cutoffs = CUTOFFS.select("cutoff_day").unique()
    active = _assert_same(lambda on: active_customers(on(DAYS), on(cutoffs), 5), engine, ["customer_id", "cutoff_day"])
    assert active.height < CUTOFFS.height


def test_active_of_a_few(engine: ToEngine) -> None:
    few = CUTOFFS[::2]
    active = _assert_same(lambda on: select_active(on(DAYS), on(few), 5), engine, ["customer_id", "cutoff_day"])
    assert active.height < few.height


def test_customer_features(engine: ToEngine) -> None:
    _assert_same(lambda on: customer_features(on(DAYS), on(CUTOFFS)), engine, ["customer_id", "cutoff_day"])


def test_affinities(engine: ToEngine) -> None:
    _assert_same(lambda on: affinities(on(PURCHASES), launch_tables(on).neighbours), engine, ["launch", "customer_id"])


def test_attribute_features(engine: ToEngine) -> None:
    vendors = pl.DataFrame({"product_id": [f"p{i}" for i in range(8)], "attribute": ["Ann", "Bob"] * 4})
    launches = pl.DataFrame(
        {"launch": [0, 1], "cutoff_day": [CUTOFF - 30, CUTOFF], "attribute": ["Ann", "Bob"]},
        schema_overrides={"launch": pl.Int32, "cutoff_day": pl.Int32},
    )

    def define(on: ToEngine) -> nw.LazyFrame:
        return attribute_features(attribute_days(on(PURCHASES), on(vendors)), on(launches), "vendor")

    _assert_same(define, engine, ["launch", "customer_id"])


@pytest.mark.parametrize("rows_are_few", [False, True])
def test_vector_features(engine: ToEngine, rows_are_few: bool) -> None:
    rows = scored_rows().select("launch", "customer_id", "cutoff_day")
    own = ("products", "lines_180d", "lines_365d")
    rows = rows.with_columns(pl.int_range(1, pl.len() + 1).cast(pl.Float64).alias(name) for name in own)
    vectors = pl.DataFrame(
        {"launch": [0, 1], "has_vector": [True, False], "mean_closeness": [0.2, None], "vector_buyers_of_nearest": 2.5},
        schema_overrides={"launch": pl.Int32},
    )
    neighbours = collect(launch_tables(lazy).neighbours).select("launch", "product_id", "cutoff_day").unique()
    place = pl.int_range(1, pl.len() + 1) / 7
    neighbours = neighbours.sort("launch", "product_id").with_columns(similarity=place, closeness=place**2)

    def define(on: ToEngine) -> nw.LazyFrame:
        few_rows = on(rows.select("launch", "customer_id", "cutoff_day")) if rows_are_few else None
        return add_vector_features(on(rows), on(PURCHASES), on(neighbours), on(vectors), few_rows)

    features = _assert_same(define, engine, ["launch", "customer_id"])
    assert features.filter(pl.col("launch") == 0).select(VECTOR_FEATURES).null_count().row(0) == (0,) * len(
        VECTOR_FEATURES
    )


@pytest.mark.parametrize(
    ("engine", "rows_are_few"),
    [*((place, few) for place in ON_SAIL for few in (False, True)), (ON_SPARK[-1], False)],
    ids=str,
    indirect=["engine"],
)
def test_launch_features(engine: ToEngine, rows_are_few: bool) -> None:
    rows = scored_rows()[:: 2 if rows_are_few else 1]
    features = _assert_same(
        lambda on: launch_features(on(PURCHASES), launch_tables(on), on(rows), rows_are_few=rows_are_few),
        engine,
        ["launch", "customer_id"],
    )
    assert set(FEATURES) <= set(features.columns)
    assert all(features[name].dtype == pl.Float64 for name in FEATURES)
