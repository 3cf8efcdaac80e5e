"""A shop's sources on its page: when each was last synced, sync now, and what came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")
pytest.importorskip("httpx", reason="the extra frontrow[connect] is not installed")

from page_site import Site, open_site

from frontrow.remote.secrets import SecretReference
from frontrow.service.sources import add_source
from frontrow.service.sync import sync_shop
from frontrow.sources.source import Source
from frontrow.testing.loopback.exchange import Fault
from frontrow.testing.loopback.woocommerce import KEY, SECRET, LoopbackWooCommerce
from frontrow.testing.woocommerce_shop import make_shop

SHOP = "woo"
SECRETS = {"key": SecretReference.parse("env:WOO_KEY"), "secret": SecretReference.parse("env:WOO_SECRET")}


@pytest.fixture(scope="module")
def woo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, LoopbackWooCommerce]]:
    """A server with a shop that was synced once, and the service it was synced from."""
    shops = tmp_path_factory.mktemp("synced")
    with pytest.MonkeyPatch.context() as patch, LoopbackWooCommerce(make_shop(40)) as service:
        patch.setenv("WOO_KEY", KEY)
        patch.setenv("WOO_SECRET", SECRET)
        patch.setattr("frontrow.sources.woocommerce.calls.REQUESTS_PER_SECOND", 1_000.0)
        add_source(shops / SHOP, Source("main", "woocommerce", {"url": service.url}, SECRETS))
        sync_shop(shops / SHOP)
        site = open_site(shops)
        yield site, service
        site.server.database.close()


def test_sync_now_leads_to_what_came(woo: tuple[Site, LoopbackWooCommerce]) -> None:
    site, service = woo
    page = site.get(f"/shops/{SHOP}")
    assert "Where orders come from" in page
    assert "WooCommerce" in page
    assert "40 orders" in page
    assert "WOO_KEY" not in page, "where a secret lies is nobody's business"
    order = next(order for order in service.shop.orders if order.status == "completed")
    service.shop.change_order(order.id, status="cancelled")
    _, location = site.post(f"/shops/{SHOP}/sync", source="main")
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    shown = site.client.get(location).headers["location"]
    assert shown == f"/shops/{SHOP}/syncs/{job.job_id}"
    page = site.get(shown)
    assert "1 orders" in page
    assert "since the last sync" in page
    assert "What became of every row" in page
    assert "keep whether a customer may be written to" in page
    assert "0 products" not in page
    assert "1 orders" in site.get(f"/shops/{SHOP}")


def test_a_sync_that_fails_says_why_without_a_path_or_a_secret(woo: tuple[Site, LoopbackWooCommerce]) -> None:
    site, service = woo
    service.add_fault(Fault(status=401))
    _, location = site.post(f"/shops/{SHOP}/sync", source="main")
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "failed"
    page = site.get(f"{location}/state")
    assert "does not accept the secret" in page
    assert f'href="/shops/{SHOP}"' in page
    _, location = site.post(f"/shops/{SHOP}/sync", source="nothing")
    job = site.run(location.removeprefix("/jobs/"))
    assert "has no source of that name" in job.error
    assert str(site.server.settings.folder) not in job.error


def test_a_shop_without_sources_says_how_orders_come_by_themselves(site: Site) -> None:
    page = site.get("/shops/garden")
    assert "Where orders come from" not in page
    assert "frontrow source add" in page
    site.post("/shops/nobody/sync", 404)


def test_sources_and_syncs_over_http(woo: tuple[Site, LoopbackWooCommerce]) -> None:
    site, _ = woo
    (source,) = site.client.get(f"/v1/shops/{SHOP}/sources").json()["items"]
    assert source["name"] == "main"
    assert source["synced_at"]
    assert set(source) == {"name", "kind", "title", "synced_at", "counts"}
    answer = site.client.post("/v1/syncs", json={"shop": SHOP, "from_start": True})
    assert answer.status_code == 202, answer.text
    job = site.run(answer.json()["job_id"])
    assert job.state == "done", job.error
    result = site.client.get(f"/v1/syncs/{job.job_id}").json()
    assert result["is_done"]
    assert result["sources"][0]["counts"]["orders"] == 40
    assert site.client.post("/v1/syncs", json={"shop": "nobody"}).status_code == 404
