"""Rules on lists: hand-made cases, and properties that hold for any scores and any rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from frontrow.errors import RecommendationError
from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Queries
from frontrow.recommend.candidates import CANDIDATE_ITEM_SCHEMA
from frontrow.recommend.lists import Lists, build_lists
from frontrow.recommend.rerank.blend import LaunchProbabilities
from frontrow.recommend.rerank.compile_rules import compile_rules
from frontrow.recommend.rerank.diversify import build_title_similarity
from frontrow.recommend.rerank.filters import find_rule_warnings
from frontrow.recommend.rerank.past_purchases import PastPurchases
from frontrow.recommend.rerank.rules import AtMost, Match, Pin, Rules
from frontrow.schema import conform

DAY = 1_000


class Scored:
    """A fitted recommender whose scores are given."""

    def __init__(self, scores) -> None:
        self.given = np.asarray(scores, dtype=np.float32)

    def scores(self, queries: Queries):
        return self.given[queries.rows]

    def save(self, folder) -> None:
        raise NotImplementedError


def items_of(**columns) -> pl.DataFrame:
    length = len(next(iter(columns.values())))
    ids = [f"p{number}" for number in range(length)]
    table = {"product_id": ids, "title": ids, "last_day": [DAY - 1] * length, **columns}
    return conform(pl.DataFrame(table, schema_overrides={"last_day": pl.Int32}), CANDIDATE_ITEM_SCHEMA)


def lists_of(scores, items, rules, *, k=2, last_day=None, launches=None, block=None) -> Lists:
    scores = np.asarray(scores, dtype=np.float32)
    days = np.zeros(scores.shape, dtype=np.int32) if last_day is None else np.asarray(last_day, dtype=np.int32)
    past_purchases = PastPurchases(DAY, sparse.csr_matrix(days), np.full(scores.shape[1], 30, dtype=np.float32))
    similarity = build_title_similarity(items["title"].to_list())
    compiled = compile_rules(items, rules, k=k, past_purchases=past_purchases, compare=lambda: similarity)
    context = pl.DataFrame({name: [None] * len(scores) for name in CONTEXT_SCHEMA}, CONTEXT_SCHEMA)
    queries = Queries(np.arange(len(scores)), context)
    return build_lists("scored", Scored(scores), queries, compiled, launches=launches, block=block)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"already_bought": "never"}, "already_bought is 'never'; expected one of show, hide, when due"),
        ({"diversity": -0.1}, "diversity is .* expected a number from 0 to 1"),
        ({"diversity": float("nan")}, "diversity is .* expected a number from 0 to 1"),
        ({"at_most": AtMost(per_vendor=0)}, "at_most is .* expected 1 or more"),
        ({"pinned": (Pin("p0", 0),)}, "ranks of 1 or more"),
        ({"pinned": (Pin("p0", 1), Pin("p0", 2))}, "a different product"),
        ({"pinned": (Pin("p0", 1), Pin("p1", 1))}, "a different rank"),
    ],
)
def test_invalid_rules_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RecommendationError, match=message):
        Rules(**fields)


def test_without_rules_it_is_the_list_of_the_model() -> None:
    lists = lists_of([[1, 3, 2]], items_of(vendor=["a", "b", "c"]), Rules(), k=3)
    assert lists.columns.tolist() == [[1, 2, 0]]
    assert lists.scores.tolist() == [[3, 2, 1]]
    assert lists.sources.tolist() == [["scored"] * 3]


def test_each_rule_that_forbids_is_counted_by_itself() -> None:
    items = items_of(
        status=["archived", "active", None, None, "active"],
        last_day=[DAY - 1, DAY - 181, DAY - 180, DAY - 1, DAY - 1],
        tags=["x", "x, Clearance", None, "clear", "y"],
        price=[1.0, 2.0, 3.0, 4.0, None],
    )
    rules = Rules(out_of_stock=("p3",), exclude=Match(tags=("clearance",)))
    lists = lists_of([[9, 8, 7, 6, 5], [5, 6, 7, 8, 9]], items, rules)
    assert lists.columns.tolist() == [[2, 4], [4, 2]]
    counted = {row["rule"]: row for row in lists.effects.iter_rows(named=True)}
    assert {rule: row["products"] for rule, row in counted.items()} == {
        "not for sale": 1,
        "not sold lately": 1,
        "out of stock": 1,
        "excluded": 1,
    }
    assert {rule: (row["removed"], row["customers"]) for rule, row in counted.items()} == {
        "not for sale": (1, 1),
        "not sold lately": (1, 1),
        "out of stock": (1, 1),
        "excluded": (1, 1),
    }


def test_a_status_is_the_same_in_upper_case() -> None:
    items = items_of(status=["archived", "Archived", "draft"])
    assert lists_of([[3, 2, 1]], items, Rules(not_for_sale=("ARCHIVED ",))).columns.tolist() == [[2, -1]]


def test_only_what_fits_every_field_is_included() -> None:
    items = items_of(
        vendor=["A", "a ", "b", "a"], product_type=["pot", "pot", "pot", None], price=[1.0, 9.0, 9.0, None]
    )
    rules = Rules(include=Match(vendors=("a",), price_from=5.0, price_to=9.0))
    assert lists_of([[4, 3, 2, 1]], items, rules).columns.tolist() == [[1, -1]]


def test_already_bought_is_shown_hidden_or_shown_when_due() -> None:
    last = [[DAY - 10, DAY - 30, 0]]
    items = items_of(vendor=[None] * 3)
    assert lists_of([[3, 2, 1]], items, Rules(), k=3, last_day=last).columns.tolist() == [[0, 1, 2]]
    assert lists_of([[3, 2, 1]], items, Rules("hide"), k=3, last_day=last).columns.tolist() == [[2, -1, -1]]
    due = lists_of([[3, 2, 1]], items, Rules("when due"), k=3, last_day=last)
    assert due.columns.tolist() == [[1, 2, -1]]
    assert due.effects.filter(rule="already bought").select("removed", "customers").row(0) == (1, 1)
    assert np.isnan(due.scores[0, 2])


def test_at_most_so_many_of_a_kind_and_any_number_without_one() -> None:
    items = items_of(vendor=["a", "A", "b", "b", None, None], product_type=[None, None, "x", "y", "x", "x"])
    lists = lists_of([[6, 5, 4, 3, 2, 1]], items, Rules(at_most=AtMost(per_vendor=1)), k=4)
    assert lists.columns.tolist() == [[0, 2, 4, 5]]
    assert lists.effects.filter(rule="at most 1 per vendor")["removed"].item() == 2
    both_limits = lists_of([[6, 5, 4, 3, 2, 1]], items, Rules(at_most=AtMost(1, 1)), k=4)
    assert both_limits.columns.tolist() == [[0, 2, -1, -1]]


def test_a_list_is_filled_from_lower_ranks_where_limits_require_it() -> None:
    items = items_of(vendor=["a"] * 400 + ["b"])
    lists = lists_of([np.arange(401, 0, -1)], items, Rules(at_most=AtMost(per_vendor=1)))
    assert lists.columns.tolist() == [[0, 400]]


def test_diversity_moves_similar_products_down() -> None:
    items = items_of(title=["red pot", "red pot", "rake"])
    assert lists_of([[3, 2, 1]], items, Rules(diversity=0.0)).columns.tolist() == [[0, 1]]
    lists = lists_of([[3, 2, 1]], items, Rules(diversity=0.5))
    assert lists.columns.tolist() == [[0, 2]]
    assert lists.effects.filter(rule="diversity").select("moved", "customers").row(0) == (1, 1)
    # one rank of the model's order has the weight .95 / 20, the similarity .05
    assert lists_of([[3, 2, 1]], items, Rules(diversity=0.05)).columns.tolist() == [[0, 2]]
    assert lists_of([[3, 2, 1]], items, Rules(diversity=0.04)).columns.tolist() == [[0, 1]]


def test_pins_are_at_their_rank_unless_a_rule_forbids_them() -> None:
    items = items_of(vendor=["a", "b", "c", "c", "d"], status=[None, None, None, "archived", None])
    scores = [[5, 4, 3, 2, 1], [1, 2, 3, 4, 5]]
    rules = Rules("hide", pinned=(Pin("p4", 1), Pin("p3", 2), Pin("p2", 3), Pin("p0", 9)))
    lists = lists_of(scores, items, rules, k=3, last_day=[[0, 0, 0, 0, 0], [0, 0, DAY - 1, 0, 0]])
    # p3 is archived, the second customer has bought p2, and nine is below the list
    assert lists.columns.tolist() == [[4, 0, 2], [4, 1, 0]]
    assert lists.sources.tolist() == [["pinned", "scored", "pinned"], ["pinned", "scored", "scored"]]
    assert lists.effects.filter(rule="pinned").select("moved", "customers").row(0) == (3, 2)
    with pytest.raises(RecommendationError, match='"p9" is not a product of this shop'):
        lists_of(scores, items, Rules(pinned=(Pin("p9", 1),)))


def test_pins_count_for_the_limits() -> None:
    items = items_of(vendor=["a", "a", "a", "b"])
    rules = Rules(at_most=AtMost(per_vendor=1), pinned=(Pin("p2", 2), Pin("p1", 3)))
    assert lists_of([[4, 3, 2, 1]], items, rules, k=4).columns.tolist() == [[3, 2, -1, -1]]


def test_launches_are_ranked_by_their_probability() -> None:
    items = pl.concat([items_of(vendor=["a", "b", "c"]), items_of(vendor=["n", "m"]).with_columns(last_day=None)])
    items = items.with_columns(product_id=pl.Series(["p0", "p1", "p2", "n0", "n1"])).cast({"last_day": pl.Int32})
    logits = [[0.0, -2.0, -4.0], [-4.0, -2.0, 0.0]]
    probability = np.array([[0.3, 0.04], [np.nan, 0.9]], dtype=np.float32)
    lists = lists_of(logits, items, Rules(), k=3, launches=LaunchProbabilities(probability, None))
    assert lists.columns.tolist() == [[0, 3, 1], [4, 2, 1]]
    assert lists.sources[0].tolist() == ["scored", "launch", "scored"]
    assert lists.scores[0, 1] == pytest.approx(np.log(0.3 / 0.7))
    assert lists.effects.filter(rule="launches").select("moved", "customers").row(0) == (2, 2)
    placed = lists_of(
        logits, items, Rules(), k=3, launches=LaunchProbabilities(probability, np.array([0.5, 0.1, 0.005]))
    )
    assert placed.columns.tolist() == [[0, 3, 1], [4, 2, 1]]
    assert np.isnan(placed.scores[0, 1])
    # 0.3 is more than 0.2, but by less than the required margin of a launch
    unsure = lists_of(
        logits, items, Rules(), k=3, launches=LaunchProbabilities(probability, np.array([0.5, 0.2, 0.005]))
    )
    assert unsure.columns[0].tolist() == [0, 1, 3]
    out = lists_of(logits, items, Rules(out_of_stock=("n0",)), k=3, launches=LaunchProbabilities(probability, None))
    assert out.columns.tolist() == [[0, 1, 4], [4, 2, 1]]


def test_a_rule_without_matches_gives_a_warning() -> None:
    items = items_of(vendor=["Alder", "Birch"], tags=[None, None])
    rules = Rules(include=Match(vendors=("alder", "Brich")), exclude=Match(tags=("red",)))
    assert find_rule_warnings(items, rules) == [
        'include.vendors: no product has "Brich"; the nearest is "Birch".',
        'exclude.tags: no product has "red"; the shop\'s products have no tags.',
    ]


PRODUCTS = 12
KINDS = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=PRODUCTS, max_size=PRODUCTS)
IDS = st.lists(st.sampled_from([f"p{number}" for number in range(PRODUCTS)]), max_size=4, unique=True)


@st.composite
def rules_of(draw) -> Rules:
    match = st.builds(
        Match,
        product_types=st.lists(st.sampled_from(["a", "b"]), max_size=1).map(tuple),
        product_ids=IDS.map(tuple),
        price_from=st.none() | st.floats(0, 5),
    )
    pins = draw(IDS)
    ranks = draw(st.lists(st.integers(1, 8), min_size=len(pins), max_size=len(pins), unique=True))
    return Rules(
        already_bought=draw(st.sampled_from(["show", "hide", "when due"])),
        out_of_stock=tuple(draw(IDS)),
        include=draw(match | st.just(Match())),
        exclude=draw(match | st.just(Match())),
        at_most=AtMost(draw(st.none() | st.integers(1, 3)), draw(st.none() | st.integers(1, 3))),
        diversity=draw(st.sampled_from([0.0, 0.3, 1.0])),
        pinned=tuple(Pin(product_id, rank) for product_id, rank in zip(pins, ranks, strict=True)),
    )


@settings(max_examples=150)
@given(rules_of(), KINDS, KINDS, st.integers(0, 2**32 - 1), st.integers(1, 14), st.integers(0, 2))
def test_every_list_satisfies_the_rules(rules, types, vendors, seed, k, launch_count) -> None:
    rng = np.random.default_rng(seed)
    items = items_of(
        product_type=types,
        vendor=vendors,
        title=[f"{'red' if column % 2 else 'blue'} thing {column % 3}" for column in range(PRODUCTS)],
        price=rng.integers(0, 9, PRODUCTS).astype(float),
    )
    sold = PRODUCTS - launch_count
    scores = rng.integers(0, 5, (5, sold)).astype(np.float32)
    last = np.where(rng.random((5, sold)) < 0.3, rng.integers(DAY - 60, DAY, (5, sold)), 0)
    probability = np.where(rng.random((5, launch_count)) < 0.3, np.nan, rng.random((5, launch_count))).astype(
        np.float32
    )
    launches = LaunchProbabilities(probability, np.linspace(0.9, 0.1, 7)) if launch_count else None
    lists = lists_of(scores, items, rules, k=k, last_day=last, launches=launches, block=2)
    again = lists_of(scores, items, rules, k=k, last_day=last, launches=launches)
    np.testing.assert_array_equal(lists.columns, again.columns)
    assert lists.effects.equals(again.effects)
    for row in range(5):
        listed = [column for column in lists.columns[row].tolist() if column >= 0]
        assert lists.columns[row].tolist() == listed + [-1] * (k - len(listed))
        assert len(set(listed)) == len(listed)
        allowed = [column for column in range(PRODUCTS) if _allowed(column, rules, items, last[row], sold)]
        assert set(listed) <= set(allowed)
        _caps_hold(listed, rules, types, vendors)
        pinned = [int(pin.product_id[1:]) for pin in rules.pinned if pin.rank <= k]
        addable = [
            column
            for column in allowed
            if column not in listed
            and (column in pinned or column < sold or np.isfinite(probability[row, column - sold]))
        ]
        if len(listed) < k:
            # the list is as long as possible: no other product fits
            for column in addable:
                with pytest.raises(AssertionError):
                    _caps_hold([*listed, column], rules, types, vendors)
        for position, source in enumerate(lists.sources[row].tolist()):
            if source == "pinned":
                rank = next(pin.rank for pin in rules.pinned if pin.product_id == f"p{lists.columns[row, position]}")
                assert position == rank - 1 or (position < rank - 1 and position >= 0 and len(listed) < k)


def _allowed(column, rules, items, last, sold) -> bool:
    row = items.row(column, named=True)
    hidden = False
    if column < sold and last[column] > 0:
        hidden = rules.already_bought == "hide" or (rules.already_bought == "when due" and DAY - last[column] < 30)
    included, excluded = _fits(row, rules.include), _fits(row, rules.exclude)
    return not hidden and row["product_id"] not in rules.out_of_stock and all(included) and not any(excluded)


def _fits(row, match: Match) -> list[bool]:
    matches = []
    if match.product_types:
        matches.append(row["product_type"] in match.product_types)
    if match.product_ids:
        matches.append(row["product_id"] in match.product_ids)
    if match.price_from is not None:
        matches.append(row["price"] >= match.price_from)
    return matches


def _caps_hold(listed, rules, types, vendors) -> None:
    for categories, limit in ((types, rules.at_most.per_product_type), (vendors, rules.at_most.per_vendor)):
        values = [categories[column] for column in listed if categories[column] is not None]
        assert limit is None or all(values.count(category) <= limit for category in values)


def test_titles_are_compared_only_where_lists_are_to_be_diverse() -> None:
    compared = []

    def compare():
        compared.append("titles")
        return build_title_similarity(["pot", "rake"])

    items, past_purchases = items_of(title=["pot", "rake"]), PastPurchases(DAY, sparse.csr_matrix((1, 2)), np.ones(2))
    for rules, calls in ((Rules(), 0), (Rules(diversity=0.5), 1)):
        compile_rules(items, rules, k=1, past_purchases=past_purchases, compare=compare)
        assert len(compared) == calls
