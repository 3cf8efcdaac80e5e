"""From how many to contact to what it earned: the same numbers as the services, and nothing without its scope."""

from __future__ import annotations

import html
import json
import re
from types import SimpleNamespace

import polars as pl
import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from page_site import SHOP, Site

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.register import read_register
from frontrow.service.list_length import ListLengthSettings, preview_list
from frontrow.service.saved_audience import read_saved_audience
from frontrow.shop.shop import Shop
from frontrow.web.pages.routes.length import read_own_margin


@pytest.fixture(scope="module")
def length_path(audience: str) -> str:
    return f"/shops/{SHOP}/audiences/{audience}/length"


@pytest.fixture(scope="module")
def campaign_path(site: Site, audience: str) -> str:
    """The page of a campaign that was planned on the page of lengths."""
    fields = {"audience": audience, "name": "Spring pots", "length": "40", "holdout": "20", "exports": "klaviyo"}
    _, location = site.post(f"/shops/{SHOP}/campaigns", **fields)
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    return site.client.get(location).headers["location"]


def test_the_slider_has_the_points_of_the_service(site: Site, length_path: str, audience: str) -> None:
    page = site.get(f"{length_path}?name=x&margin=12&contact_cost=0%2C05&holdout=20")
    points = json.loads(html.unescape(re.search(r'data-points="([^"]*)"', page)[1]))  # type: ignore[index]
    saved = read_saved_audience(site.server.runner.folder_of(audience), site.shop_folder)
    from frontrow.service.defaults import MoneySettings

    settings = ListLengthSettings(money=MoneySettings(margin=12.0, contact_cost=0.05), holdout_share=0.2)
    preview = preview_list(site.shop_folder, saved, settings)
    assert points == preview.to_dict()["points"]
    assert f"<strong>{preview.plan.campaign.counts['contacted']:,} customers</strong>" in page


def test_without_money_a_length_is_proposed_and_explained(site: Site, length_path: str) -> None:
    page = site.get(length_path)
    proposed = re.search(r'name="proposed" value="(\d+)"', page)
    assert proposed is not None
    assert "half of the buyers expected" in page
    # another margin finds another length, as long as nobody typed one
    assert "expected to earn most" in site.get(
        f"{length_path}?name=x&margin=12&length={proposed[1]}&proposed={proposed[1]}"
    )
    assert "asked for" in site.get(f"{length_path}?name=x&margin=12&length=33&proposed={proposed[1]}")


@pytest.mark.parametrize(
    ("products", "margin"), [({"margin": [11.72]}, "11.72"), ({"margin": [4.0, None]}, ""), ({"title": ["Pot"]}, "")]
)
def test_a_margin_that_was_stated_with_the_product_counts(products: dict[str, list[object]], margin: str) -> None:
    assert read_own_margin(SimpleNamespace(products=pl.DataFrame(products))) == margin


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("margin=-1", "It must be 0 or more."),
        ("margin=much", "It must be a number."),
        ("holdout=ten", "Give a share in per cent"),
        ("holdout=100", "It must be less than 1."),
        ("budget=5", "Costs and limits need a margin"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(site: Site, length_path: str, query: str, sentence: str) -> None:
    page = site.get(f"{length_path}?name=x&{query}", 422)
    assert re.search(rf'class="error"[^>]*>{sentence}', page)
    assert "Make it a campaign" in page


def test_a_campaign_shows_its_files_and_what_to_do(site: Site, campaign_path: str) -> None:
    page = site.get(campaign_path)
    for text in ("Download those to contact", "Never send to them.", "Don&#39;t send to", "Mark as sent"):
        assert text in page
    assert (
        page.index("Do not upload the file") < page.index("Download those to contact") < page.index("Who was left out")
    )
    assert "@" not in page.replace("@media", "")


def test_those_to_contact_and_those_held_out_are_two_files(site: Site, campaign_path: str) -> None:
    names = re.findall(r"/files/([^\"]+)\"", site.get(campaign_path))
    held_out = [name for name in names if "held-out" in name]
    assert names[-1:] == held_out
    contents = [
        {line for name in group for line in site.get(f"{campaign_path}/files/{name}").splitlines()[1:]}
        for group in (names[:-1], held_out)
    ]
    campaign = Campaign.read(read_register(site.shop_folder)[campaign_path.rpartition("/")[2]].folder)
    assert [len(content) for content in contents] == [campaign.contacted.height, campaign.held_out.height]
    assert not contents[0] & contents[1]
    campaign_id = campaign_path.rpartition("/")[2]
    taken = [entry for entry in site.server.audit.list() if entry.what.startswith(campaign_id)]
    assert {entry.what.partition("/")[2] for entry in taken} == set(names)
    assert all(entry.rows for entry in taken)
    assert not any("@" in str(entry.to_dict()) for entry in taken)


@pytest.mark.parametrize("name", ["..%2Fcampaign.json", "campaign.json", "klaviyo-other.csv", "%00"])
def test_no_other_file_can_be_taken(site: Site, campaign_path: str, name: str) -> None:
    assert site.client.get(f"{campaign_path}/files/{name}").status_code == 404


def test_it_is_marked_as_sent_once(site: Site, campaign_path: str) -> None:
    assert "Give the day as" in site.post(f"{campaign_path}/sent", 422, sent_on="yesterday")[0]
    day = Shop.read(site.shop_folder).end().date().isoformat()
    _, location = site.post(f"{campaign_path}/sent", sent_on=day)
    page = site.get(location)
    assert "Recorded as sent" in page
    assert "Mark as sent" not in page
    assert read_register(site.shop_folder)[campaign_path.rpartition("/")[2]].recorded
    assert "Spring pots" in site.get(f"/shops/{SHOP}/campaigns")


def test_earned_says_what_is_missing(site: Site, campaign_path: str) -> None:
    page = site.get(f"{campaign_path}/earned")
    assert "Drop the orders since the campaign here" in page
    assert "It must be" in site.post(f"{campaign_path}/earned", 422, margin="-3")[0]
    _, location = site.post(f"{campaign_path}/earned", margin="12")
    job = site.run(location.removeprefix("/jobs/"))
    # nothing was sold since: the use case says so, and the page shows it
    assert job.state == "failed"
    assert job.error in html.unescape(site.get(location))


def test_what_is_not_there_is_a_page_that_says_so(site: Site) -> None:
    for path in ("campaigns/none", "audiences/none/length", "next/none"):
        assert site.client.get(f"/shops/{SHOP}/{path}").status_code == 404
    assert site.client.get("/shops/none/campaigns").status_code == 404
