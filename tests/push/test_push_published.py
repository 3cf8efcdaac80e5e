"""What a push to Mailchimp or Shopify sends and reads is as published; and no published call of consent is made."""

import json
import re
from pathlib import Path

import pytest
from graphql import build_schema, is_enum_type, is_list_type, is_non_null_type, parse, validate
from jsonschema import ValidationError
from openapi import OpenApi
from push_shops import Clock, a_campaign_folder

from frontrow.errors import RemoteError
from frontrow.push.guarded_client import GuardedClient, open_account
from frontrow.push.platforms.mailchimp import Mailchimp
from frontrow.push.platforms.shopify import Shopify
from frontrow.push.response_reader import get_reader
from frontrow.push.shopify.documents import ACCOUNT, ADD_TAGS, CUSTOMERS, MUTATIONS, REMOVE_TAGS, RUN, STAGE
from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.secrets import Secret
from frontrow.service.push import PushSettings, push_campaign
from frontrow.service.responses import ResponseSettings, read_campaign_responses
from frontrow.sources.shopify.admin import GRAPHQL_PATH
from frontrow.sources.shopify.queries import OPERATION
from frontrow.sources.shopify.queries import RUN as RUN_QUERY
from frontrow.testing.loopback.mailchimp import AUDIENCE, KEY, MailchimpServer
from frontrow.testing.loopback.shopify_tags import TagShopify

MAILCHIMP = OpenApi("mailchimp")
SHOPIFY = build_schema((Path(__file__).parent / "schemas" / "shopify.graphql").read_text("utf-8"))
BASE = "/3.0"


def addresses(*numbers):
    return [f"c{number}@example.com" for number in numbers]


@pytest.fixture
def mailchimp(monkeypatch):
    """A Mailchimp whose every request and reply is compared with what is published."""
    monkeypatch.setenv("MAILCHIMP_API_KEY", KEY)
    with MailchimpServer(addresses(*range(1, 7)), refuse=lambda address: address == "c4@example.com") as server:
        route = server._route

        def check(request):
            reply = route(request)
            try:
                MAILCHIMP.check(request, reply)
            except (AssertionError, ValidationError) as problem:
                server.problems.append(problem)
            return reply

        server.problems = []
        server._route = check
        yield server
        assert server.problems == []


def test_mailchimps_requests_and_answers_are_as_published(mailchimp, tmp_path, monkeypatch):
    monkeypatch.setattr(Mailchimp, "batch_rows", 3)
    folder, place = a_campaign_folder(tmp_path)
    mailchimp.statuses["c2@example.com"] = "unsubscribed"
    settings = (f"url={mailchimp.address}", f"audience={AUDIENCE}")
    push_campaign(folder, place, PushSettings("mailchimp", confirm=8, settings=settings), opener=Clock().open)
    mailchimp.campaigns["77aa"] = "Vases"
    mailchimp.report["77aa"] = {
        "sent-to": [{"email_address": "c1@example.com", "status": "sent"}],
        "email-activity": [{"email_address": "c1@example.com", "activity": [{"action": "open"}]}],
    }
    given = ResponseSettings(platform="mailchimp", platform_campaign="vases", settings=settings)
    assert read_campaign_responses(folder, place, given, opener=Clock().open).count_contacted()["opened"] == 1
    assert len(mailchimp.requests) > 10


def test_mailchimps_calls_are_published_and_its_limit_is_kept():
    for method, path in (*Mailchimp.calls, *get_reader("mailchimp").calls):
        MAILCHIMP.find(method, BASE + path.replace("{", "").replace("}", ""))
    limit = MAILCHIMP.document["components"]["schemas"]["MembersOfSegment"]["properties"]["members_to_add"]
    assert limit["maxItems"] == Mailchimp.batch_rows


CHANGES = [
    (method, path.removeprefix(BASE))
    for method, path, _ in MAILCHIMP.operations()
    if method != "GET" and (method, path.removeprefix(BASE)) not in Mailchimp.calls
]


def test_there_are_published_calls_that_subscribe():
    assert {("POST", "/lists/{list_id}"), ("PUT", "/lists/{list_id}/members/{subscriber_hash}")} <= {*CHANGES}
    assert len(CHANGES) > 12


