"""What a push to Klaviyo sends and reads is what Klaviyo publishes; and no call that subscribes anybody can be made."""

import json

import pytest
from jsonschema import ValidationError
from openapi import OpenApi
from push_shops import Clock, a_campaign_folder, push_to, set_key

from frontrow.errors import RemoteError
from frontrow.push.guarded_client import GuardedClient, check_payload, open_account
from frontrow.push.platform import get_platform, platform_names
from frontrow.push.platforms import klaviyo
from frontrow.push.platforms.klaviyo import Klaviyo
from frontrow.remote.secrets import Secret
from frontrow.testing.loopback.exchange import Fault, Reply, Request
from frontrow.testing.loopback.klaviyo import KlaviyoServer

KLAVIYO = OpenApi("klaviyo")
SUBSCRIBING = (
    ("POST", "/api/profile-subscription-bulk-create-jobs"),
    ("POST", "/api/profile-suppression-bulk-delete-jobs"),
    ("POST", "/client/subscriptions"),
    ("POST", "/client/profiles"),
    ("POST", "/api/profile-import"),
    ("PATCH", "/api/profiles/{id}"),
    ("POST", "/api/profiles"),
    ("POST", "/api/profile-merge"),
)
"""Operations by which somebody can become subscribed, or a suppression go."""


@pytest.fixture
def checked_server(monkeypatch):
    """A Klaviyo whose every request and reply is compared with what is published."""
    set_key(monkeypatch)
    refuse = {"c2@example.com": "email", "c5@example.com": "properties"}.get
    with KlaviyoServer(refuse=refuse, refuse_at_once={"c4@example.com": "email"}.get, polls=1) as server:
        route = server._route

        def check(request):
            reply = route(request)
            try:
                KLAVIYO.check(request, reply)
            except (AssertionError, ValidationError) as problem:
                server.problems.append(problem)
            server.checked += 1
            return reply

        server.checked, server.problems = 0, []
        server._route = check
        yield server
        assert server.problems == []


def open_klaviyo(server):
    platform = Klaviyo()
    connection = platform.connect({"url": server.url}, {"key": Secret("pk_loopback_key")})
    return open_account(platform, connection, Clock().open)


def test_every_request_and_answer_is_as_published(checked_server, tmp_path, monkeypatch):
    monkeypatch.setattr(Klaviyo, "batch_rows", 3)
    folder, place = a_campaign_folder(tmp_path)
    result = push_to(checked_server, folder, place, confirm=8)
    assert result.summary.reconciliation.accepted == 5
    assert checked_server.checked == len(checked_server.requests) > 8


def test_the_pages_of_what_a_job_took_are_as_published(checked_server, tmp_path, monkeypatch):
    monkeypatch.setattr(klaviyo, "PAGE_SIZE", 2)
    monkeypatch.setattr(klaviyo, "_read_places", lambda *_: iter(()))
    checked_server._refuse_at_once = lambda _: None
    folder, place = a_campaign_folder(tmp_path)
    result = push_to(checked_server, folder, place, confirm=8)
    assert sum(result.summary.reconciliation.rejected.values()) == 2
    assert sum("page%5Bcursor%5D" in request.query for request in checked_server.requests) == 2


def test_the_limits_are_the_published_ones():
    for method, path in Klaviyo.calls:
        operation = KLAVIYO.find(method, path.replace("{id}", "7"))
        limits = operation["x-klaviyo-ratelimit"]
        assert Klaviyo.requests_per_second * 60 <= int(limits["steady"].removesuffix("/m"))
        assert Klaviyo.requests_per_second <= int(limits["burst"].removesuffix("/s"))
    assert (Klaviyo.batch_rows, Klaviyo.batch_bytes <= 5_000_000) == (10_000, True)
    assert KLAVIYO.document["info"]["version"] == klaviyo.REVISION


def test_the_page_names_the_scopes_of_the_calls_and_no_more():
    scopes = {
        scope
        for method, path in Klaviyo.calls
        for scope in KLAVIYO.find(method, path.replace("{id}", "7"))["x-klaviyo-scopes"]
    }
    assert scopes == {"lists:read", "lists:write", "profiles:read", "profiles:write"}


