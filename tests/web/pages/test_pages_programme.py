"""All campaigns of a shop on its pages: what each earned, all of them together, pools, and the end of a hold-out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from page_programme import POOL, write_programme
from page_site import Site, open_site

SHOP = "programme"


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    shops = tmp_path_factory.mktemp("programme")
    write_programme(shops, SHOP)
    site = open_site(shops)
    yield site
    site.server.database.close()


def test_the_list_says_what_a_measured_campaign_earned(programme: Site) -> None:
    page = programme.get(f"/shops/{SHOP}/campaigns")
    for text in ("first", "second", "third", "to be measured", "not recorded", f"pool {POOL}"):
        assert text in page
    assert "95 % interval" not in page
    _, location = programme.post(f"/shops/{SHOP}/campaigns/e5/earned", sold_as="")
    job = programme.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    page = programme.get(f"/shops/{SHOP}/campaigns")
    assert "95 % interval" in page
    assert 'data-column="Earned">' in page
    assert " to " in page[page.index('data-column="Buyers more"') :]


def test_the_campaigns_of_a_pool_are_measured_together(programme: Site) -> None:
    assert "Measure them together" in programme.get(f"/shops/{SHOP}/campaigns")
    _, location = programme.post(f"/shops/{SHOP}/campaigns/pools", pool=POOL)
    job = programme.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    shown = programme.client.get(location).headers["location"]
    assert shown == f"/shops/{SHOP}/campaigns/pools/{job.job_id}"
    page = programme.get(shown)
    assert "What the pool both caused" in page
    assert "All campaigns together" in page
    assert page.index('id="verdict"') < page.index('id="campaigns"')
    result = programme.client.get(f"/v1/jobs/{job.job_id}/result").json()
    assert [item["campaign"] for item in result["campaigns"]] == ["first", "second"]
    answer = programme.client.post("/v1/pool-measurements", json={"shop": SHOP, "pool": POOL})
    assert answer.status_code == 202


def test_all_campaigns_together_are_one_page_with_a_calendar(programme: Site) -> None:
    page = programme.get(f"/shops/{SHOP}/campaigns/together")
    for text in ("When each ran", "<svg", "Reached by two campaigns", "What all campaigns together caused"):
        assert text in page
    assert "style=" not in page.replace("stylesheet", "")
    survey = programme.client.get(f"/v1/shops/{SHOP}/survey").json()
    assert {item["name"] for item in survey["campaigns"]} == {"first", "second", "third"}
    assert all("folder" not in item for item in survey["campaigns"])


def test_a_hold_out_is_lifted_after_its_window(programme: Site) -> None:
    path = f"/shops/{SHOP}/campaigns/e5"
    page = programme.get(path)
    assert "The window is over" in page
    _, location = programme.post(f"{path}/lift")
    page = programme.get(location)
    assert "Their hold-out was lifted on" in page
    assert "Klaviyo list upload: what to do there" in page
    assert "Lift the hold-out" not in page
    answer = programme.client.post("/v1/campaigns/f6/lift", json={"shop": SHOP})
    assert answer.status_code == 200, answer.text
    assert answer.json()["held_out"] == 40
    assert str(programme.server.settings.folder) not in answer.text
