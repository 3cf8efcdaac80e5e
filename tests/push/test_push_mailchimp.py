"""A push to Mailchimp from end to end, against a loopback server with the documented limits."""

import pytest
from push_shops import HELD_OUT_TAG, TAG, Clock, a_campaign_folder, change_customers

from frontrow.campaign.record.contact_log import ContactLog
from frontrow.errors import CredentialError, RemoteError, SettingError
from frontrow.push.platforms.mailchimp import NO_CONTACT, NO_EMAIL, REFUSED, Mailchimp
from frontrow.remote.secrets import Secret
from frontrow.service.lift import LiftSettings, lift_hold_out
from frontrow.service.push import PushSettings, push_campaign
from frontrow.testing.loopback.exchange import Fault, throttle
from frontrow.testing.loopback.mailchimp import AUDIENCE, KEY, MailchimpServer

SEGMENT = f"/3.0/lists/{AUDIENCE}/segments/{{id}}"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("MAILCHIMP_API_KEY", KEY)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(Mailchimp, "batch_rows", 3)


def addresses(*numbers):
    return {f"c{number}@example.com" for number in numbers}


def logged(folder):
    return ContactLog.read(folder).rows["customer_id"].sort().to_list()


def push(server, folder, place, *, clock=None, **settings):
    clock = clock or Clock()
    given = PushSettings("mailchimp", settings=(f"url={server.address}", f"audience={AUDIENCE}"), **settings)
    return push_campaign(folder, place, given, opener=clock.open)


