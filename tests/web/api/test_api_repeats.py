"""Idempotency keys: once, the same answer, and never another request's."""

from __future__ import annotations

import sqlite3
import time

import pytest
from api_site import SHOP, ApiSite

from frontrow.web.store.idempotency import (
    KEPT_SECONDS,
    Claim,
    IdempotencyStore,
    InFlightError,
    KeptAnswer,
    OtherRequestError,
)

BODY = {"shop": SHOP, "products": [{"title": "Blue Pot"}]}


def test_the_same_request_is_done_once(site: ApiSite) -> None:
    before = len(site.server.jobs.list(limit=1_000))
    answers = [site.client.post("/v1/audiences", json=BODY, headers={"Idempotency-Key": "once"}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert ["idempotency-replayed" in answer.headers for answer in answers] == [False, True, True]
    assert len(site.server.jobs.list(limit=1_000)) == before + 1


def test_another_body_with_the_same_key_is_refused(site: ApiSite) -> None:
    headers = {"Idempotency-Key": "other body"}
    site.client.post("/v1/audiences", json=BODY, headers=headers)
    answer = site.client.post("/v1/audiences", json={**BODY, "strict": True}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:frontrow:problem:idempotency-key-reused"


def test_keys_of_different_tokens_have_nothing_to_do_with_each_other(site: ApiSite) -> None:
    headers = {"Idempotency-Key": "shared"}
    first = site.client.post("/v1/audiences", json=BODY, headers=headers)
    second = site.client_with("plan").post("/v1/audiences", json=BODY, headers=headers)
    assert first.json()["job_id"] != second.json()["job_id"]


def test_a_request_that_was_refused_may_be_sent_again(site: ApiSite) -> None:
    headers = {"Idempotency-Key": "refused"}
    for _ in range(2):
        assert site.client.post("/v1/audiences", json={"shop": SHOP}, headers=headers).status_code == 422
    assert site.client.post("/v1/audiences", json=BODY, headers=headers).status_code == 202


def test_an_answer_is_not_given_to_who_may_not_ask(site: ApiSite) -> None:
    headers = {"Idempotency-Key": "scope"}
    site.client.post("/v1/audiences", json=BODY, headers=headers)
    assert site.client_with("read").post("/v1/audiences", json=BODY, headers=headers).status_code == 403


def test_a_key_in_use_is_a_conflict_until_the_server_dies(site: ApiSite) -> None:
    store = site.server.idempotency
    claim = store.begin("test", "in flight", "digest")
    assert isinstance(claim, Claim)
    with pytest.raises(InFlightError):
        store.begin("test", "in flight", "digest")
    with pytest.raises(OtherRequestError):
        store.begin("test", "in flight", "another")
    # another store on the same database is the server that was started after this one was killed
    again = IdempotencyStore(site.server.database).begin("test", "in flight", "digest")
    assert again == claim


def test_a_request_that_broke_off_goes_on_under_its_id(site: ApiSite) -> None:
    store = site.server.idempotency
    claim = store.begin("test", "broken off", "digest")
    assert isinstance(claim, Claim)
    job = site.server.jobs.add("audience", SHOP, BODY, created_by="test", job_id=claim.claim_id)
    store.abandon(claim)
    again = store.begin("test", "broken off", "digest")
    assert isinstance(again, Claim)
    assert site.server.jobs.add("audience", SHOP, BODY, created_by="test", job_id=again.claim_id) == job


def test_an_answer_that_could_not_be_kept_is_made_again_under_its_id(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    headers = {"Idempotency-Key": "not kept"}
    before = len(site.server.jobs.list(limit=1_000))
    with monkeypatch.context() as patch:
        patch.setattr(site.server.idempotency, "finish", fail)
        assert site.client.post("/v1/audiences", json=BODY, headers=headers).status_code == 500
    assert site.client.post("/v1/audiences", json=BODY, headers=headers).status_code == 202
    assert len(site.server.jobs.list(limit=1_000)) == before + 1


def test_answers_are_kept_for_a_day(site: ApiSite) -> None:
    store = site.server.idempotency
    claim = store.begin("test", "old", "digest")
    assert isinstance(claim, Claim)
    store.finish(claim, KeptAnswer(200, {}, b"{}"))
    assert store.begin("test", "old", "digest") == KeptAnswer(200, {}, b"{}")
    with site.server.database.write() as connection:
        connection.execute("UPDATE idempotency SET created_at = ? WHERE key = 'old'", (time.time() - KEPT_SECONDS - 1,))
    assert isinstance(store.begin("test", "old", "other"), Claim)
