"""To forget a person is a request that finishes: tables at once, then campaigns and models, whatever interrupts it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from frontrow.campaign.addresses import mailbox, normal_email, sha256
from frontrow.campaign.export import export_names
from frontrow.campaign.record import campaign
from frontrow.campaign.record.campaign import Campaign, replace_assignment
from frontrow.errors import ShopError
from frontrow.launch.model.calibrated_model import FOLDER
from frontrow.service import unfinished
from frontrow.service.campaign import write_plan
from frontrow.service.config import configure
from frontrow.service.forgetting import forget_customer
from frontrow.service.opening import RunSettings
from frontrow.service.plan_settings import PlanSettings
from frontrow.service.recommendations import train
from frontrow.shop.erase import read_unfinished
from frontrow.storage.folder import RECOMMENDERS
from frontrow.synthetic import SyntheticShop
from frontrow.testing.shops import read_table

GARDEN = SyntheticShop(customers=300, seed=5, lines_a_year=8.0)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop, and two campaigns with the files of every platform: by e-mail and by text message."""
    folder = tmp_path_factory.mktemp("forgetting")
    GARDEN.write(folder / "shop")
    GARDEN.write_upcoming(folder / "new.csv")
    settings = PlanSettings(
        folder / "new.csv",
        folder / "email",
        model="order_lines",
        length=200,
        holdout_share=0.2,
        exports=tuple(export_names()),
        contacted=True,
    )
    write_plan(folder / "shop", settings, RunSettings())
    sms = replace(settings, output=folder / "sms", rules=replace(settings.rules, channel="sms", phone_region="US"))
    write_plan(folder / "shop", sms, RunSettings())
    (folder / "shop" / FOLDER).mkdir(exist_ok=True)
    return folder


@pytest.fixture
def place(planned: Path, tmp_path: Path) -> Path:
    """A copy of it, whose register names the copies."""
    from frontrow.campaign.record import register
    from frontrow.storage.commit import commit

    shutil.copytree(planned, tmp_path, dirs_exist_ok=True)
    moved = [replace(c, folder=str(tmp_path / c.name)) for c in register.read_register(tmp_path / "shop").values()]
    commit(tmp_path / "shop", {}, {register.REGISTER: register.register_section(moved)})
    for name in (RECOMMENDERS, FOLDER):
        (tmp_path / "shop" / name / "model").mkdir(parents=True, exist_ok=True)
    return tmp_path


def contacted_by(place: Path, name: str) -> dict[str, object]:
    """A customer who was contacted, with the personal data."""
    number = Campaign.read(place / name).contacted["customer_id"][0]
    return read_table(place / "shop", "customers").row(by_predicate=pl.col("customer_id") == number, named=True)


def all_text(place: Path) -> str:
    texts = []
    for path in sorted(path for path in place.rglob("*") if path.is_file()):
        texts.append(str(pl.read_parquet(path).rows()) if path.suffix == ".parquet" else path.read_text("utf-8"))
    return "\n".join(texts)


def forms_of(person: dict[str, object]) -> list[str]:
    email = normal_email(str(person["email"]))
    assert email is not None
    digits = "".join(sign for sign in str(person["phone"]) if sign.isdigit())
    return [str(person["source_id"]), email, sha256(email), sha256(mailbox(email)), digits, sha256(digits)]


def number_is_left(place: Path, number: object) -> list[str]:
    frames = {name: read_table(place / "shop", name) for name in ("orders", "customers", "contact_log", "held_out_log")}
    frames |= {name: Campaign.read(place / name).assignment for name in ("email", "sms")}
    return [name for name, frame in frames.items() if number in frame["customer_id"].to_list()]


@pytest.mark.parametrize("campaign", ["email", "sms"])
def test_nothing_is_left_of_a_person(place: Path, campaign: str) -> None:
    person = contacted_by(place, campaign)
    assert [form for form in forms_of(person) if form in all_text(place)]
    rows = {path: path.read_bytes().count(b"\n") for path in (place / campaign / "exports").glob("*.csv")}
    result = forget_customer(place / "shop", str(person["source_id"]))
    assert number_is_left(place, person["customer_id"]) == []
    assert [form for form in forms_of(person) if form in all_text(place)] == []
    fewer = [before - path.read_bytes().count(b"\n") for path, before in rows.items()]
    assert set(fewer) <= {0, 1}
    assert sum(fewer) >= 4
    assert not (place / "shop" / RECOMMENDERS).exists()
    assert not (place / "shop" / FOLDER).exists()
    assert read_unfinished(place / "shop") == []
    assert any("klaviyo" in sentence for sentence in result.outside)
    assert len(result.files) >= 5