def test_the_excerpt_has_what_must_be_unreachable():
    published = {(method, path) for method, path, _ in KLAVIYO.operations()}
    assert {*SUBSCRIBING} <= published


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path)
        for method, path, _ in KLAVIYO.operations()
        if method != "GET" and (method, path) not in {("POST", "/api/lists"), ("POST", klaviyo.JOBS)}
    ],
)
def test_every_other_published_change_is_refused_before_a_byte_leaves(method, path):
    with KlaviyoServer() as server, open_klaviyo(server) as client:
        for form in (path.replace("{id}", "7"), path.replace("{id}", "7") + "/", path.replace("{id}", "../x")):
            with pytest.raises(RemoteError, match="Nothing was sent"):
                GuardedClient(client).request(method, form, json={"data": {}})
        assert not server.requests


@pytest.mark.parametrize(
    "fields",
    [
        {"subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}}},
        {"consent": ["email"]},
        {"opt_in_process": "single_opt_in"},
        {"historical_import": True, "consented_at": "2026-01-01"},
        {"status": "subscribed"},
        {"status_if_new": "subscribed"},
        {"emailMarketingConsent": {"marketingState": "SUBSCRIBED"}},
        {"acceptsMarketing": True},
        {"smsMarketingConsent": {}},
        {"double_optin": False},
        {"unsubscribed": False},
        {"suppression": None},
    ],
)
def test_no_payload_may_hold_a_field_of_consent(fields):
    body = {"data": [{"attributes": {"profiles": [{"email": "a@example.com", **fields}]}}]}
    with KlaviyoServer() as server, open_klaviyo(server) as client:
        with pytest.raises(RemoteError, match="leaves consent alone"):
            GuardedClient(client).request("POST", klaviyo.JOBS, json=body)
        with pytest.raises(RemoteError, match="leaves consent alone"):
            GuardedClient(client).request("POST", klaviyo.JOBS, content=json.dumps(body).encode())
        assert not server.requests


def test_a_document_of_graphql_is_looked_into():
    with pytest.raises(RemoteError, match="leaves consent alone"):
        check_payload(
            {"query": "mutation { tagsAdd(id: 1) { node { ... on Customer { emailMarketingConsent { x } } } } }"}
        )
    check_payload({"query": "query { currentBulkOperation { id status } }", "variables": {}})


@pytest.mark.parametrize("name", platform_names())
def test_no_platform_lists_a_call_of_consent(name):
    platform = get_platform(name)
    words = ("subscri", "suppress", "consent", "optin", "opt-in")
    for method, path in platform.calls:
        assert not any(word in path.lower() for word in words), (method, path)
    assert not [mutation for mutation in platform.mutations if any(word in mutation.lower() for word in words)]


@pytest.mark.parametrize("name", platform_names())
def test_what_a_recipient_becomes_has_no_field_of_consent(name):
    for channel, address in (("email", "c1@example.com"), ("sms", "+447700900123")):
        recipient = {
            "customer_id": 7,
            "source_id": "gid://shopify/Customer/7",
            "address": address,
            "channel": channel,
            "product_id": "new",
            "campaign_tag": "frontrow-spring-new",
            "properties": None,
        }
        check_payload(get_platform(name).entry(recipient))


def test_an_answer_that_is_no_json_is_an_error_without_its_text(tmp_path, monkeypatch):
    set_key(monkeypatch)
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        server.add_fault(Fault(status=200, body=b"c1@example.com, sign in", path="/api/lists"))
        with pytest.raises(RemoteError) as raised:
            push_to(server, folder, place, confirm=8)
    assert "c1@example.com" not in str(raised.value)


def test_the_checks_refuse_what_is_not_published():
    with pytest.raises(AssertionError):
        KLAVIYO.find("POST", "/api/not-published")
    body = {"data": {"type": "list", "attributes": {"name": "a", "colour": "red"}}}
    request = Request(
        "POST", "/api/lists", headers={"content-type": "application/vnd.api+json"}, body=json.dumps(body).encode()
    )
    with pytest.raises(ValidationError):
        KLAVIYO.check(request, Reply({}, 201))