@pytest.mark.usefixtures("small_batches")
def test_contacts_of_the_audience_get_the_tag_and_nobody_else(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with MailchimpServer(addresses(*range(1, 11))) as server:
        assert push(server, folder, place).to_dict()["confirm"] == 8
        assert not server.requests
        result = push(server, folder, place, confirm=8)
        assert server.tagged(TAG) == addresses(*range(1, 9))
        push(server, folder, place, group="held-out", confirm=2)
        assert server.tagged(HELD_OUT_TAG) == addresses(9, 10)
        before = len(server.requests)
        push(server, folder, place, confirm=8)
        assert len(server.requests) == before
    assert (result.summary.reconciliation.accepted, result.summary.reconciliation.difference) == (8, 0)
    assert logged(folder) == [*range(1, 9)]


@pytest.mark.usefixtures("small_batches")
def test_who_is_no_contact_is_not_made_one_and_no_status_changes(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with MailchimpServer(addresses(*range(1, 7)), refuse=lambda address: address == "c6@example.com") as server:
        server.statuses |= {"c2@example.com": "unsubscribed", "c3@example.com": "cleaned"}
        before = dict(server.statuses)
        result = push(server, folder, place, confirm=8)
        assert server.statuses == before
    assert result.summary.reconciliation.rejected == {
        "Cleaned in Mailchimp: messages came back": 1,
        REFUSED: 1,
        NO_CONTACT: 2,
        "Unsubscribed in Mailchimp": 1,
    }
    assert logged(folder) == [1, 4, 5]


@pytest.mark.usefixtures("small_batches")
def test_a_batch_whose_answer_was_lost_is_counted_right(tmp_path):
    """Sent again it adds nobody: who has the tag already was taken, and not refused."""
    folder, place = a_campaign_folder(tmp_path)
    clock = Clock()
    with MailchimpServer(addresses(*range(1, 8))) as server:
        server.add_fault(throttle("7", path=SEGMENT))
        server.add_fault(Fault(cut_after=-1, method="POST", path=SEGMENT, skip=1))
        server.add_fault(Fault(status=500, method="POST", path=SEGMENT, skip=3))
        result = push(server, folder, place, confirm=8, clock=clock)
        assert server.tagged(TAG) == addresses(*range(1, 8))
        assert {*server.added.values()} == {1}
    assert 7.0 in clock.waits
    assert result.summary.reconciliation.rejected == {NO_CONTACT: 1}
    assert logged(folder) == [*range(1, 8)]


@pytest.mark.usefixtures("small_batches")
def test_an_expired_key_leaves_a_push_that_goes_on(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with MailchimpServer(addresses(*range(1, 11))) as server:
        server.add_fault(Fault(status=401, method="POST", path=SEGMENT, skip=1))
        with pytest.raises(CredentialError):
            push(server, folder, place, confirm=8)
        assert logged(folder) == [1, 2, 3]
        change_customers(folder, accepts_email={5: False})
        push(server, folder, place, confirm=8)
        assert server.tagged(TAG) == addresses(1, 2, 3, 4, 6, 7, 8)
    assert logged(folder) == [1, 2, 3, 4, 6, 7, 8]


def test_a_tag_that_is_there_is_found_on_a_later_page(tmp_path, monkeypatch):
    monkeypatch.setattr("frontrow.push.platforms.mailchimp.PAGE_SIZE", 2)
    folder, place = a_campaign_folder(tmp_path)
    with MailchimpServer(addresses(*range(1, 9))) as server:
        for number, name in enumerate(("a", "b", "c", TAG)):
            server.segments[number], server.members[number] = name, set()
        push(server, folder, place, confirm=8)
        assert len(server.segments) == 4
        assert server.members[3] == addresses(*range(1, 9))


def test_text_messages_are_not_for_tags_by_email(tmp_path):
    people = {number: {"phone": f"+4477009001{number:02d}"} for number in range(1, 11)}
    folder, place = a_campaign_folder(tmp_path, people=people, channel="sms")
    with MailchimpServer(addresses(*range(1, 11))) as server:
        result = push(server, folder, place, confirm=8)
        assert server.tagged(TAG) == set()
    assert result.summary.reconciliation.rejected == {NO_EMAIL: 8}
    assert logged(folder) == []


def test_refusals_of_everyone_end_the_push(tmp_path):
    folder, place = a_campaign_folder(tmp_path, contacted=30)
    with MailchimpServer(refuse=lambda _: True) as server, pytest.raises(RemoteError, match="refuses every address"):
        push(server, folder, place, confirm=30)
    assert logged(folder) == []


def test_the_key_names_the_data_centre():
    key = {"key": Secret(KEY)}
    assert Mailchimp().connect({"audience": AUDIENCE}, key).base_url == "https://us6.api.mailchimp.com/3.0"
    with pytest.raises(SettingError, match="data centre"):
        Mailchimp().connect({"audience": AUDIENCE}, {"key": Secret("0123")})


@pytest.mark.parametrize("page_size", [1_000, 1])
def test_who_had_the_tag_before_is_found_by_the_list_or_one_by_one(tmp_path, monkeypatch, page_size):
    monkeypatch.setattr("frontrow.push.platforms.mailchimp.PAGE_SIZE", page_size)
    folder, place = a_campaign_folder(tmp_path)
    with MailchimpServer(addresses(*range(1, 8), *range(20, 40))) as server:
        server.statuses["c3@example.com"] = "unsubscribed"
        server.segments[5], server.members[5] = TAG, addresses(*range(1, 8), *range(20, 40))
        result = push(server, folder, place, confirm=8)
        by_one = sum("/members/" in request.path for request in server.requests)
    assert by_one == (0 if page_size > 1 else 8)
    assert result.summary.reconciliation.rejected == {NO_CONTACT: 1, "Unsubscribed in Mailchimp": 1}
    assert logged(folder) == [1, 2, 4, 5, 6, 7]


def test_the_hold_out_is_lifted_on_the_platform(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with MailchimpServer(addresses(*range(1, 11))) as server:
        push(server, folder, place, group="held-out", confirm=2)
        push(server, folder, place, confirm=8)
        settings = LiftSettings(early=True, to="mailchimp", settings=(f"url={server.address}", f"audience={AUDIENCE}"))
        lifted = [lift_hold_out(folder, place, settings, opener=Clock().open).removed for _ in range(2)]
        assert server.tagged(HELD_OUT_TAG) == set()
        assert len(server.tagged(TAG)) == 8
    assert lifted == [2, 0]
