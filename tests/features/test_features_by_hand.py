"""Each feature on a few lines, with expected values computed by hand."""

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.engines.frames import collect, lazy
from frontrow.features.customer import active_customers, customer_days, customer_features, select_active
from frontrow.features.exact import LOG_PRICE, MONEY
from frontrow.features.launch import CUSTOMER_FEATURES, FEATURES, LAUNCH_FEATURES, LaunchTables, launch_features
from frontrow.features.life_cycle import buyer_totals, product_totals
from frontrow.features.neighbour import NEIGHBOUR_SCHEMA, Catalogue, Neighbourhood
from frontrow.features.pair import affinities, attribute_days, attribute_features
from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.features.purchases import build_purchases
from frontrow.launch.model.episodes import build_block_purchases
from frontrow.testing.shops import DAY_ZERO, order_lines

INT = {"day": pl.Int32, "cutoff_day": pl.Int32, "launch": pl.Int32, "first_day": pl.Int32, "launch_day": pl.Int32}


def _frame(rows: list[tuple], *columns: str) -> pl.DataFrame:
    overrides = {name: dtype for name, dtype in INT.items() if name in columns}
    return pl.DataFrame(rows, schema=list(columns), orient="row", schema_overrides=overrides)


def _first_days(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.group_by("product_id").agg(first_day=pl.col("day").min())


def _purchases(lines: pl.DataFrame) -> pl.DataFrame:
    return build_block_purchases(lines, _first_days(lines))


class TestPurchases:
    """Customer 1 buys a pot twice, first on the pot's 31st day, and customer 2 a cup on its 30th."""

    lines = order_lines(
        [(None, "pot", 0), (None, "cup", 1), (1, "pot", 30), (1, "pot", 40), (2, "cup", 30), (1, "cup", 40)],
        quantity=[1, 1, 2, 3, 1, 1],
        price=[5.0, 5.0, 4.0, 4.0, 7.0, 6.0],
        discount=[0.0, 0.0, 1.0, 0.0, 0.5, 0.0],
        order_id=["g", "h", "A", "B", "C", "B"],
        line_number=[1, 1, 1, 1, 1, 2],
    )

    def _row(self, order_id: str, product_id: str) -> dict:
        return _purchases(self.lines).row(
            by_predicate=(pl.col("order_id") == order_id) & (pl.col("product_id") == product_id), named=True
        )

    def test_guests_have_no_row(self) -> None:
        assert _purchases(self.lines)["customer_id"].to_list() == [1, 1, 1, 2]

    def test_revenue_takes_the_discount_of_the_line_off(self) -> None:
        assert [self._row(*key)["revenue"] for key in (("A", "pot"), ("B", "pot"), ("C", "cup"))] == [7.0, 12.0, 6.5]

    def test_increments_add_up_to_the_log_of_one_more_than_the_count(self) -> None:
        first, second = (self._row(order, "pot")["increment"] for order in "AB")
        assert first == pytest.approx(math.log(2))
        assert first + second == pytest.approx(math.log(3))

    def test_first_and_adopted(self) -> None:
        flags = [[self._row(*key)[name] for name in ("first", "adopted")] for key in (("A", "pot"), ("B", "pot"))]
        assert flags == [[1.0, 0.0], [0.0, 0.0]]  # the pot's day 30 is one too late
        assert [self._row("C", "cup")[name] for name in ("first", "adopted")] == [1.0, 1.0]
        assert [self._row("B", "cup")[name] for name in ("first", "adopted")] == [1.0, 0.0]

    def test_a_later_line_of_the_same_order_changes_no_earlier_row(self) -> None:
        later = order_lines([(1, "jug", 41)], order_id="B", line_number=0)
        before = _purchases(self.lines)
        after = build_block_purchases(pl.concat([later, self.lines]), _first_days(pl.concat([self.lines, later])))
        assert after.filter(pl.col("product_id") != "jug").equals(before)

    def test_two_lines_of_one_order_count_one_after_the_other(self) -> None:
        lines = order_lines([(1, "pot", 3), (1, "pot", 3)], order_id="A", line_number=[1, 2])
        assert sorted(_purchases(lines)["first"]) == [0.0, 1.0]

    def test_dtypes_are_the_same_on_every_engine(self) -> None:
        schema = collect(build_purchases(lazy(self.lines), lazy(_first_days(self.lines)))).schema
        assert (schema["customer_id"], schema["day"]) == (pl.Int64, pl.Int32)
        floats = ("quantity", "price", "revenue", "increment", "first", "adopted")
        assert {schema[name] for name in floats} == {pl.Float64}


class TestCustomer:
    """One customer: two lines on day 0, one on day 70, one on day 100; cutoffs on days 101 and 71."""

    lines = order_lines(
        [(1, "a", 0), (1, "b", 0), (1, "a", 70), (1, "c", 100), (2, "a", 90)],
        quantity=[1, 2, 1, 4, 1],
        price=[10.0, 20.0, 10.0, 5.0, 1.0],
        order_id=["A", "A", "B", "C", "D"],
        line_number=[1, 2, 1, 1, 1],
    )
    days = collect(customer_days(lazy(_purchases(lines))))

    def _features(self, cutoff: int, customer: int = 1) -> dict:
        cutoffs = _frame([(customer, DAY_ZERO + cutoff)], "customer_id", "cutoff_day")
        table = collect(customer_features(lazy(self.days), lazy(cutoffs)))
        return table.row(0, named=True)

    def test_days_add_up(self) -> None:
        row = self.days.row(by_predicate=(pl.col("customer_id") == 1) & (pl.col("day") == DAY_ZERO), named=True)
        logs = [math.log(10.01), math.log(20.01)]
        assert {name: row[name] for name in ("lines", "units", "spend", "firsts", "adoptions")} == {
            "lines": 2,
            "units": 3,
            "spend": 50 * MONEY,
            "firsts": 2,
            "adoptions": 2,
        }
        units = [round(value * LOG_PRICE) for value in logs]
        assert row["log_price"] == sum(units)
        assert row["log_price_squared"] == sum(value * value for value in units)

    def test_windows_and_totals(self) -> None:
        features = self._features(101)
        assert [features[f"lines_{days}d"] for days in (30, 90, 180, 365)] == [1.0, 2.0, 4.0, 4.0]
        assert [features[f"spend_{days}d"] for days in (30, 90, 180, 365)] == [20.0, 30.0, 80.0, 80.0]
        assert [features[f"order_days_{days}d"] for days in (30, 90, 180, 365)] == [1.0, 2.0, 3.0, 3.0]
        assert (features["lines"], features["spend"], features["order_days"], features["products"]) == (
            4.0,
            80.0,
            3.0,
            3.0,
        )

    def test_the_edge_of_a_window(self) -> None:
        assert self._features(130)["lines_30d"] == 1.0
        assert self._features(131)["lines_30d"] == 0.0

    def test_decayed(self) -> None:
        features = self._features(101)
        weight = [math.exp(-age / 60) for age in (101, 31, 1)]
        assert features["lines_decayed"] == pytest.approx(2 * weight[0] + weight[1] + weight[2])
        assert features["firsts_decayed"] == pytest.approx(2 * weight[0] + weight[2])
        assert features["order_days_decayed"] == pytest.approx(sum(weight))

    def test_rhythm(self) -> None:
        features = self._features(101)
        assert (features["days_since_last_order"], features["days_since_first_order"]) == (1.0, 101.0)
        assert features["days_between_orders"] == 50.0
        assert features["overdue"] == pytest.approx(1 / 51)
        assert features["lines_per_order_day"] == pytest.approx(4 / 3)

    def test_shares_and_prices(self) -> None:
        features = self._features(101)
        logs = np.log(np.array([10.0, 20.0, 10.0, 5.0]) + 0.01)
        assert features["share_of_firsts"] == 0.75
        assert features["share_of_adoptions"] == 1.0
        assert features["units_per_line"] == 2.0
        assert features["log_price_mean"] == pytest.approx(logs.mean())
        assert features["log_price_spread"] == pytest.approx(logs.std())

    def test_appetite_for_new_things(self) -> None:
        features = self._features(101)
        assert (features["adoptions"], features["adoptions_90d"]) == (3.0, 1.0)

    def test_the_same_season_a_year_ago(self) -> None:
        # more than 335 days old and no more than 395
        lines = [self._features(90 + age, customer=2)["lines_same_season"] for age in (335, 336, 395, 396)]
        assert lines == [0.0, 1.0, 1.0, 0.0]

    def test_only_what_was_before_the_cutoff(self) -> None:
        features = self._features(71)
        assert (features["lines"], features["days_since_last_order"]) == (3.0, 1.0)
        assert self._features(70)["lines"] == 2.0

    def test_one_order_day_has_no_gap(self) -> None:
        features = self._features(95, customer=2)
        assert features["days_between_orders"] == 5.0
        assert features["log_price_spread"] == 0.0

    def test_no_earlier_purchase_no_row(self) -> None:
        cutoffs = _frame([(2, DAY_ZERO + 90), (9, DAY_ZERO + 90)], "customer_id", "cutoff_day")
        assert collect(customer_features(lazy(self.days), lazy(cutoffs))).height == 0

    def test_every_feature_is_named(self) -> None:
        assert set(self._features(101)) == {"customer_id", "cutoff_day", *CUSTOMER_FEATURES}

    @pytest.mark.parametrize(
        ("cutoff", "active"), [(0, []), (1, [1]), (10, [1]), (11, []), (70, []), (71, [1]), (91, [2]), (101, [1])]
    )
    def test_who_is_active(self, cutoff: int, active: list[int]) -> None:
        cutoffs = _frame([(DAY_ZERO + cutoff,)], "cutoff_day")
        rows = collect(active_customers(lazy(self.days), lazy(cutoffs), 10))
        assert set(rows.iter_rows()) == {(customer, DAY_ZERO + cutoff) for customer in active}

    @pytest.mark.parametrize("cutoff", [1, 11, 71])
    def test_who_is_active_of_a_few(self, cutoff: int) -> None:
        days, few = lazy(self.days), _frame([(1, DAY_ZERO + cutoff)], "customer_id", "cutoff_day")
        of_everyone = collect(active_customers(days, lazy(few.select("cutoff_day")), 10))
        of_the_pair = of_everyone.filter(pl.col("customer_id") == 1)
        assert_frame_equal(collect(select_active(days, lazy(few), 10)), of_the_pair)


class TestPair:
    lines = order_lines([(1, "a", 0), (1, "a", 40), (1, "b", 40), (2, "b", 50), (3, "z", 10), (4, "a", 60)])
    neighbours = pl.DataFrame(
        {
            "launch": [0, 0, 1],
            "product_id": ["a", "b", "b"],
            "cutoff_day": [DAY_ZERO + 60] * 3,
            "characters": [0.5, 0.2, 0.9],
            "words": [0.25, 0.0, 0.1],
            "similarity": [0.75, 0.2, 1.0],
            "closeness": [3.0, 4.0, 5.0],
            "nearest": [0.25, 0.0, 0.81],
            "young": [0.1, 0.2, 0.3],
            "same_type": [1.0, 0.0, 1.0],
        },
        schema=NEIGHBOUR_SCHEMA,
    )

    def _rows(self) -> dict[tuple[int, int], dict]:
        table = collect(affinities(lazy(_purchases(self.lines)), lazy(self.neighbours)))
        return {(row["launch"], row["customer_id"]): row for row in table.iter_rows(named=True)}

    def test_who_has_a_row(self) -> None:
        # 3 bought no neighbour, 4 on the day of the launch itself
        assert set(self._rows()) == {(0, 1), (0, 2), (1, 1), (1, 2)}

    def test_sums(self) -> None:
        row = self._rows()[0, 1]
        log2, log3 = math.log(2), math.log(3)
        assert row["affinity_characters"] == pytest.approx(0.5 * log3 + 0.2 * log2)
        assert row["affinity_words"] == pytest.approx(0.25 * log3)
        assert row["affinity_closeness"] == pytest.approx(3 * log3 + 4 * log2)
        assert row["affinity_nearest"] == pytest.approx(0.25 * log3)
        assert row["affinity_young"] == pytest.approx(0.1 * log3 + 0.2 * log2)
        assert row["affinity_first"] == pytest.approx(0.7)
        assert row["affinity_recent"] == pytest.approx(0.5 * (math.exp(-1) + math.exp(-1 / 3)) + 0.2 * math.exp(-1 / 3))
        assert row["affinity_adopted"] == pytest.approx(0.7)
        assert (row["similar_lines"], row["closest"], row["days_since_similar"]) == (3.0, 0.75, 20.0)

    def test_a_few_rows_alone(self) -> None:
        rows = _frame([(0, 1, DAY_ZERO + 60), (1, 3, DAY_ZERO + 60)], "launch", "customer_id", "cutoff_day")
        few = collect(affinities(lazy(_purchases(self.lines)), lazy(self.neighbours), lazy(rows)))
        assert few.rows(named=True) == [self._rows()[0, 1]]


class TestAttribute:
    lines = order_lines([(1, "a", 0), (1, "b", 0), (1, "a", 30), (1, "c", 40), (2, "c", 40), (1, "a", 60)])
    product_attributes = pl.DataFrame({"product_id": ["a", "b"], "attribute": ["pots", "pots"]})

    def test_lines_of_the_same_attribute_before_the_cutoff(self) -> None:
        launches = _frame(
            [(0, DAY_ZERO + 60, "pots"), (1, DAY_ZERO + 60, "cups"), (2, DAY_ZERO + 60, None)],
            *("launch", "cutoff_day", "attribute"),
        )
        days = attribute_days(lazy(_purchases(self.lines)), lazy(self.product_attributes))
        table = collect(attribute_features(days, lazy(launches), "category"))
        assert table.height == 1
        row = table.row(0, named=True)
        assert (row["launch"], row["customer_id"], row["category_lines"]) == (0, 1, 3.0)
        assert row["category_recent"] == pytest.approx(2 * math.exp(-1) + math.exp(-0.5))
        assert row["category_increment"] == pytest.approx(math.log(3) + math.log(2))


class TestLaunch:
    """Customer 1 bought a neighbour of the new product, customer 2 did not."""

    lines = order_lines([(1, "a", 0), (1, "b", 10), (2, "z", 20)], price=[10.0, 30.0, 8.0])
    launches = pl.DataFrame(
        {
            "launch": [0],
            "cutoff_day": [DAY_ZERO + 30],
            "category": ["pots"],
            "vendor": [None],
            "log_price": [3.0],
            "closeness_of_nearest": [0.4],
            "buyers_of_nearest": [None],
            "season_sine": [0.0],
            "season_cosine": [1.0],
        },
        schema_overrides={**INT, "vendor": pl.String, "buyers_of_nearest": pl.Float64},
    )

    def _rows(self, rows_are_few: bool = False) -> dict[int, dict]:
        tables = LaunchTables(
            launches=lazy(self.launches),
            neighbours=lazy(TestPair.neighbours[:1].with_columns(cutoff_day=pl.lit(DAY_ZERO + 30, pl.Int32))),
            categories=lazy(pl.DataFrame({"product_id": ["b"], "attribute": ["pots"]})),
            vendors=lazy(pl.DataFrame({"product_id": ["b"], "attribute": ["Ann"]})),
        )
        rows = _frame([(0, 1, DAY_ZERO + 30), (0, 2, DAY_ZERO + 30)], "launch", "customer_id", "cutoff_day")
        purchases = lazy(_purchases(self.lines))
        table = collect(launch_features(purchases, tables, lazy(rows), rows_are_few=rows_are_few))
        assert set(FEATURES) <= set(table.columns)
        return {row["customer_id"]: row for row in table.iter_rows(named=True)}

    def test_features_of_a_related_customer(self) -> None:
        row = self._rows()[1]
        assert row["affinity_characters"] == pytest.approx(0.5 * math.log(2))
        assert row["category_lines"] == 1.0
        assert row["affinity_per_product"] == pytest.approx(0.5 / 2)
        assert row["affinity_per_line"] == pytest.approx(3.0 * math.log(2) / 2)
        mean = (math.log(10.01) + math.log(30.01)) / 2
        assert row["log_price_above_usual"] == pytest.approx(3.0 - mean, abs=1 / LOG_PRICE)

    def test_a_few_rows_have_the_same_features(self) -> None:
        assert self._rows(rows_are_few=True) == self._rows()

    def test_nothing_to_add_up_is_zero_and_no_day_is_null(self) -> None:
        row = self._rows()[2]
        for name in ("affinity_characters", "similar_lines", "closest", "category_lines", "affinity_per_line"):
            assert row[name] == 0.0
        assert row["days_since_similar"] is None

    def test_a_launch_without_a_vendor_finds_none(self) -> None:
        assert {row["vendor_lines"] for row in self._rows().values()} == {0.0}

    def test_launch_values_are_the_same_for_every_customer(self) -> None:
        for name in LAUNCH_FEATURES:
            assert len({row[name] for row in self._rows().values()}) == 1
        assert self._rows()[1]["buyers_of_nearest"] is None

    def test_features_are_named_once(self) -> None:
        assert len(set(FEATURES)) == len(FEATURES)


class TestLifeCycle:
    lines = order_lines(
        [
            (1, "a", 0),
            (None, "a", 5),
            (2, "a", 9),
            (1, "b", 10),
            (2, "b", 39),
            (3, "b", 12),
            (1, "b", 50),
            (4, "a", 60),
        ],
        quantity=[1, 2, 1, 1, 1, 1, 1, 1],
        discount=[0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    )

    def test_product_totals(self) -> None:
        table = collect(product_totals(lazy(self.lines))).sort("product_id")
        assert table.row(0) == ("a", DAY_ZERO, DAY_ZERO + 60, 5, 49.5)
        assert table.row(1) == ("b", DAY_ZERO + 10, DAY_ZERO + 50, 4, 40.0)

    def test_buyer_totals(self) -> None:
        days = _frame([("a", DAY_ZERO), ("b", DAY_ZERO + 10)], "product_id", "launch_day")
        table = collect(buyer_totals(lazy(self.lines), lazy(days), 30)).sort("product_id")
        assert table.row(0) == ("a", 3, 0, 0)
        # 3 was not a customer before the launch; 2 bought on the last day of the window
        assert table.row(1) == ("b", 3, 2, 2)

    def test_only_the_first_purchase_answers(self) -> None:
        days = _frame([("b", DAY_ZERO + 45)], "product_id", "launch_day")
        # customer 1 bought again after the stated launch day, having bought it before
        assert collect(buyer_totals(lazy(self.lines), lazy(days), 30)).row(0) == ("b", 3, 3, 0)


class TestPurchaseMatrix:
    purchases = pl.DataFrame(
        {"customer_id": [9, 7, 7, 7, 8], "product_id": ["a", "b", "a", "a", "z"], "day": [3, 1, 2, 5, 1]}
    )

    def test_counts_before_each_cutoff(self) -> None:
        matrix = PurchaseMatrix(self.purchases, ["b", "a", "never"])
        assert matrix.before(6).toarray().tolist() == [[1.0, 2.0, 0.0], [0.0, 1.0, 0.0]]
        assert matrix.before(3).toarray().tolist() == [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
        assert matrix.before(1).nnz == 0
        assert matrix.before(6).sum() == 4.0

    def test_rows_are_those_of_the_customers(self) -> None:
        matrix = PurchaseMatrix(self.purchases, ["a", "b"])
        assert matrix.customer_ids.tolist() == [7, 9]
        assert matrix.rows_of(np.array([9, 7, 9])).tolist() == [1, 0, 1]


class TestNeighbourhood:
    catalogue = Catalogue(
        np.array(["a", "b", "c", "new"], dtype=object),
        ["red pot", "red cup", "tin lid", "red pot"],
        np.array(["pot", "cup", "lid", "pot"], dtype=object),
        np.array([DAY_ZERO, DAY_ZERO + 30, DAY_ZERO, DAY_ZERO + 60]),
        np.array([1.0, 2.0, 3.0, 4.0]),
    )

    def test_neighbours_by_hand(self) -> None:
        table = Neighbourhood(self.catalogue).table([3], [DAY_ZERO + 60])
        assert dict(table.schema) == NEIGHBOUR_SCHEMA
        assert table["product_id"].to_list() == ["a", "b"]
        row = table.row(0, named=True)
        assert (row["characters"], row["words"]) == (pytest.approx(1.0), pytest.approx(1.0))
        assert row["closeness"] == pytest.approx(2**1.5)
        assert row["nearest"] == pytest.approx(1.0)
        assert row["young"] == pytest.approx(2 * math.exp(-1))
        assert table["same_type"].to_list() == [1.0, 0.0]

    def test_a_cutoff_without_earlier_products_has_none(self) -> None:
        assert Neighbourhood(self.catalogue).table([3], [DAY_ZERO]).height == 0
        assert Neighbourhood(self.catalogue).table([], []).schema == NEIGHBOUR_SCHEMA

    def test_at_most_a_hundred_and_thirty_near_ones(self) -> None:
        count = 150
        catalogue = Catalogue(
            np.array([f"p{i}" for i in range(count)], dtype=object),
            ["red pot"] * count,
            np.array(["pot"] * count, dtype=object),
            np.arange(count),
            np.ones(count),
        )
        table = Neighbourhood(catalogue).table([count - 1], [count - 1])
        assert table["product_id"].to_list() == [f"p{i}" for i in range(100)]
        assert (table["nearest"] > 0).sum() == 30

    def test_category_is_the_type_or_the_last_word(self) -> None:
        table = pl.DataFrame(
            {
                "product_id": ["a", "b", "c", "d"],
                "title": ["Red Pot (2)", "Red Pots!", None, "--"],
                "product_type": ["Planters", None, None, None],
                "vendor": [None] * 4,
                "tags": ["x, y", None, None, None],
                "price": [None] * 4,
                "first_day": [1, 2, 3, 4],
            },
            schema_overrides={"vendor": pl.String, "price": pl.Float64},
        )
        catalogue = Catalogue.of(table)
        assert catalogue.categories.tolist() == ["planters", "pots", "", ""]
        assert catalogue.texts[0].startswith("Red Pot (2) Planters")
        assert np.isnan(catalogue.prices).all()


def test_days_are_the_shop_days_whatever_the_hour() -> None:
    late = order_lines([(1, "a", 0)], ordered_at=[dt.datetime(2030, 1, 1, tzinfo=dt.UTC)])
    assert _purchases(late)["day"].to_list() == [DAY_ZERO]
