"""A campaign goes to the platform from its page: counted, confirmed, sent, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")
pytest.importorskip("httpx", reason="the extra frontrow[connect] is not installed")

from page_site import SHOP, Site

from frontrow.remote.secrets import SecretReference
from frontrow.service.places import state_place
from frontrow.shop.config import DESTINATIONS
from frontrow.sources.source import Source
from frontrow.testing.loopback.klaviyo import KEY, KlaviyoServer


@pytest.fixture(scope="module")
def klaviyo(site: Site) -> Iterator[KlaviyoServer]:
    """An account that the shop states as a destination."""
    with pytest.MonkeyPatch.context() as patch, KlaviyoServer(polls=0) as account:
        patch.setenv("MAIL_KEY", KEY)
        patch.setattr("frontrow.push.platforms.klaviyo.PLATFORM.requests_per_second", 1_000.0, raising=False)
        secrets = {"key": SecretReference.parse("env:MAIL_KEY")}
        state_place(site.shop_folder, DESTINATIONS, Source("mail", "klaviyo", {"url": account.url}, secrets))
        yield account
        (site.shop_folder / "config.json").unlink()


@pytest.fixture(scope="module")
def campaign(site: Site, audience: str) -> str:
    """Address of the page of a campaign with some held out."""
    _, location = site.post(
        f"/shops/{SHOP}/campaigns", audience=audience, name="Pushed", length="40", holdout="10", channel="email"
    )
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    return str(site.client.get(location).headers["location"])


def test_a_campaign_is_counted_confirmed_sent_and_accounted_for(
    site: Site, klaviyo: KlaviyoServer, campaign: str
) -> None:
    assert "Send to Klaviyo" in site.get(campaign)
    page = site.get(f"{campaign}/push/mail")
    assert "Nothing has been sent yet" in page
    assert not klaviyo.requests, "the platform is not reached before the number is confirmed"
    assert page.count("***@") == 3
    assert "frontrow push" not in page
    number = str(re.search(r"Type (\d+) to confirm", page)[1])  # type: ignore[index]
    page, _ = site.post(f"{campaign}/push/mail", 422, confirm=str(int(number) + 1))
    assert f"Type {number} to confirm" in page
    assert not klaviyo.requests
    _, location = site.post(f"{campaign}/push/mail", confirm=number)
    (entry,) = [entry for entry in site.server.audit.list() if entry.action == "sent addresses"]
    assert (entry.who, entry.shop, entry.rows) == ("owner", SHOP, int(number))
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    assert site.client.get(location).headers["location"] == f"{campaign}/push/mail"
    assert sum(len(members) for members in klaviyo.members.values()) == int(number)
    page = site.get(f"{campaign}/push/mail")
    assert "What to do in Klaviyo now" in page
    assert "Lists &amp; segments" in page
    assert f"What became of the {number} confirmed" in page
    assert "It is recorded as sent" in site.get(campaign)


def test_those_held_out_are_sent_apart_and_contact_nobody(site: Site, klaviyo: KlaviyoServer, campaign: str) -> None:
    page = site.get(f"{campaign}/push/mail/held-out")
    assert "Never send to it" in page
    number = str(re.search(r"Type (\d+) to confirm", page)[1])  # type: ignore[index]
    _, location = site.post(f"{campaign}/push/mail/held-out", confirm=number)
    job = site.run(location.removeprefix("/jobs/"))
    assert job.state == "done", job.error
    assert site.client.get(location).headers["location"] == f"{campaign}/push/mail/held-out"
    assert "knows those held out" in site.get(f"{campaign}/push/mail")
    names = {name for name in klaviyo.lists.values() if name.endswith("held-out")}
    assert len(names) == 1


def test_a_platform_that_is_not_there_is_explained(site: Site, campaign: str) -> None:
    page = site.get(f"{campaign}/push/pigeon", 422)
    assert "It cannot be sent from here" in page
    assert str(site.server.settings.folder) not in page


def test_pushes_over_http(site: Site, klaviyo: KlaviyoServer, campaign: str) -> None:
    campaign_id = campaign.rpartition("/")[2]
    places = site.client.get(f"/v1/shops/{SHOP}/destinations").json()["items"]
    assert {"name": "mail", "title": "Klaviyo", "is_ready": True, "problem": None} in places
    address = f"/v1/campaigns/{campaign_id}/pushes/mail"
    counted = site.client.get(address, params={"shop": SHOP}).json()
    assert counted["accepted"] == counted["may_be_pushed"] > 0
    assert counted["left"] == 0
    answer = site.client.post(address, json={"shop": SHOP, "confirm": counted["latest_push"]["confirmed"]})
    assert answer.status_code == 202, answer.text
    before = len(klaviyo.requests)
    job = site.run(answer.json()["job_id"])
    assert job.state == "done", job.error
    assert len(klaviyo.requests) == before, "pushed again, nothing is sent"
    assert site.client.post(address, json={"shop": SHOP}).status_code == 422
