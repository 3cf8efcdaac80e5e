"""Lists from memory are those of the command line, and follow the shop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from api_site import SHOP, ApiSite

from frontrow.recommend.customers import read_customer_ids
from frontrow.recommend.settings import RecommendSettings
from frontrow.service.opening import RunSettings
from frontrow.service.recommendations import find_similar, recommend

RULES = 'already_bought = "hide"\n[at_most]\nper_vendor = 2\n'


def lists_of_command(site: ApiSite, model: str, settings: RecommendSettings) -> dict[Any, list[tuple[Any, ...]]]:
    """The lists of `frontrow recommend --model FOLDER`, by customer."""
    folder = site.server.runner.places.trained(SHOP) / model
    rows = recommend(site.shop_folder, settings, RunSettings(), model=str(folder)).table
    return {
        key[0]: part.select("rank", "product_id", "score", "source").rows()
        for key, part in rows.group_by(rows.columns[0], maintain_order=True)
    }


def shown(products: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(item["rank"], item["product_id"], item["score"], item["source"]) for item in products]


@pytest.mark.parametrize("rules", ["", RULES], ids=["no rules", "rules"])
def test_lists_are_those_of_the_command_line(site: ApiSite, trained: str, tmp_path: Path, rules: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(rules)
    settings = RecommendSettings(customers="all", k=7, rules=file if rules else None)
    expected = lists_of_command(site, trained, settings)
    parameters = {"shop": SHOP, "model": trained, "k": 7, **({"rules": rules} if rules else {})}
    for customer_id in list(expected)[::17]:
        answer = site.client.get(f"/v1/customers/{customer_id}/recommendations", params=parameters)
        assert answer.status_code == 200, answer.text
        assert shown(answer.json()["recommendations"]) == expected[customer_id]
        again = site.client.get(f"/v1/customers/{customer_id}/recommendations", params=parameters)
        assert again.content == answer.content


def test_a_long_list_begins_like_a_short_one(site: ApiSite, trained: str) -> None:
    address = f"/v1/customers/7/recommendations?shop={SHOP}&model={trained}"
    short = site.client.get(f"{address}&k=5").json()["recommendations"]
    assert site.client.get(f"{address}&k=50").json()["recommendations"][:5] == short


def test_new_customers_and_baskets_have_the_lists_of_the_command_line(
    site: ApiSite, trained: str, tmp_path: Path
) -> None:
    contexts = tmp_path / "first.csv"
    contexts.write_text("country,hour\nUS,9\n,\n")
    basket = site.client.get(f"/v1/launches?shop={SHOP}&limit=1").json()["items"][0]["product_id"]
    for products in ((), (basket,)):
        settings = RecommendSettings(customers="new", contexts=contexts, basket=products, k=4)
        expected = lists_of_command(site, trained, settings)
        first_orders = [{"country": "US", "hour": 9}, {}]
        body = {"shop": SHOP, "model": trained, "k": 4, "first_orders": first_orders, "basket": list(products)}
        answer = site.client.post("/v1/recommendations", json=body)
        assert answer.status_code == 200, answer.text
        assert [shown(made["recommendations"]) for made in answer.json()["lists"]] == list(expected.values())


def test_customers_may_be_named_by_the_ids_of_the_shops_own_system(site: ApiSite, trained: str) -> None:
    row = read_customer_ids(site.shop_folder).filter(pl.col("source_id").is_not_null()).row(3, named=True)
    body = {"shop": SHOP, "model": trained, "k": 3, "customers": [row["customer_id"]], "source_ids": [row["source_id"]]}
    by_number, by_source_id = site.client.post("/v1/recommendations", json=body).json()["lists"]
    assert by_number == by_source_id
    answer = site.client.post("/v1/recommendations", json={**body, "source_ids": ["nobody@example.com"]})
    assert answer.status_code == 422
    assert answer.json()["field"] == "source_ids.0"
    assert "example.com" not in answer.text


def test_one_answer_has_only_so_many_products(site: ApiSite, trained: str) -> None:
    body = {"shop": SHOP, "model": trained, "k": 1_000, "first_orders": [{}] * 101}
    answer = site.client.post("/v1/recommendations", json=body)
    assert answer.status_code == 422
    assert "asks for 101 lists of 1,000 products" in answer.json()["detail"]


def test_similar_products_are_those_of_the_command_line(site: ApiSite, trained: str) -> None:
    product = site.client.get(f"/v1/launches?shop={SHOP}&limit=1").json()["items"][0]["product_id"]
    answer = site.client.get(f"/v1/products/{product}/similar?shop={SHOP}&model={trained}&k=5")
    expected = find_similar(site.shop_folder, product, RunSettings(), model=trained, top=5).to_dict()
    assert answer.json() == expected


def test_unknown_customers_products_and_recommenders_are_not_there(site: ApiSite, trained: str) -> None:
    for path, field in (
        (f"/v1/customers/999999/recommendations?shop={SHOP}&model={trained}", "customer_id"),
        (f"/v1/customers/7/recommendations?shop=nowhere&model={trained}", "shop"),
        (f"/v1/customers/7/recommendations?shop={SHOP}&model=ease", "model"),
    ):
        answer = site.client.get(path)
        assert (answer.status_code, answer.json()["field"]) == (404, field)


def test_rules_cannot_name_a_file_of_the_server(site: ApiSite, trained: str) -> None:
    parameters = {"shop": SHOP, "model": trained, "rules": 'stock = "/etc/passwd"'}
    answer = site.client.get("/v1/customers/7/recommendations", params=parameters)
    assert (answer.status_code, answer.json()["field"]) == (422, "rules")


def test_what_a_client_has_is_not_sent_again(site: ApiSite, trained: str) -> None:
    address = f"/v1/customers/7/recommendations?shop={SHOP}&model={trained}"
    etag = site.client.get(address).headers["etag"]
    again = site.client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert site.client.get(f"{address}&k=3", headers={"If-None-Match": etag}).status_code == 200
