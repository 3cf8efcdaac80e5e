"""One small shop with one audience, for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from page_site import SHOP, Site, open_site

from frontrow.synthetic import SyntheticShop

collect_ignore = ["conftest.py"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("shops")
    SyntheticShop(customers=300, seed=1, days=500).shop().write(folder / SHOP)
    site = open_site(folder)
    yield site
    site.server.database.close()


@pytest.fixture(scope="session")
def audience(site: Site) -> str:
    """Id of an audience of two products, ranked by the launch model."""
    fields = {"products.0.title": "Aged Terracotta Lantern", "products.1.title": "Matte Black Crocus Bulbs"}
    _, location = site.post(f"/shops/{SHOP}/new", **fields, action="rank")
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    return job.job_id
