"""A push to Klaviyo from end to end, against a loopback server with the documented limits."""

import datetime as dt
import json
from dataclasses import replace

import polars as pl
import pytest
from push_shops import HELD_OUT_TAG, TAG, Clock, a_campaign_folder, change_customers, push_to, set_key
from typer.testing import CliRunner

from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.properties import build_properties, write_properties
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.cli.application import build
from frontrow.errors import CampaignError, CredentialError, RemoteError, SettingError
from frontrow.push.journal import Journal, journal_file
from frontrow.push.platforms.klaviyo import Klaviyo
from frontrow.service.push import PushSettings, push_campaign
from frontrow.shop.shop import Shop
from frontrow.storage.commit import commit
from frontrow.storage.shop_lock import lock_shop
from frontrow.testing.loopback.exchange import Fault, throttle
from frontrow.testing.loopback.klaviyo import JOBS, KlaviyoServer


@pytest.fixture(autouse=True)
def key(monkeypatch):
    set_key(monkeypatch)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(Klaviyo, "batch_rows", 3)


def addresses(*numbers):
    return {f"c{number}@example.com" for number in numbers}


def logged(folder):
    return ContactLog.read(folder).rows["customer_id"].sort().to_list()


def test_a_dry_run_counts_and_sends_nothing(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        result = push_to(server, folder, place)
        assert not server.requests
    assert result.to_dict()["confirm"] == 8
    text = str(result.sections())
    assert "c***@e***.com" in text
    assert "@example" not in text
    assert "--confirm 8" in text
    assert f"--set url={server.url}" in text
    assert "2 customers are held out" in text
    assert not (place / "pushes").exists()
    assert logged(folder) == []


@pytest.mark.usefixtures("small_batches")
def test_a_push_reaches_those_contacted_nobody_held_out_and_nobody_twice(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == addresses(*range(1, 9)) == {*server.profiles}
        assert len(server.jobs) == 3
        assert logged(folder) == [*range(1, 9)]
        assert HeldOutLog.read(folder).rows["customer_id"].to_list() == [9, 10]
        before, log = len(server.requests), ContactLog.read(folder).rows
        again = push_to(server, folder, place, confirm=8)
        dry = push_to(server, folder, place)
        assert len(server.requests) == before
    outcome = result.summary.reconciliation
    assert (outcome.accepted, outcome.rejected, outcome.difference) == (8, {}, 0)
    assert any("2 customers are held out" in sentence for sentence in result.warnings)
    assert ContactLog.read(folder).rows.equals(log)
    assert again.summary.accepted == 8
    assert json.loads(json.dumps(dry.to_dict()))["left"] == 0


def test_those_held_out_become_a_list_of_their_own_and_no_contacts(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        push_to(server, folder, place, group="held-out", confirm=2)
        assert server.list_named(HELD_OUT_TAG) == addresses(9, 10)
        result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == addresses(*range(1, 9))
    assert logged(folder) == [*range(1, 9)]
    assert result.warnings == ()


@pytest.mark.usefixtures("small_batches")
def test_each_product_has_a_list_of_its_own(tmp_path):
    folder, place = a_campaign_folder(tmp_path, products=[("new", "New"), ("new:Red Pot", "Red pot")])
    with KlaviyoServer() as server:
        push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == addresses(1, 3, 5, 7)
        assert server.list_named("frontrow-vases-red-pot") == addresses(2, 4, 6, 8)


def test_what_a_person_said_since_the_plan_counts(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    change_customers(folder, accepts_email={1: False}, email={2: None, 3: "c9@example.com"}, tags={4: "Do-not-contact"})
    suppressed = tmp_path / "suppressed.csv"
    suppressed.write_text("email\nC5@example.com\n")
    with KlaviyoServer() as server:
        result = push_to(server, folder, place, suppress=(suppressed,))
        assert result.summary.recipients.left_out == {
            "suppression list": 1,
            "do-not-contact tag": 1,
            "no consent": 1,
            "no address": 1,
            "still held out": 1,
        }
        push_to(server, folder, place, suppress=(suppressed,), confirm=3)
        assert server.list_named(TAG) == addresses(6, 7, 8)
    assert logged(folder) == [6, 7, 8]


def test_the_global_control_group_is_never_reached_nor_who_shares_an_address_with_it(tmp_path):
    people = {number: {"email": "c3@example.com"} for number in (3, 4)}
    folder, place = a_campaign_folder(tmp_path, people=people)
    group = GlobalControlGroup("b", 0.3)
    members = {number for number in range(1, 9) if group.contains(pl.Series([number]))[0]}
    assert 3 in members
    assert 4 not in members
    with lock_shop(folder, "campaign"):
        commit(folder, {}, group.to_sections())
    with KlaviyoServer() as server:
        result = push_to(server, folder, place)
        reached = {*range(1, 9)} - members - {4}
        assert result.summary.recipients.left_out == {"global control group": 8 - len(reached)}
        push_to(server, folder, place, confirm=len(reached))
        assert server.list_named(TAG) == addresses(*reached)


def test_a_wrong_number_sends_nothing(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        with pytest.raises(SettingError, match="8 customers would be pushed now, and not 7"):
            push_to(server, folder, place, confirm=7)
        assert not server.requests
    assert not journal_file(place, "klaviyo", "contacted").exists()


@pytest.mark.usefixtures("small_batches")
def test_a_rejection_is_reconciled_and_not_logged(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    refuse = {"c2@example.com": "email", "c7@example.com": "properties"}.get
    with KlaviyoServer(refuse=refuse, refuse_at_once={"c4@example.com": "email"}.get, polls=2) as server:
        result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == addresses(1, 3, 5, 6, 8)
    outcome = result.summary.reconciliation
    assert outcome.rejected == {"Klaviyo did not take it: invalid": 1, "Klaviyo does not accept the e-mail address": 2}
    assert (outcome.accepted, outcome.difference) == (5, 0)
    assert logged(folder) == [1, 3, 5, 6, 8]
    assert result.to_dict()["confirm"] == 3


def test_errors_without_a_place_are_found_by_what_klaviyo_took(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    monkeypatch.setattr("frontrow.testing.loopback.klaviyo._error", lambda *_: {"code": "odd code!", "source": None})
    with KlaviyoServer(refuse={"c2@example.com": "email"}.get) as server:
        original = server._take_in

        def without_payload(job):
            original(job)
            for error in job.errors:
                error["original_payload"] = None

        server._take_in = without_payload
        result = push_to(server, folder, place, confirm=8)
    assert result.summary.reconciliation.rejected == {"Klaviyo did not take it, and did not say why": 1}
    assert logged(folder) == [1, *range(3, 9)]


def test_rate_limits_are_kept_by_its_own_clock(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path, contacted=12)
    monkeypatch.setattr(Klaviyo, "batch_rows", 1)
    clock = Clock()
    with KlaviyoServer(clock=lambda: clock.seconds, polls=1) as server:
        push_to(server, folder, place, confirm=12, clock=clock)
        assert server.too_fast == 0
        assert len(server.requests) > 24
        assert len(server.list_named(TAG)) == 12


@pytest.mark.usefixtures("small_batches")
def test_throttling_and_cut_connections_are_waited_out(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    clock = Clock()
    with KlaviyoServer() as server:
        server.add_fault(throttle("7", path=JOBS))
        server.add_fault(Fault(cut_after=-1, method="POST", path=JOBS, skip=1))
        server.add_fault(Fault(status=503, path=f"{JOBS}/{{id}}"))
        result = push_to(server, folder, place, confirm=8, clock=clock)
        assert server.list_named(TAG) == addresses(*range(1, 9))
    assert 7.0 in clock.waits
    assert result.summary.reconciliation.accepted == 8


@pytest.mark.usefixtures("small_batches")
def test_an_expired_key_leaves_a_push_that_goes_on(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        server.add_fault(Fault(status=401, method="POST", path=JOBS, skip=1))
        with pytest.raises(CredentialError):
            push_to(server, folder, place, confirm=8)
        assert logged(folder) == []
        with pytest.raises(SettingError, match="was interrupted"):
            push_to(server, folder, place, confirm=5)
        dry = push_to(server, folder, place)
        assert dry.to_dict()["confirm"] == 8
        assert dry.to_dict()["latest_push"]["waiting"] == 5
        result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == addresses(*range(1, 9))
        assert max(server.imports.values()) == 1
    assert result.summary.reconciliation.accepted == 8
    assert logged(folder) == [*range(1, 9)]


def test_a_missing_key_leaves_everything_as_it_was(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    monkeypatch.delenv("KLAVIYO_API_KEY")
    with KlaviyoServer() as server, pytest.raises(CredentialError, match="KLAVIYO_API_KEY"):
        push_to(server, folder, place, confirm=8)
    assert not journal_file(place, "klaviyo", "contacted").exists()


@pytest.mark.usefixtures("small_batches")
def test_who_withdraws_while_a_push_is_interrupted_is_not_sent(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        # the second batch arrives and its answer is lost
        server.add_fault(Fault(status=500, method="POST", path=JOBS, skip=1, times=99))
        with pytest.raises(RemoteError):
            push_to(server, folder, place, confirm=8)
        server._faults.clear()
        change_customers(folder, accepts_email={4: False, 8: False})
        result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == addresses(1, 2, 3, 5, 6, 7)
    outcome = result.summary.reconciliation
    assert (outcome.accepted, outcome.withdrawn, outcome.uncertain, outcome.difference) == (6, 1, 1, 0)
    assert any("withdrew while" in sentence for sentence in result.warnings)
    assert logged(folder) == [1, 2, 3, 5, 6, 7]


@pytest.mark.usefixtures("small_batches")
def test_a_lost_job_is_sent_again(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer(polls=1) as server:
        poll = Klaviyo.poll
        lost = []

        def lose_once(self, client, prepared, batch, job_id):
            if not lost:
                lost.append(job_id)
                server.forget_job(job_id)
            return poll(self, client, prepared, batch, job_id)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Klaviyo, "poll", lose_once)
            result = push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == addresses(*range(1, 9))
    assert result.summary.reconciliation.accepted == 8


@pytest.mark.usefixtures("small_batches")
def test_a_push_does_not_go_on_in_another_account(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        server.add_fault(Fault(status=401, method="POST", path=JOBS, skip=1))
        with pytest.raises(CredentialError):
            push_to(server, folder, place, confirm=8)
    with KlaviyoServer() as other:
        other.lists["L99999"], other.members["L99999"] = TAG, set()
        with pytest.raises(CampaignError, match="another account"):
            push_to(other, folder, place, confirm=8)
        assert not other.jobs


def test_a_list_that_is_there_is_used(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        server.lists["L77777"], server.members["L77777"] = TAG, {"somebody@example.com"}
        push_to(server, folder, place, confirm=8)
        assert server.list_named(TAG) == {"somebody@example.com"} | addresses(*range(1, 9))
        assert len(server.lists) == 1


def test_chosen_properties_and_the_tag_reach_the_profile(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    write_properties(place, build_properties(Campaign.read(place), ("group", "rank")))
    with KlaviyoServer() as server:
        given = (f"url={server.url}", "property=frontrow_tag")
        push_campaign(folder, place, PushSettings("klaviyo", confirm=8, settings=given), opener=Clock().open)
        assert server.profiles["c3@example.com"]["properties"] == {
            "frontrow_group": "contacted",
            "frontrow_rank": 3,
            "frontrow_tag": TAG,
        }


def test_the_key_and_addresses_are_in_no_file_and_no_message(tmp_path, capfd, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    with KlaviyoServer(refuse={"c2@example.com": "email"}.get) as server:
        arguments = ["push", str(folder), str(place), "--to", "klaviyo", "--set", f"url={server.url}", "--confirm", "8"]
        done = CliRunner().invoke(build(), arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        set_key(monkeypatch, "pk_another_key")
        failed = CliRunner().invoke(build(), [*arguments[:-1], "1", "--verbose"])
    assert failed.exit_code
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path not in before)
    printed = (done.output + failed.output + str(failed.exception) + "".join(capfd.readouterr())).encode()
    for secret in (b"pk_loopback_key", b"pk_another_key", b"c1@example.com", b"c2@example.com"):
        assert secret not in written
        assert secret not in printed


def test_old_consent_is_a_warning(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    imports = ({"imported_at": (dt.datetime.now(dt.UTC) - dt.timedelta(days=9)).isoformat()},)
    monkeypatch.setattr("frontrow.service.push.require_planned_on", lambda *_: None)
    shop = Shop.read(folder)
    shop.with_settings(replace(shop.settings, imports=imports)).write(folder)
    with KlaviyoServer() as server:
        (sentence, _) = push_to(server, folder, place).warnings
    assert "as of the last import, 9 days ago" in sentence


def test_an_old_plan_is_a_warning_and_another_campaigns_journal_an_error(tmp_path):
    folder, place = a_campaign_folder(tmp_path, as_of=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    file = journal_file(place, "klaviyo", "contacted")
    with KlaviyoServer() as server:
        assert any("are over" in sentence for sentence in push_to(server, folder, place).warnings)
        Journal("another", "klaviyo", "klaviyo", "contacted").write(place)
        with pytest.raises(CampaignError, match="of another campaign"):
            push_to(server, folder, place)
    assert file.exists()


def test_a_damaged_journal_is_an_error(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    file = journal_file(place, "klaviyo", "contacted")
    with KlaviyoServer() as server:
        push_to(server, folder, place, confirm=8)
        file.write_bytes(file.read_bytes().replace(b'"1-8"', b'"1-7"'))
        with pytest.raises(CampaignError, match="is damaged"):
            push_to(server, folder, place)


@pytest.mark.usefixtures("small_batches")
def test_contacts_have_the_day_on_which_the_push_began(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with KlaviyoServer() as server:
        server.add_fault(Fault(status=401, method="POST", path=JOBS, skip=1))
        with pytest.raises(CredentialError):
            push_to(server, folder, place, confirm=8)
        file = journal_file(place, "klaviyo", "contacted")
        journal = Journal.read(file)
        replace(journal, started_on=dt.date(2026, 11, 30)).write(place)
        push_to(server, folder, place, confirm=8)
    assert ContactLog.read(folder).rows["contacted_on"].unique().to_list() == [dt.date(2026, 11, 30)]