@pytest.mark.parametrize("caller", ["push", "results"])
def test_every_other_published_change_is_refused_before_a_byte_leaves(caller):
    platform = Mailchimp()
    with MailchimpServer() as server:
        connection = platform.connect({"url": server.address}, {"key": Secret(KEY)})
        if caller == "results":
            platform.calls = get_reader("mailchimp").calls
        with open_account(platform, connection, Clock().open) as client:
            for method, published in CHANGES:
                path = re.sub(r"\{\w+\}", "a1", published)
                for form in (path, f"{path}/", f"/lists/a1/segments/../..{path}"):
                    with pytest.raises(RemoteError, match="Nothing was sent"):
                        GuardedClient(client).request(method, form, json={"name": "x"})
        assert not server.requests


@pytest.mark.parametrize(
    "document", [ACCOUNT, CUSTOMERS, STAGE, RUN, ADD_TAGS, REMOVE_TAGS, OPERATION, RUN_QUERY], ids=range(8)
)
def test_shopifys_documents_are_as_published(document):
    assert validate(SHOPIFY, parse(document)) == []


def test_shopifys_answers_are_as_published(tmp_path, monkeypatch):
    """Each answer of the loopback server has the fields and types that the document asks of the published schema."""
    monkeypatch.setenv("SHOPIFY_TOKEN", TagShopify.token)
    folder, place = a_campaign_folder(tmp_path)
    problems = []
    with TagShopify(addresses(*range(1, 7)), refuse=lambda address: address == "c2@example.com") as server:
        route = server._route

        def check(request):
            reply = route(request)
            if request.path == GRAPHQL_PATH:
                body = request.json()
                document = parse(body["query"])
                problems.extend(validate(SHOPIFY, document))
                problems.extend(_compare(document, reply.body["data"]))
            return reply

        server._route = check
        given = PushSettings("shopify", confirm=8, settings=(f"url={server.url}",))
        result = push_campaign(folder, place, given, opener=Clock().open)
        content = [*server._operations.values()][-1].content
    lines = [json.loads(line) for line in content.splitlines()]
    problems += [problem for line in lines for problem in _compare(parse(ADD_TAGS), line["data"])]
    assert len(lines) == 6
    assert problems == []
    assert result.summary.reconciliation.accepted == 5


def _compare(document, data):
    """Where an answer has other fields or kinds of values than the document asks of the published schema."""
    operation = document.definitions[0]
    root = SHOPIFY.mutation_type if operation.operation.value == "mutation" else SHOPIFY.query_type
    return [*_compare_value(operation.selection_set, root, data, "data")]


def _compare_value(selection_set, kind, value, place):
    if is_non_null_type(kind):
        kind = kind.of_type
        if value is None:
            yield f"{place} is null"
    if value is None:
        return
    if is_list_type(kind):
        for number, item in enumerate(value):
            yield from _compare_value(selection_set, kind.of_type, item, f"{place}[{number}]")
    elif selection_set is None:
        if is_enum_type(kind) and value not in kind.values:
            yield f"{place} is {value}"
    else:
        fields = {selection.name.value: selection for selection in selection_set.selections}
        if {*value} != {*fields}:
            yield f"{place} has {sorted(value)}"
        for name, selection in fields.items():
            yield from _compare_value(
                selection.selection_set, kind.fields[name].type, value.get(name), f"{place}.{name}"
            )


@pytest.mark.parametrize(
    "name",
    sorted(name for name in SHOPIFY.mutation_type.fields if name not in MUTATIONS),
)
def test_shopifys_other_mutations_are_refused_before_a_byte_leaves(name):
    allowed = AllowedCalls(Shopify.calls, Shopify.graphql, Shopify.mutations)
    plain = f"mutation {{ {name}(input: {{}}) {{ userErrors {{ message }} }} }}"
    documents = [
        {"query": plain},
        {"query": f"mutation {{ tagsAdd: {name}(input: {{}}) {{ userErrors {{ message }} }} }}"},
        {"query": RUN, "variables": {"mutation": plain, "path": "tmp/x"}},
        {"query": RUN, "variables": {"mutation": f"{ADD_TAGS} {plain}", "path": "tmp/x"}},
    ]
    for document in documents:
        with pytest.raises(RemoteError, match="Nothing was sent"):
            allowed.match("POST", GRAPHQL_PATH, document)


def test_the_excerpt_has_mutations_of_consent():
    assert {"customerEmailMarketingConsentUpdate", "customerSmsMarketingConsentUpdate", "customerUpdate"} <= {
        *SHOPIFY.mutation_type.fields
    }
    assert {*MUTATIONS} <= {*SHOPIFY.mutation_type.fields}
