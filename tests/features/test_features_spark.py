"""The definitions of features give the same frames on Spark as on the embedded engine."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.engines.frames import collect, lazy
from frontrow.features.customer import active_customers, customer_days, customer_features, select_active
from frontrow.features.launch import FEATURES, LaunchTables, launch_features
from frontrow.features.life_cycle import buyer_totals, product_totals
from frontrow.features.pair import affinities, attribute_days, attribute_features
from frontrow.features.purchases import build_purchases
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.episodes import build_block_purchases, select_scored_customers
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.testing.shops import DAY_ZERO, hand_made_shop, order_lines

pytest.importorskip("pyspark", reason="pyspark is not installed (frontrow[spark])")
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed"),
    # Spark's client leaves sockets open and calls deprecated functions of its dependencies.
    pytest.mark.filterwarnings("ignore"),
]

ToSpark = Callable[[pl.DataFrame], nw.LazyFrame]
CUTOFF = DAY_ZERO + 80


@pytest.fixture(scope="module")
def spark() -> Iterator[ToSpark]:
    """Converts a frame to one of a local Spark session."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "512m",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        # tiny frames: compiling would take longer than running
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    builder = SparkSession.builder.master("local[1]").appName("frontrow tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield lambda frame: nw.from_native(session.createDataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest())))
    session.stop()


def _lines() -> pl.DataFrame:
    """Six customers and a guest over 90 days, orders of several lines and repeat purchases among them."""
    rng = np.random.default_rng(3)
    count = 90
    customers = [None if number == 0 else int(number) for number in rng.integers(0, 7, count)]
    rows = [(customers[i], f"p{int(rng.integers(0, 8))}", int(rng.integers(0, 90))) for i in range(count)]
    lines = order_lines(rows, price=rng.uniform(1, 50, count).round(2).tolist())
    order = pl.format("{}-{}", "customer_id", "day").fill_null("guest")
    return lines.with_columns(
        order_id=order,
        line_number=pl.int_range(1, pl.len() + 1).over(order).cast(pl.Int32),
        quantity=pl.Series(rng.integers(1, 5, count)),
        discount=pl.Series(rng.uniform(0, 1, count).round(2)),
    )


LINES = _lines()
FIRST_DAYS = LINES.group_by("product_id").agg(first_day=pl.col("day").min())
PURCHASES = build_block_purchases(LINES, FIRST_DAYS)
DAYS = collect(customer_days(lazy(PURCHASES)))
CUTOFFS = PURCHASES.select(pl.col("customer_id").unique()).join(
    pl.DataFrame({"cutoff_day": [CUTOFF - 30, CUTOFF]}, schema={"cutoff_day": pl.Int32}), how="cross"
)
SETTINGS = LaunchSettings(horizon_days=10, catalogue_start_days=1, min_buyers=1)


def _launch_tables() -> tuple[LaunchTables, Callable[[ToSpark], LaunchTables], pl.DataFrame]:
    """The tables of two new products, a function that builds them on an engine, and the scored rows."""
    products = {f"p{i}": {"title": f"red pot {'abcd'[i % 4]}", "vendor": ["Ann", "Bob"][i % 2]} for i in range(8)}
    shop = hand_made_shop([], products)
    shop = type(shop)(LINES.lazy(), shop.products, shop.customers, shop.settings, shop.rules)
    history = shop.as_of(shop.midnight(CUTOFF))
    new_products = pl.DataFrame(
        {
            "product_id": ["n1", "n2"],
            "title": ["Red pot a", "blue pots"],
            "product_type": [None, None],
            "vendor": ["Ann", None],
            "tags": [None, None],
            "price": [9.5, None],
            "launch_day": [CUTOFF, CUTOFF],
            "cutoff_day": [CUTOFF, CUTOFF],
        },
        schema_overrides={"product_type": pl.String, "tags": pl.String, "launch_day": pl.Int32, "cutoff_day": pl.Int32},
    )
    scoring_set = build_scoring_set(new_products, compute_life_cycles(history, SETTINGS), SETTINGS.horizon_days)
    rows = select_scored_customers(PURCHASES, scoring_set.launches, 60)

    def build_on(to_engine: ToSpark) -> LaunchTables:
        return LaunchTables(
            launches=to_engine(scoring_set.launches),
            neighbours=to_engine(scoring_set.neighbours),
            categories=to_engine(scoring_set.categories),
            vendors=to_engine(scoring_set.vendors),
        )

    return build_on(lazy), build_on, rows


def _assert_same(polars_frame: nw.LazyFrame, spark_frame: nw.LazyFrame, keys: list[str]) -> None:
    """Equal rows, columns and dtypes, values equal to the last bit; null where null, and no NaN."""
    expected, actual = collect(polars_frame).sort(keys), pl.from_arrow(spark_frame.to_native().toArrow())
    assert isinstance(actual, pl.DataFrame)
    assert expected.height > 0
    assert not any(column.is_nan().any() for column in expected if column.dtype.is_float())
    assert_frame_equal(expected, actual.sort(keys), check_exact=True)


def test_product_totals(spark: ToSpark) -> None:
    _assert_same(product_totals(lazy(LINES)), product_totals(spark(LINES)), ["product_id"])


def test_buyer_totals(spark: ToSpark) -> None:
    days = FIRST_DAYS.rename({"first_day": "launch_day"}).with_columns(pl.col("launch_day") + 5)
    totals = buyer_totals(lazy(LINES), lazy(days), 30)
    assert collect(totals)["buyers_in_horizon"].sum() > 0
    _assert_same(totals, buyer_totals(spark(LINES), spark(days), 30), ["product_id"])


def test_purchases(spark: ToSpark) -> None:
    polars_frame = build_purchases(lazy(LINES), lazy(FIRST_DAYS))
    assert collect(polars_frame)["first"].mean() < 1.0
    spark_frame = build_purchases(spark(LINES), spark(FIRST_DAYS))
    _assert_same(polars_frame, spark_frame, ["customer_id", "product_id", "order_id", "price", "increment"])


def test_customer_days(spark: ToSpark) -> None:
    _assert_same(customer_days(lazy(PURCHASES)), customer_days(spark(PURCHASES)), ["customer_id", "day"])


def test_active_customers(spark: ToSpark) -> None:
    cutoffs = CUTOFFS.select("cutoff_day").unique()
    active = active_customers(lazy(DAYS), lazy(cutoffs), 5)
    assert collect(active).height < CUTOFFS.height
    _assert_same(active, active_customers(spark(DAYS), spark(cutoffs), 5), ["customer_id", "cutoff_day"])


def test_active_of_a_few(spark: ToSpark) -> None:
    few = CUTOFFS[::2]
    active = select_active(lazy(DAYS), lazy(few), 5)
    assert 0 < collect(active).height < few.height
    _assert_same(active, select_active(spark(DAYS), spark(few), 5), ["customer_id", "cutoff_day"])


def test_customer_features(spark: ToSpark) -> None:
    features = customer_features(lazy(DAYS), lazy(CUTOFFS))
    _assert_same(features, customer_features(spark(DAYS), spark(CUTOFFS)), ["customer_id", "cutoff_day"])


def test_affinities(spark: ToSpark) -> None:
    tables, build_tables, _ = _launch_tables()
    polars_frame = affinities(lazy(PURCHASES), tables.neighbours)
    _assert_same(polars_frame, affinities(spark(PURCHASES), build_tables(spark).neighbours), ["launch", "customer_id"])


def test_attribute_features(spark: ToSpark) -> None:
    vendors = pl.DataFrame({"product_id": [f"p{i}" for i in range(8)], "attribute": ["Ann", "Bob"] * 4})
    launches = pl.DataFrame(
        {"launch": [0, 1], "cutoff_day": [CUTOFF - 30, CUTOFF], "attribute": ["Ann", "Bob"]},
        schema_overrides={"launch": pl.Int32, "cutoff_day": pl.Int32},
    )

    def features(to_engine: ToSpark) -> nw.LazyFrame:
        days = attribute_days(to_engine(PURCHASES), to_engine(vendors))
        return attribute_features(days, to_engine(launches), "vendor")

    _assert_same(features(lazy), features(spark), ["launch", "customer_id"])


@pytest.mark.parametrize("rows_are_few", [False, True])
def test_launch_features(spark: ToSpark, rows_are_few: bool) -> None:
    tables, build_tables, rows = _launch_tables()
    rows = rows[::2] if rows_are_few else rows
    polars_frame = launch_features(lazy(PURCHASES), tables, lazy(rows), rows_are_few=rows_are_few)
    features = collect(polars_frame)
    assert set(FEATURES) <= set(features.columns)
    assert all(features[name].dtype == pl.Float64 for name in FEATURES)
    spark_frame = launch_features(spark(PURCHASES), build_tables(spark), spark(rows), rows_are_few=rows_are_few)
    _assert_same(polars_frame, spark_frame.select(features.columns), ["launch", "customer_id"])
