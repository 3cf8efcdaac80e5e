"""One small shop with an audience and a trained recommender, for all tests of the HTTP interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the HTTP interface needs frontrow[web]")

from api_site import SHOP, ApiSite, open_api

from frontrow.synthetic import SyntheticShop

collect_ignore = ["conftest.py"]

PRODUCTS = [{"title": "Aged Terracotta Lantern", "price": 19.5}, {"title": "Matte Black Crocus Bulbs"}]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiSite]:
    folder = tmp_path_factory.mktemp("shops")
    SyntheticShop(customers=300, seed=1, days=500).shop().write(folder / SHOP)
    site = open_api(folder)
    yield site
    site.server.database.close()


@pytest.fixture(scope="session")
def audience(site: ApiSite) -> str:
    """Id of an audience of two products."""
    return site.done("/v1/audiences", {"shop": SHOP, "products": PRODUCTS}).job_id


@pytest.fixture(scope="session")
def campaign(site: ApiSite, audience: str) -> str:
    """Id of a campaign with a file for Klaviyo."""
    body = {"shop": SHOP, "audience": audience, "name": "Lanterns", "length": 60, "exports": ["klaviyo"]}
    job = site.done("/v1/campaigns", body)
    campaign_id: str = site.client.get(f"/v1/jobs/{job.job_id}/result").json()["campaign"]["campaign_id"]
    return campaign_id


@pytest.fixture(scope="session")
def trained(site: ApiSite) -> str:
    """Name of a recommender that was trained."""
    site.done("/v1/trainings", {"shop": SHOP, "model": "item_to_item"})
    return "item_to_item"
