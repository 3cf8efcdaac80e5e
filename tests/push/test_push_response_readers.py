"""What a platform is asked of a campaign's messages, against loopback servers; nothing but GET calls is made."""

import pytest
from push_shops import Clock, a_campaign_folder, set_key

from frontrow.errors import CampaignError, CredentialError
from frontrow.push.response_reader import get_reader, reader_names
from frontrow.service.responses import ResponseSettings, read_campaign_responses
from frontrow.shop.unsubscribed import Unsubscribed
from frontrow.testing.loopback.exchange import throttle
from frontrow.testing.loopback.klaviyo import KlaviyoServer
from frontrow.testing.loopback.klaviyo_events import add_events
from frontrow.testing.loopback.mailchimp import AUDIENCE, KEY, MailchimpServer


def address(number):
    return f"c{number}@example.com"


def read(folder, place, platform, settings, campaign="Vases"):
    given = ResponseSettings(platform=platform, platform_campaign=campaign, settings=settings)
    return read_campaign_responses(folder, place, given, opener=Clock().open)


def test_mailchimps_report_page_by_page(tmp_path, monkeypatch):
    monkeypatch.setenv("MAILCHIMP_API_KEY", KEY)
    monkeypatch.setattr("frontrow.push.response_readers.mailchimp.PAGE_SIZE", 3)
    folder, place = a_campaign_folder(tmp_path)
    with MailchimpServer() as server:
        server.report["77aa"] = {
            "sent-to": [{"email_address": address(n), "status": "hard" if n == 8 else "sent"} for n in range(1, 9)],
            "email-activity": [
                {"email_address": address(1), "activity": [{"action": "open"}, {"action": "click"}]},
                {"email_address": address(2), "activity": [{"action": "open"}]},
                {"email_address": address(8), "activity": [{"action": "bounce", "type": "hard"}]},
                {"email_address": address(3), "activity": []},
            ],
            "unsubscribed": [{"email_address": address(2)}],
            "abuse-reports": [{"email_address": address(9)}],
        }
        server.campaigns["77aa"] = "Vases"
        server.add_fault(throttle("3"))
        result = read(folder, place, "mailchimp", (f"url={server.address}", f"audience={AUDIENCE}"))
        assert {request.method for request in server.requests} == {"GET"}
    assert result.count_contacted() == {"delivered": 7, "opened": 2, "clicked": 1, "bounced": 1, "unsubscribed": 1}
    assert Unsubscribed.read(folder).rows["customer_id"].to_list() == [2, 9]


def test_klaviyos_events_of_the_campaign_and_every_unsubscribe(tmp_path, monkeypatch):
    set_key(monkeypatch)
    monkeypatch.setattr("frontrow.push.response_readers.klaviyo.PAGE_SIZE", 2)
    folder, place = a_campaign_folder(tmp_path)
    events = [("Received Email", n, "01V") for n in range(1, 8)]
    events += [("Opened Email", 1, "01V"), ("Opened Email", 1, "01V"), ("Opened Email", 4, "another")]
    events += [("Clicked Email", 1, "01V"), ("Bounced Email", 8, "01V"), ("Placed Order", 5, "01V")]
    events += [("Unsubscribed from Email Marketing", 3, "another"), ("Marked Email as Spam", 10, "01V")]
    with KlaviyoServer() as server:
        add_events(server, {"01V": "Vases"}, [(name, address(n), message) for name, n, message in events])
        result = read(folder, place, "klaviyo", (f"url={server.url}",), campaign="01v")
        assert {request.method for request in server.requests} == {"GET"}
    assert result.count_contacted() == {"delivered": 7, "opened": 1, "clicked": 1, "bounced": 1, "unsubscribed": 1}
    assert Unsubscribed.read(folder).rows["customer_id"].to_list() == [3, 10]


def test_without_a_name_the_latest_campaigns_are_listed(tmp_path, monkeypatch):
    set_key(monkeypatch)
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        add_events(server, {"01V": "Vases", "02S": "Spring", "03S": "Spring"}, [])
        for name, message in ((None, "Which campaign"), ("summer", "has no campaign"), ("Spring", "more than one")):
            with pytest.raises(CampaignError, match=rf'{message}.*"Vases" \(01V'):
                read(folder, place, "klaviyo", (f"url={server.url}",), campaign=name)
        server.key = "another"
        with pytest.raises(CredentialError):
            read(folder, place, "klaviyo", (f"url={server.url}",))
    with pytest.raises(CampaignError, match="platform to read results from"):
        get_reader("shopify")


@pytest.mark.parametrize("name", reader_names())
def test_a_reader_changes_nothing(name):
    assert {method for method, _ in get_reader(name).calls} == {"GET"}
