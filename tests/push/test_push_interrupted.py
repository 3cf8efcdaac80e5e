"""A push that is killed, a person who is forgotten in the middle of it, and two pushes at once."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from push_shops import TAG, a_campaign_folder, change_customers, push_to, set_key

from frontrow.campaign.record.contact_log import ContactLog
from frontrow.errors import CampaignError, CredentialError
from frontrow.push.journal import Journal, journal_file, list_journals
from frontrow.push.journal_lock import lock_journal
from frontrow.push.platforms.klaviyo import Klaviyo
from frontrow.service.forgetting import forget_customer
from frontrow.shop.config import ShopConfig
from frontrow.testing.loopback.exchange import Fault
from frontrow.testing.loopback.klaviyo import JOBS, KlaviyoServer

SCRIPT = Path(__file__).with_name("kill_push.py")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    set_key(monkeypatch)
    monkeypatch.setattr(Klaviyo, "batch_rows", 3)


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork, and numbers of files as Linux gives them")
def test_killed_at_any_write_it_goes_on_and_doubles_nothing(tmp_path):
    a_campaign_folder(tmp_path / "ground")
    with KlaviyoServer(refuse={"c4@example.com": "email"}.get, keeps_limits=False) as server:
        command = [sys.executable, str(SCRIPT), str(tmp_path / "ground"), server.url, "3"]
        environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert server.list_named(TAG) == {f"c{number}@example.com" for number in (1, 2, 3, 5, 6, 7, 8)}
        assert len(server.lists) == 1
    states = json.loads(done.stdout)
    assert states["problems"] == []
    assert states["expected"]["logged"] == states["expected"]["accepted"] == [1, 2, 3, 5, 6, 7, 8]
    assert states["expected"]["outcome"]["difference"] == 0
    assert states["again"] == [states["expected"]] * 3
    for state in states["killed"]:
        assert {*state["logged"]} <= {*state["accepted"]}
        assert state["outcome"].get("difference", 0) == 0


def interrupt(server, folder, place, *, skip=1):
    server.add_fault(Fault(status=401, method="POST", path=JOBS, skip=skip))
    with pytest.raises(CredentialError):
        push_to(server, folder, place, confirm=8)


def test_a_forgotten_person_is_erased_from_the_journal_and_the_others_keep_their_place(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer(refuse={"c6@example.com": "email"}.get) as server:
        interrupt(server, folder, place, skip=2)
        assert forget_customer(folder, "c5@example.com").unfinished == ()
        forget_customer(folder, "c7@example.com")
        (file,) = list_journals(place)
        journal = Journal.read(file)
        assert [batch.customer_ids for batch in journal.batches] == [[1, 2, 3], [4, 0, 6], [0, 8]]
        result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == {f"c{number}@example.com" for number in (1, 2, 3, 4, 5, 8)}
    outcome = result.summary.reconciliation
    assert (outcome.accepted, outcome.uncertain, outcome.difference) == (6, 1, 0)
    assert outcome.rejected == {"Klaviyo does not accept the e-mail address": 1}
    assert ContactLog.read(folder).rows["customer_id"].sort().to_list() == [1, 2, 3, 4, 8]


def test_who_is_forgotten_while_a_push_runs_is_erased_when_it_ends(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    file = journal_file(place, "klaviyo", "contacted")
    with KlaviyoServer() as server:
        interrupt(server, folder, place)
        with lock_journal(file):
            assert "is running" in forget_customer(folder, "c1@example.com").unfinished[0]
        push_to(server, folder, place, confirm=8)
    assert Journal.read(file).batches[0].customer_ids == [0, 2, 3]


def test_a_person_who_withdraws_during_a_push_is_not_sent(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    send = Klaviyo.send

    def withdraw_then_send(self, client, prepared, batch):
        if batch.number == 1:
            change_customers(folder, accepts_email={8: False})
        return send(self, client, prepared, batch)

    monkeypatch.setattr(Klaviyo, "send", withdraw_then_send)
    with KlaviyoServer() as server:
        result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == {f"c{number}@example.com" for number in range(1, 8)}
    assert result.summary.reconciliation.withdrawn == 1


def test_two_pushes_at_once_are_one(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    problems = []

    def push():
        with contextlib.suppress(CampaignError):
            push_to(server, folder, place, confirm=8)
            problems.append(None)

    with KlaviyoServer() as server:
        threads = [threading.Thread(target=push) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(server.imports.values()) == 1
        assert len(server.list_named(TAG)) == 8
    assert problems
    with lock_journal(journal_file(place, "klaviyo", "contacted")), pytest.raises(CampaignError, match="is running"):
        push_to(server, folder, place, confirm=8, wait=0.0)


def test_a_push_to_another_destination_has_its_own_journal(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        destination = {"kind": "klaviyo", "settings": {"url": server.url}, "secrets": {}}
        ShopConfig().with_value("destinations", {"second": destination}).write(folder)
        push_to(server, folder, place, confirm=8)
        push_to(server, folder, place, to="second", confirm=8)
    assert [file.name for file in list_journals(place)] == ["klaviyo.json", "second.json"]
    assert ContactLog.read(folder).rows.height == 8