def test_to_forget_a_person_again_is_no_error(place: Path) -> None:
    person = contacted_by(place, "email")
    forget_customer(place / "shop", str(person["source_id"]))
    for who in (str(person["email"]).upper(), str(person["source_id"])):
        result = forget_customer(place / "shop", who)
        assert (result.again, result.lines) == (True, 0)
        assert "Already forgotten" in str(result.sections()[0])
    with pytest.raises(ShopError, match="has no customer with"):
        forget_customer(place / "shop", "nobody@example.com")


@pytest.mark.parametrize("next_command", ["forget", "config"])
def test_a_request_that_was_interrupted_is_finished(
    place: Path, monkeypatch: pytest.MonkeyPatch, next_command: str
) -> None:
    person = contacted_by(place, "email")
    real, calls = unfinished.erase_from_campaign, []

    def interrupt(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(unfinished, "erase_from_campaign", interrupt)
        with pytest.raises(KeyboardInterrupt):
            forget_customer(place / "shop", str(person["source_id"]))
    assert read_unfinished(place / "shop") == [person["customer_id"]]
    assert set(number_is_left(place, person["customer_id"])) <= {"email", "sms"}
    if next_command == "forget":
        assert forget_customer(place / "shop", str(person["source_id"])).again
    else:
        configure(place / "shop", "margin", "12")
    assert number_is_left(place, person["customer_id"]) == []
    assert [form for form in forms_of(person) if form in all_text(place)] == []
    assert read_unfinished(place / "shop") == []


def test_a_file_that_cannot_be_cleaned_is_named_until_it_is(place: Path) -> None:
    person = contacted_by(place, "email")
    broken = next((place / "email" / "exports").glob("generic_parquet*"))
    content = broken.read_bytes()
    broken.write_bytes(b"broken")
    result = forget_customer(place / "shop", str(person["source_id"]))
    assert any(broken.name in sentence for sentence in result.unfinished)
    assert read_unfinished(place / "shop") == [person["customer_id"]]
    broken.write_bytes(content)
    assert forget_customer(place / "shop", str(person["source_id"])).unfinished == ()
    assert person["customer_id"] not in pl.read_parquet(broken)["customer_id"].to_list()


def test_what_lies_elsewhere_is_listed(place: Path) -> None:
    shutil.move(place / "sms", place / "moved")
    train(place / "shop", place / "model", RunSettings(), model="popular")
    person = contacted_by(place, "email")
    result = forget_customer(place / "shop", str(person["source_id"]))
    assert any('"sms" is not at' in sentence for sentence in result.outside)
    assert any(str(place / "model") in sentence for sentence in result.outside)
    assert str(person["email"]) not in str(result)


def test_a_recommender_fitted_while_a_person_is_forgotten_is_not_kept(place: Path) -> None:
    from frontrow.recommend.cached_recommenders import load_or_fit_recommender
    from frontrow.shop.shop import Shop

    history = Shop.read(place / "shop").as_of()
    forget_customer(place / "shop", str(contacted_by(place, "email")["source_id"]))
    load_or_fit_recommender(history, "popular", folder=place / "shop")
    assert not list((place / "shop" / RECOMMENDERS).glob("*/*"))
    load_or_fit_recommender(Shop.read(place / "shop").as_of(), "popular", folder=place / "shop")
    assert len(list((place / "shop" / RECOMMENDERS).glob("*/*"))) == 1


def test_what_a_killed_erasure_left_in_a_campaigns_folder_is_removed(place: Path) -> None:
    person = contacted_by(place, "email")
    record = json.loads((place / "email" / "campaign.json").read_text("utf-8"))
    for name in (".assignment.parquet-frontrow-a1b2c3d4", "exports/.klaviyo.csv-frontrow-a1b2c3d4"):
        (place / "email" / name / "staged").mkdir(parents=True)
        (place / "email" / name / "owner").touch()
    assignment = Campaign.read(place / "email").assignment
    without = assignment.filter(pl.col("customer_id") != person["customer_id"])
    real = campaign._replace_record
    calls: list[object] = []

    def interrupt(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(campaign, "_replace_record", interrupt)
        with pytest.raises(KeyboardInterrupt):
            replace_assignment(place / "email", without)
    interrupted = json.loads((place / "email" / "campaign.json").read_text("utf-8"))
    assert len(interrupted["assignment_sha256"]) == 2
    forget_customer(place / "shop", str(person["source_id"]))
    done = json.loads((place / "email" / "campaign.json").read_text("utf-8"))
    assert len(done["assignment_sha256"]) == len(record["assignment_sha256"]) == 1
    assert not [path for path in (place / "email").rglob("*") if path.name.startswith(".")]
