"""A push to Shopify from end to end, against a loopback server with bulk operations and staged uploads."""

import pytest
from push_shops import HELD_OUT_TAG, TAG, Clock, a_campaign_folder

from frontrow.campaign.record.contact_log import ContactLog
from frontrow.errors import CredentialError, RemoteError, SettingError
from frontrow.push.platforms.shopify import NO_CUSTOMER, UNSAID, Shopify
from frontrow.push.shopify import customers, tagging
from frontrow.remote.secrets import Secret
from frontrow.service.lift import LiftSettings, lift_hold_out
from frontrow.service.push import PushSettings, push_campaign
from frontrow.testing.loopback.exchange import Fault
from frontrow.testing.loopback.shopify import Behaviour
from frontrow.testing.loopback.shopify_tags import TagShopify


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv("SHOPIFY_TOKEN", TagShopify.token)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(Shopify, "batch_rows", 3)


def addresses(*numbers):
    return [f"c{number}@example.com" for number in numbers]


def logged(folder):
    return ContactLog.read(folder).rows["customer_id"].sort().to_list()


def push(server, folder, place, *, clock=None, settings=(), **options):
    clock = clock or Clock()
    given = PushSettings("shopify", settings=(f"url={server.url}", *settings), **options)
    return push_campaign(folder, place, given, opener=clock.open)


@pytest.mark.usefixtures("small_batches")
def test_customers_get_the_tag_and_those_held_out_their_own(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with TagShopify(addresses(*range(1, 11))) as server:
        result = push(server, folder, place, confirm=8)
        assert server.tagged_with(TAG) == {*addresses(*range(1, 9))}
        push(server, folder, place, group="held-out", confirm=2)
        assert server.tagged_with(HELD_OUT_TAG) == {*addresses(9, 10)}
        assert server.tagged == {TAG: 8, HELD_OUT_TAG: 2}
        assert server.mutations == 4
    assert (result.summary.reconciliation.accepted, result.summary.reconciliation.difference) == (8, 0)
    assert logged(folder) == [*range(1, 9)]


@pytest.mark.usefixtures("small_batches")
def test_who_is_no_customer_there_is_not_made_one(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with TagShopify(addresses(*range(1, 7)), refuse=lambda address: address == "c2@example.com") as server:
        result = push(server, folder, place, confirm=8)
        assert {*server.tags} == {*addresses(*range(1, 7))}
    assert result.summary.reconciliation.rejected == {NO_CUSTOMER: 2, UNSAID: 1}
    assert logged(folder) == [1, 3, 4, 5, 6]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(throttled=3, polls=4, others=3),
        Behaviour(endings=["COMPLETED", "FAILED TIMEOUT"], cut_files=1, repeated=2),
    ],
    ids=["slow", "failed"],
)
def test_faults_are_waited_out(tmp_path, behaviour):
    folder, place = a_campaign_folder(tmp_path)
    with TagShopify(addresses(*range(1, 11)), behaviour=behaviour) as server:
        server.add_fault(Fault(status=503, path="/staged"))
        result = push(server, folder, place, confirm=8)
        assert server.tagged_with(TAG) == {*addresses(*range(1, 9))}
        assert server.tagged[TAG] == 8
    assert result.summary.reconciliation.accepted == 8


@pytest.mark.usefixtures("small_batches")
def test_a_revoked_token_leaves_a_push_that_goes_on(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    with TagShopify(addresses(*range(1, 11)), behaviour=Behaviour(token_lasts=9)) as server:
        with pytest.raises(CredentialError):
            push(server, folder, place, confirm=8)
        done = logged(folder)
        assert done != [*range(1, 9)]
        server._accepted["shpat_new"] = None
        monkeypatch.setenv("SHOPIFY_TOKEN", "shpat_new")
        push(server, folder, place, confirm=8)
        assert server.tagged_with(TAG) == {*addresses(*range(1, 9))}
        assert server.tagged[TAG] == 8
    assert logged(folder) == [*range(1, 9)]


def test_a_token_of_an_app_is_exchanged(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    monkeypatch.setenv("SHOPIFY_TOKEN", TagShopify.client_secret)
    with TagShopify(addresses(*range(1, 11))) as server:
        push(server, folder, place, confirm=8, settings=(f"client_id={server.client_id}",))
        assert server.tagged[TAG] == 8
        with pytest.raises(CredentialError, match="client id and secret"):
            push(server, folder, place, group="held-out", confirm=2, settings=("client_id=0f0f",))


def test_a_token_that_may_only_read_is_refused_before_anything_is_sent(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with TagShopify(addresses(*range(1, 11)), scopes=("read_customers",)) as server:
        with pytest.raises(CredentialError, match="write_customers"):
            push(server, folder, place, confirm=8)
        assert server.mutations == 0


def test_refusals_of_a_batch_name_nobody(tmp_path, monkeypatch):
    folder, place = a_campaign_folder(tmp_path)
    monkeypatch.setattr(tagging, "LONGEST_BUSY", 3.0)
    with TagShopify(addresses(*range(1, 11))) as server:
        monkeypatch.setattr(server, "_run_mutation", lambda *_: _refuse("OPERATION_IN_PROGRESS"))
        with pytest.raises(RemoteError, match="other bulk operations"):
            push(server, folder, place, confirm=8)
        monkeypatch.setattr(server, "_run_mutation", lambda *_: _refuse("INVALID_MUTATION"))
        with pytest.raises(RemoteError, match="does not start the bulk mutation"):
            push(server, folder, place, confirm=8)
        monkeypatch.setattr(server, "_run", lambda _: _refuse("OPERATION_IN_PROGRESS"))
        monkeypatch.setattr(customers, "LONGEST_BUSY", 3.0)
        with pytest.raises(RemoteError, match="other bulk operations"):
            push(server, folder, place, confirm=8)
    assert logged(folder) == []


def _refuse(code):
    return {"bulkOperation": None, "userErrors": [{"code": code, "message": "c1@example.com"}]}


def test_the_address_is_that_of_a_shop():
    token = {"token": Secret("shpat_1")}
    for text in ("garden", "Garden.myshopify.com", "https://garden.myshopify.com/"):
        assert Shopify().connect({"shop": text}, token).base_url == "https://garden.myshopify.com"
    with pytest.raises(SettingError, match="my-shop"):
        Shopify().connect({"shop": "garden.example"}, token)


def test_the_hold_out_is_lifted_on_the_platform(tmp_path):
    folder, place = a_campaign_folder(tmp_path)
    with TagShopify(addresses(*range(1, 11))) as server:
        push(server, folder, place, group="held-out", confirm=2)
        push(server, folder, place, confirm=8)
        settings = LiftSettings(early=True, to="shopify", settings=(f"url={server.url}",))
        lifted = [lift_hold_out(folder, place, settings, opener=Clock().open).removed for _ in range(2)]
        assert server.tagged_with(HELD_OUT_TAG) == set()
        assert len(server.tagged_with(TAG)) == 8
    assert lifted == [2, 0]
