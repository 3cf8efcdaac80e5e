"""A push that is killed, a person who is forgotten in the middle of it, and two pushes at once."""

import contextlib
import threading
from pathlib import Path

import pytest
from push_shops import TAG, a_campaign_folder, change_customers, push_to, set_key

from frontrow.campaign.record.contact_log import ContactLog
from frontrow.errors import CampaignError, CredentialError
from frontrow.push.journal import Journal, journal_file, list_journals
from frontrow.push.journal_lock import lock_journal
from frontrow.push.platforms.klaviyo import Klaviyo
from frontrow.remote.client import ApiClient
from frontrow.service.forgetting import forget_customer
from frontrow.service.status import StatusSettings, read_status
from frontrow.shop.config import ShopConfig
from frontrow.testing.loopback.exchange import Fault
from frontrow.testing.loopback.klaviyo import JOBS, KlaviyoServer


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    set_key(monkeypatch)
    monkeypatch.setattr(Klaviyo, "batch_rows", 3)


class Killed(BaseException):
    """The process is no more."""


def push_until(monkeypatch, server, folder, place, steps):
    """Push until so many files were put in their place or requests sent; from then on nothing is written or sent."""
    left = [steps]

    def step(call, *, before):
        def checked(*arguments, **names):
            left[0] -= 1
            if left[0] < 0 and before:
                raise Killed
            result = call(*arguments, **names)
            if left[0] < 0:
                raise Killed
            return result

        return checked

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", step(Path.replace, before=True))
        # the request arrives, and its answer is not seen
        patch.setattr(ApiClient, "_send", step(ApiClient._send, before=False))
        try:
            push_to(server, folder, place, confirm=8)
        except Killed:
            return True
    return False


def test_killed_at_any_step_it_goes_on_and_doubles_nothing(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    expected, steps = [1, 2, 3, 5, 6, 7, 8], (0, 2, 5, 1, 6, 4, 7)
    with KlaviyoServer(refuse={"c4@example.com": "email"}.get, polls=1) as server:
        was_killed = [push_until(monkeypatch, server, folder, place, number) for number in steps]
        logged = ContactLog.read(folder).rows["customer_id"]
        assert {f"c{number}@example.com" for number in logged} <= server.list_named(TAG)
        result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == {f"c{number}@example.com" for number in expected}
        assert len(server.lists) == 1
    outcome = result.summary.reconciliation
    assert sum(was_killed) >= 5
    assert (outcome.accepted, sum(outcome.rejected.values()), outcome.difference) == (7, 1, 0)
    assert ContactLog.read(folder).rows["customer_id"].sort().to_list() == expected


def interrupt(server, folder, place, *, skip=1):
    server.add_fault(Fault(status=401, method="POST", path=JOBS, skip=skip))
    with pytest.raises(CredentialError):
        push_to(server, folder, place, confirm=8)


def test_the_status_and_forget_name_what_a_push_leaves_to_do(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        interrupt(server, folder, place)
        (task, *_) = read_status(folder, StatusSettings()).status.tasks
        assert (task.kind, task.command.split()[-2:]) == ("push", ["--to", "klaviyo"])
        push_to(server, folder, place, confirm=8)
    assert "push" not in {task.kind for task in read_status(folder, StatusSettings()).status.tasks}
    assert (
        '"vases" was pushed to klaviyo: erase the person there too.'
        in forget_customer(folder, "c1@example.com").outside
    )


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
