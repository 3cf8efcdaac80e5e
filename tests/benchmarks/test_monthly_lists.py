"""Lists at monthly cutoffs: the peer's candidates, the results kept in a file, and the paired intervals."""

import datetime as dt
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from frontrow.models.interactions.interactions import Queries, build_interactions
from frontrow.models.interactions.split import split_at
from frontrow.recommend.evaluate.evaluation import evaluate
from frontrow.recommend.evaluate.window import build_evaluation_window
from frontrow.recommend.registry import DEFAULT_MODEL
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import monthly_lists
import monthly_lists_results
import monthly_lists_table
import plain_ranker

CUTOFF = dt.date(2025, 6, 1)
PARTS = ("all", "never bought")


@pytest.fixture(scope="module")
def shop() -> Shop:
    return SyntheticShop(customers=500, products=60, lines_a_year=6.0, seed=3).shop()


def make_result(model: str, cutoff: str, customers: list[int], values: list[float]) -> monthly_lists_results.Result:
    return monthly_lists_results.Result(model, cutoff, {"all": customers}, {"all": values}, 1.0, 0.5)


def test_a_result_is_that_of_the_evaluation(shop):
    window = build_evaluation_window(shop.as_of(), CUTOFF, 30)
    result = monthly_lists.compute_result("own_repeats", CUTOFF.isoformat(), window)
    evaluation = evaluate(shop, CUTOFF, models=["own_repeats"], only=True)
    assert tuple(result.ndcg) == PARTS
    for part in PARTS:
        assert result.ndcg[part] == evaluation.per_customer["own_repeats", "returning", part].tolist()
        assert len(set(result.customers[part])) == len(result.ndcg[part])


def test_the_candidates_of_the_plain_ranker_are_described_as_of_their_cutoff(shop, monkeypatch):
    # factors are drawn for each product of the shop, so those of an earlier shop are others
    monkeypatch.setattr(plain_ranker, "SOURCES", ("own_repeats", "tifu_knn", "popular_recent"))
    interactions = build_interactions(shop.as_of(CUTOFF))
    window = split_at(interactions, interactions.cutoff_day - 30, 30)
    queries = window.returning.queries
    table = plain_ranker.build_candidate_table(window.before, plain_ranker.fit_sources(window.before), queries)
    # the same from a history that ends with the window's first day
    earlier = build_interactions(shop.as_of(CUTOFF - dt.timedelta(days=30)))
    rows = earlier.rows_of(interactions.customer_ids[queries.rows])
    again = plain_ranker.build_candidate_table(
        earlier, plain_ranker.fit_sources(earlier), Queries(rows, queries.context)
    )
    first, second = (
        dict(zip(zip(part.query, source["product_id"].gather(part.product), strict=True), part.features, strict=True))
        for part, source in ((table, interactions.products), (again, earlier.products))
    )
    assert set(first) == set(second)
    columns = slice(2 * len(plain_ranker.SOURCES), None)  # scores and ranks come first; ranks count unsold products
    for cell in first:
        np.testing.assert_allclose(first[cell][columns], second[cell][columns], rtol=1e-6)


def test_the_plain_ranker_is_better_than_popularity(shop):
    window = build_evaluation_window(shop.as_of(), CUTOFF, 30)
    values = {
        model: np.mean(monthly_lists.compute_result(model, "", window).ndcg["all"])
        for model in (monthly_lists.PLAIN_RANKER, "popular_recent")
    }
    assert values[monthly_lists.PLAIN_RANKER] > 1.3 * values["popular_recent"]


def test_a_planted_difference_is_within_its_interval():
    rng = np.random.default_rng(0)
    customers = list(range(300))
    of_customer = rng.normal(0, 0.1, 300)
    results = []
    for month in ("2010-07-01", "2010-08-01"):
        theirs = rng.uniform(0, 1, 300)
        results += [
            make_result("peer", month, customers, theirs.tolist()),
            make_result(DEFAULT_MODEL, month, customers, (theirs + 0.05 + of_customer).tolist()),
        ]
    part = monthly_lists_table.summarize_part(results, DEFAULT_MODEL, "all")
    pooled, months = part["pooled"]["peer"]["difference"], [month["differences"]["peer"] for month in part["months"]]
    assert pooled["value"] == pytest.approx(0.05 + of_customer.mean())
    assert pooled["low"] < 0.05 < pooled["high"]
    # a customer of both months is drawn once: a second month of the same customers says nothing new
    assert pooled["high"] - pooled["low"] == pytest.approx(months[0]["high"] - months[0]["low"], rel=0.1)
    assert part["pooled"]["peer"]["lowest"] == min(month["value"] for month in months)


def test_models_tested_on_other_customers_are_not_compared():
    results = [make_result(DEFAULT_MODEL, "2010-07-01", [1, 2], [0.1, 0.2]), make_result("p", "2010-07-01", [1], [0.1])]
    with pytest.raises(ValueError, match="other customers"):
        monthly_lists_table.summarize_part(results, DEFAULT_MODEL, "all")


def test_results_are_read_back_for_the_same_shop_and_code(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shop.json").write_text(name)
    file = tmp_path / "results.jsonl"
    results = monthly_lists_results.ResultFile(file, tmp_path / "a")
    result = results.add(make_result("bm25", "2010-07-01", [1], [0.5]))
    row = json.loads(file.read_text()) | {"cutoff": "2010-08-01", "inputs": "other code"}
    with file.open("a") as handle:
        handle.write(json.dumps(row) + '\n{"model": "bm')
    again = monthly_lists_results.ResultFile(file, tmp_path / "a")
    assert again.get("bm25", "2010-07-01") == result
    assert again.get("bm25", "2010-08-01") is None
    assert monthly_lists_results.ResultFile(file, tmp_path / "b").get("bm25", "2010-07-01") is None


def test_results_of_a_peer_stay_when_the_default_changes(monkeypatch):
    before = {model: monthly_lists_results.hash_code(model) for model in (DEFAULT_MODEL, "bm25")}
    monkeypatch.setattr(monthly_lists_results, "OF_THE_DEFAULT", ("models", "recommend"))
    after = {model: monthly_lists_results.hash_code(model) for model in (DEFAULT_MODEL, "bm25")}
    assert before[DEFAULT_MODEL] != after[DEFAULT_MODEL]
    assert before["bm25"] == after["bm25"]


def test_a_month_is_computed_once(tmp_path, shop):
    (tmp_path / "shop.json").write_text("{}")
    results = monthly_lists_results.ResultFile(None, tmp_path)
    first = monthly_lists.compute_results(shop, CUTOFF.isoformat(), ["own_repeats"], results)
    assert monthly_lists.compute_results(shop, CUTOFF.isoformat(), ["own_repeats"], results)[0] is first[0]
