"""What a platform says of a campaign's messages: matched without its addresses, and unsubscribes that stay."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.campaign.eligibility.contact_rules import ContactRules
from frontrow.campaign.eligibility.eligible_customers import select_eligible
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA, CAMPAIGN, Campaign, imports_digest
from frontrow.campaign.record.register import REGISTER, with_campaign
from frontrow.campaign.record.responses import RESPONSES_FILE, CampaignResponses
from frontrow.cli.application import build
from frontrow.errors import CampaignError, InputError, SettingError, ShopError
from frontrow.schema import conform
from frontrow.service.check import check_shop
from frontrow.service.forgetting import forget_customer
from frontrow.service.responses import ResponseSettings, ResponsesResult, read_campaign_responses
from frontrow.service.resubscription import resubscribe_customer
from frontrow.service.status import StatusSettings, read_status
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.shop.unsubscribed import Unsubscribed
from frontrow.shop.update import import_files
from frontrow.storage.commit import commit
from frontrow.testing.campaigns import hand_made_campaign
from frontrow.testing.shops import read_table, table_file

HEADER = "order_id,ordered_at,customer_id,email,phone,accepts_marketing,title,quantity,price\n"
PEOPLE = [f"person{number}@example.com" for number in range(1, 9)]


def an_export(folder: Path, name: str = "orders.csv", accepts: str = "yes") -> Path:
    """An export of one order a person; the eighth has another record under the first one's mailbox."""
    file = folder / name
    rows = [
        f"{number},2025-01-0{number} 10:00,c{number},{email},+4477009001{number:02d},{accepts},Pot,1,10\n"
        for number, email in enumerate([*PEOPLE[:7], " Person1@example.com"], 1)
    ]
    file.write_text(HEADER + "".join(rows), "utf-8")
    return file


def numbers_of(folder: Path) -> dict[str, int]:
    customers = read_table(folder, "customers")
    return dict(zip(customers["source_id"], customers["customer_id"], strict=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop of eight records, and a campaign that contacts the first four of them and holds two out."""
    import_files([an_export(tmp_path)], tmp_path / "shop", settings=ImportSettings(time_zone="UTC"))
    save_campaign(tmp_path)
    return tmp_path


def save_campaign(folder: Path, channel: str = "email", name: str = "spring", campaign_id: str = "5f0c") -> Campaign:
    shop, by_source = folder / "shop", numbers_of(folder / "shop")
    rows = [(by_source[f"c{number}"], "contacted" if number <= 4 else "held out") for number in range(1, 7)]
    assignment = pl.DataFrame(rows, schema=["customer_id", "group"], orient="row").with_columns(
        product_id=pl.lit("new"), rank=pl.int_range(1, 7), probability=0.1, stratum=1
    )
    campaign = hand_made_campaign(
        conform(assignment, ASSIGNMENT_SCHEMA),
        name=name,
        campaign_id=campaign_id,
        channel=channel,
        imports_digest=imports_digest(ShopSettings.read(shop).imports),
    )
    campaign.save(folder / name)
    commit(shop, {}, {REGISTER: with_campaign(shop, campaign, folder / name, recorded=True)})
    return campaign


def read(folder: Path, *texts: str, mapping: dict[str, str] | None = None, name: str = "spring") -> ResponsesResult:
    settings = ResponseSettings(texts, mapping or {})
    return read_campaign_responses(folder / "shop", folder / name, settings)


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


def may_contact(folder: Path, channel: str = "email") -> set[str]:
    """Source ids of those who may be contacted."""
    history = Shop.read(folder / "shop").as_of()
    rows = history.customers.select("customer_id", "source_id").collect()
    listed = rows.select(
        "customer_id",
        product_id=pl.lit("new"),
        title=pl.lit("New"),
        rank=pl.int_range(1, pl.len() + 1),
        probability=0.1,
    )
    eligible = select_eligible(listed, history, ContactRules(channel)).rows  # type: ignore[arg-type]
    return {*rows.filter(pl.col("customer_id").is_in(eligible["customer_id"].implode()))["source_id"]}


KLAVIYO = """Email,First Name,Received Email,Opened Email,Clicked Email,Bounced Email,Unsubscribed
person1@example.com,Ann,1,3,0,0,
PERSON2@example.com,Bob,1,0,0,0,2025-02-01 10:00
person3@example.com,Cy,1,1,2,0,
person4@example.com,Di,0,0,0,1,
person6@example.com,Flo,1,0,0,0,
stranger@example.com,Guy,1,1,1,0,2025-02-01 10:00
no address,Hal,1,0,0,0,
"""


def test_klaviyos_columns_become_truth_values_by_customer_number(folder: Path) -> None:
    result = read(folder, write(folder, "klaviyo.csv", KLAVIYO))
    assert result.count_contacted() == {"delivered": 3, "opened": 2, "clicked": 1, "bounced": 1, "unsubscribed": 1}
    assert (result.matched.unmatched, result.matched.unreadable, result.reached_held_out) == (1, 1, 1)
    table = result.table.sort("customer_id")
    assert table["delivered"].to_list() == [True, True, True, False, False, True]
    assert "1 customer who should have been held out" in str(result.sections())
    stored = (folder / "spring" / RESPONSES_FILE).read_text()
    assert "@" not in stored
    assert "Ann" not in stored


def test_an_export_of_events_says_the_same(folder: Path) -> None:
    events = [("1", "Received Email"), ("1", "Opened Email"), ("2", "Received Email"), ("2", "Marked Email as Spam")]
    text = "Metric,Email\n" + "".join(f"{event},person{number}@example.com\n" for number, event in events)
    result = read(folder, write(folder, "events.csv", text))
    counts = {"delivered": 2, "opened": 1, "clicked": None, "bounced": None, "unsubscribed": 1}
    assert result.count_contacted() == counts


def test_mailchimps_lists_are_named_on_the_command_line(folder: Path) -> None:
    header = "Email Address,First Name,MEMBER_RATING\n"
    lists = {"sent": (1, 2, 3, 4), "opened": (1,), "bounced": (4,), "clicked": ()}
    files = [
        f"{name}=" + write(folder, f"{name}.csv", header + "".join(f"person{n}@example.com,X,2\n" for n in members))
        for name, members in lists.items()
    ]
    audience = header.strip() + ",UNSUB_TIME,UNSUB_REASON\nperson3@example.com,X,2,2025-02-01 10:00:00,\n"
    result = read(folder, *files, write(folder, "unsubscribed.csv", audience))
    assert result.count_contacted() == {"delivered": 3, "opened": 1, "clicked": 0, "bounced": 1, "unsubscribed": 1}
    with pytest.raises(InputError, match=r"do not say what became.*opened=list\.csv"):
        read(folder, write(folder, "list.csv", header + "person1@example.com,X,2\n"))


def test_columns_of_another_tool_are_named(folder: Path) -> None:
    text = "Adresse;Geöffnet\nperson1@example.com;ja\nperson2@example.com;0\n"
    file = write(folder, "tool.csv", text)
    assert read(folder, file, mapping={"email": "adresse", "opened": "Geöffnet"}).count_contacted()["opened"] == 1
    with pytest.raises(SettingError, match="not a field"):
        read(folder, file, mapping={"e-mail": "Adresse"})
    with pytest.raises(InputError, match="no column Addresse"):
        read(folder, file, mapping={"email": "Addresse"})
    with pytest.raises(InputError, match=r"no column of e-mail addresses.*--map email=COLUMN"):
        read(folder, file)


def test_who_unsubscribed_stays_so_whatever_the_next_export_says(folder: Path) -> None:
    assert may_contact(folder) >= {"c1", "c2", "c7"}
    result = read(
        folder, "unsubscribed=" + write(folder, "gone.csv", "Email\nperson1@example.com\nperson7@example.com\n")
    )
    assert result.unsubscribed == 3, "both records of the first person, and one who was not in the campaign"
    assert may_contact(folder) == {"c2", "c3", "c4", "c5", "c6"}
    import_files([an_export(folder, "later.csv", accepts="TRUE")], folder / "shop")
    assert may_contact(folder) == {"c2", "c3", "c4", "c5", "c6"}
    assert read_table(folder / "shop", "customers")["accepts_email"].all(), "the export's own word is kept beside it"
    assert may_contact(folder, "sms") == set(), "nobody agreed to text messages"
    again = read(folder, "unsubscribed=" + str(folder / "gone.csv"))
    assert again.unsubscribed == 0
    status = read_status(folder / "shop", StatusSettings())
    assert status.to_dict()["holdings"]["unsubscribed"] == 3
    assert "3 customers have unsubscribed" in str(status.sections())


def test_who_opts_in_again_is_contacted_again_by_their_own_word_only(folder: Path) -> None:
    read(folder, "unsubscribed=" + write(folder, "gone.csv", "Email\nperson1@example.com\n"))
    result = resubscribe_customer(folder / "shop", "c8")
    assert (result.removed, result.accepts) == (True, ("email",))
    assert may_contact(folder) >= {"c1"} or may_contact(folder) >= {"c8"}
    assert not resubscribe_customer(folder / "shop", "person1@example.com").removed
    with pytest.raises(ShopError, match="no customer with that"):
        resubscribe_customer(folder / "shop", "stranger@example.com")


def test_a_channel_that_was_not_left_stays(folder: Path) -> None:
    save_campaign(folder, channel="sms", name="sms", campaign_id="77aa")
    text = "Phone Number,Unsubscribed from SMS Marketing\n07700 900102,TRUE\n"
    result = read(folder, write(folder, "sms.csv", text), name="sms")
    assert Unsubscribed.read(folder / "shop").rows.select("channel", "campaign").rows() == [("sms", "sms")]
    assert result.unsubscribed == 1, "a number without its country code is taken for hers"
    assert "c2" in may_contact(folder)


def test_consent_to_the_other_channel_says_nothing(folder: Path) -> None:
    save_campaign(folder, channel="sms", name="sms", campaign_id="77aa")
    header = "Email,Phone Number,Email Marketing Consent,SMS Marketing Consent\n"
    text = (
        f"{header}person1@example.com,+447700900101,UNSUBSCRIBED,SUBSCRIBED\n"
        "person2@example.com,+447700900102,SUBSCRIBED,UNSUBSCRIBED\n"
    )
    read(folder, write(folder, "klaviyo.csv", text), name="sms")
    rows = Unsubscribed.read(folder / "shop").rows.select("customer_id", "channel").rows()
    assert rows == [(numbers_of(folder / "shop")["c2"], "sms")]


def test_a_waiting_campaign_with_the_person_in_its_files_is_named(folder: Path) -> None:
    other = save_campaign(folder, name="summer", campaign_id="99bb")
    shop = folder / "shop"
    unrecorded = [
        {**record, "recorded": record["campaign_id"] != "99bb"}
        for record in with_campaign(shop, other, folder / "summer", recorded=False)
    ]
    commit(shop, {}, {REGISTER: unrecorded})
    result = read(folder, "unsubscribed=" + write(folder, "gone.csv", "Email\nperson1@example.com\n"))
    assert 'The files of the campaign "summer"' in result.notices[0]


def test_to_forget_erases_from_the_responses_and_from_the_unsubscribed(folder: Path) -> None:
    read(folder, write(folder, "klaviyo.csv", KLAVIYO))
    number = numbers_of(folder / "shop")["c2"]
    assert number in Unsubscribed.read(folder / "shop").rows["customer_id"]
    forget_customer(folder / "shop", "person2@example.com")
    assert number not in Unsubscribed.read(folder / "shop").rows["customer_id"]
    responses = CampaignResponses.read(folder / "spring")
    assert responses is not None
    assert not any(number in part for part in responses.customers.values())


def test_a_damaged_table_is_noticed_and_made_again(folder: Path) -> None:
    read(folder, write(folder, "klaviyo.csv", KLAVIYO))
    before = Unsubscribed.read(folder / "shop").rows["customer_id"].to_list()
    table_file(folder / "shop", "unsubscribed").write_bytes(b"nothing")
    with pytest.raises(ShopError, match="frontrow check"):
        Shop.read(folder / "shop")
    assert "made again from the campaigns" in str(check_shop(folder / "shop").findings[0].repair)
    assert check_shop(folder / "shop", repair=True).sound
    assert Unsubscribed.read(folder / "shop").rows["customer_id"].to_list() == before
    (folder / "spring" / RESPONSES_FILE).write_text("{}")
    with pytest.raises(CampaignError, match="damaged"):
        CampaignResponses.read(folder / "spring")


def test_a_file_that_cannot_be_read_changes_nothing(folder: Path) -> None:
    good = write(folder, "klaviyo.csv", KLAVIYO)
    bad = write(folder, "bad.csv", "Name,Opens\nperson1@example.com,1\n")
    with pytest.raises(InputError) as caught:
        read(folder, good, bad)
    assert "person1" not in str(caught.value)
    assert CampaignResponses.read(folder / "spring") is None
    assert Unsubscribed.read(folder / "shop").rows.is_empty()


def test_results_of_another_shop_are_refused(folder: Path, tmp_path: Path) -> None:
    import_files([an_export(tmp_path, "first.csv")], tmp_path / "other", settings=ImportSettings(time_zone="UTC"))
    settings = ResponseSettings((write(folder, "klaviyo.csv", KLAVIYO),))
    with pytest.raises(CampaignError, match="another shop"):
        read_campaign_responses(tmp_path / "other", folder / "spring", settings)


def test_the_commands(folder: Path) -> None:
    runner, command = CliRunner(), build()
    file = write(folder, "klaviyo.csv", KLAVIYO)
    shown = runner.invoke(command, ["results", str(folder / "shop"), str(folder / "spring"), file, "--json"])
    assert json.loads(shown.stdout)["responses"]["delivered"] == 3
    shown = runner.invoke(command, ["results", str(folder / "shop"), str(folder / "spring"), "delivered=" + file])
    assert "unsubscribed" in shown.stdout
    assert "frontrow resubscribe" not in shown.stdout
    shown = runner.invoke(command, ["resubscribe", str(folder / "shop"), "c2", "--channel", "email"])
    assert "Not recorded as unsubscribed any more" in shown.stdout
    assert (folder / "spring" / CAMPAIGN).is_file()
