"""frontrow campaign and frontrow contacted, from their arguments to the files they write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.cli.application import build
from frontrow.errors import FrontrowError
from frontrow.launch.model.calibrated_model import load_or_fit_launch_model
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import Shop
from frontrow.storage.folder import RECOMMENDERS
from frontrow.storage.pointer import CUSTOMERS, Pointer
from frontrow.testing.shops import read_table, table_file

RUNNER = CliRunner()
LISTED = ("--length", 120, "--holdout", 0.25)


def run(*arguments: object) -> str:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def fitted_shop(shop_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with its launch model, fitted once for all tests of this file, without caches of other test files."""
    folder = tmp_path_factory.mktemp("campaign") / "shop"
    shutil.copytree(shop_folder, folder, ignore=shutil.ignore_patterns(RECOMMENDERS))
    load_or_fit_launch_model(Shop.read(folder).as_of(), LaunchSettings(), folder=folder)
    return folder


@pytest.fixture
def shop(fitted_shop: Path, tmp_path: Path) -> Path:
    """A copy to write a contact log into; each of its customers has agreed to e-mail or refused it."""
    return Path(shutil.copytree(fitted_shop, tmp_path / "shop"))


def everything_personal(shop: Path) -> set[str]:
    customers = read_table(shop, CUSTOMERS)
    return {value for name in ("email", "phone", "source_id") for value in customers[name].drop_nulls()}


def text_of(path: Path) -> str:
    if path.suffix == ".parquet":
        return "\n".join(str(row) for row in pl.read_parquet(path).iter_rows())
    return path.read_text("utf-8")


def test_a_campaign_holds_out_exports_and_separates_groups(shop: Path, new_products: Path, tmp_path: Path) -> None:
    suppression_file = tmp_path / "stop.csv"
    customers = read_table(shop, CUSTOMERS)
    suppression_file.write_text("E-mail\n" + "\n".join(customers["email"].drop_nulls()[:40].str.to_uppercase()))
    exports = [option for name in ("klaviyo", "generic_parquet") for option in ("--export", name)]
    folder = tmp_path / "spring"
    options = ("--products", new_products, "--output", folder, *LISTED, "--suppress", suppression_file, *exports)
    output = json.loads(run("campaign", shop, *options, "--json"))
    campaign = Campaign.read(folder)
    counts = output["campaign"]["counts"]
    assert counts["chosen"] == 120 == counts["contacted"] + counts["held_out"]
    assert (
        campaign.contacted.height
        == counts["contacted"]
        == sum(file["rows"] for file in output["files"] if file["export"] == "klaviyo" and not file["held_out"])
    )
    agreed = customers.filter("accepts_email")["customer_id"]
    assert campaign.assignment["customer_id"].is_in(agreed.implode()).all()
    excluded = {reason["reason"]: reason["customers"] for reason in counts["excluded"]}
    assert excluded["suppression list"] > 0
    assert excluded["no consent"] > 0
    exported = {
        held_out: pl.concat(
            pl.read_parquet(file["path"])
            for file in output["files"]
            if file["export"] == "generic_parquet" and file["held_out"] is held_out
        )
        for held_out in (False, True)
    }
    assert set(exported[False]["customer_id"]) == set(campaign.contacted["customer_id"])
    assert set(exported[True]["customer_id"]) == set(campaign.held_out["customer_id"])
    assert not set(exported[False]["email"]) & set(exported[True]["email"])
    assert not set(exported[False]["email"]) & set(customers["email"].drop_nulls()[:40])
    assert all("held-out-do-not-contact" in file["path"] for file in output["files"] if file["held_out"])


def test_nothing_personal_is_printed_or_written_outside_the_exports(
    shop: Path, new_products: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "spring"
    options = (
        "--products",
        new_products,
        *LISTED,
        "--export",
        "generic_csv",
        "--contacted",
        "--global-control-share",
        0.1,
    )
    printed = run("campaign", shop, "--output", folder, *options)
    printed += run("campaign", shop, "--output", tmp_path / "again", *options, "--json")
    personal = everything_personal(shop)
    others = [
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and path != table_file(shop, CUSTOMERS) and path.parent.name != "exports"
    ]
    assert {"campaign.json", table_file(shop, "contact_log").name, "shop.json"} <= {path.name for path in others}
    for text in (printed, *map(text_of, others)):
        assert "@" not in text
        assert not [value for value in personal if value in text]
    assert any(value in text_of(path) for path in (folder / "exports").iterdir() for value in personal)


def test_the_same_arguments_repeat_the_campaign(shop: Path, new_products: Path, tmp_path: Path) -> None:
    options = ("--products", new_products, *LISTED)
    for name in ("one", "two"):
        run("campaign", shop, "--output", tmp_path / name, *options)
    first, second = (Campaign.read(tmp_path / name) for name in ("one", "two"))
    assert first.assignment.equals(second.assignment)
    assert first.imports_digest == second.imports_digest


def test_contacts_of_a_recorded_campaign_are_excluded_from_the_next(
    shop: Path, new_products: Path, tmp_path: Path
) -> None:
    options = ("--products", new_products, *LISTED, "--not-contacted-days", 30)
    printed = run("campaign", shop, "--output", tmp_path / "one", *options)
    assert "frontrow contacted" in printed
    assert ContactLog.read(shop).rows.is_empty()
    first = Campaign.read(tmp_path / "one")
    for _ in range(2):
        run("contacted", shop, tmp_path / "one")
    assert ContactLog.read(shop).rows.height == first.contacted.height
    output = json.loads(run("contacted", shop, tmp_path / "one", "--on", "2031-01-01", "--json"))
    assert output == {"campaign": "one", "contacted_on": "2031-01-01", "contacts": first.contacted.height}
    run("campaign", shop, "--output", tmp_path / "two", *options, "--contacted")
    second = Campaign.read(tmp_path / "two")
    assert not set(first.contacted["customer_id"]) & set(second.assignment["customer_id"])
    assert ContactLog.read(shop).rows.height == 2 * first.contacted.height + second.contacted.height


def test_the_held_out_of_a_recorded_campaign_are_excluded_from_later_ones(
    shop: Path, new_products: Path, tmp_path: Path
) -> None:
    options = ("--products", new_products, *LISTED)
    run("campaign", shop, "--output", tmp_path / "one", *options, "--contacted")
    output = json.loads(run("campaign", shop, "--output", tmp_path / "two", *options, "--json"))
    first, second = (Campaign.read(tmp_path / name) for name in ("one", "two"))
    pairs = ["customer_id", "product_id"]
    assert first.held_out.height == 30
    assert first.held_out.join(second.assignment, on=pairs, how="semi").is_empty()
    excluded = {reason["reason"]: reason["any_customers"] for reason in output["campaign"]["counts"]["excluded"]}
    assert excluded["still held out"] >= 30


def test_the_global_control_group_is_the_same_in_every_campaign(shop: Path, new_products: Path, tmp_path: Path) -> None:
    options = ("--products", new_products, "--length", 200, "--holdout", 0)
    run("campaign", shop, "--output", tmp_path / "one", *options, "--global-control-share", 0.2)
    run("campaign", shop, "--output", tmp_path / "two", *options, "--length", 300)
    first_campaign, second_campaign = (Campaign.read(tmp_path / name) for name in ("one", "two"))
    assert first_campaign.held_out.height > 20
    groups = (
        dict(campaign.assignment.select("customer_id", "group").iter_rows())
        for campaign in (first_campaign, second_campaign)
    )
    first, second = groups
    assert first.items() <= second.items()


def test_money_decides_the_length_and_its_profit_is_shown(shop: Path, new_products: Path, tmp_path: Path) -> None:
    money = ("--margin", 12, "--contact-cost", 0.2, "--incremental-share", 0.2, 0.4, "--capacity", 150)
    printed = run("campaign", shop, "--products", new_products, "--output", tmp_path / "one", *money)
    assert "20 % to 40 % of the buyers would not have bought anyway: an assumption" in " ".join(printed.split())
    assert "This hold-out can detect" in printed
    campaign = Campaign.read(tmp_path / "one")
    assert 0 < campaign.list_length <= 150
    assert campaign.economics is not None
    assert campaign.economics["incremental_share"]["expected"] == pytest.approx(0.3)


def test_a_measured_share_takes_the_place_of_the_assumption(shop: Path, new_products: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    interval = {"low": 0.1, "high": 0.7}
    measured = {"format_version": 1, "conversion": {"incremental_share": 0.4, "incremental_interval": interval}}
    (earlier / "measured.json").write_text(json.dumps(measured))
    money = ("--margin", 12, "--measured", earlier)
    printed = run("campaign", shop, "--products", new_products, "--output", tmp_path / "one", *money)
    assert "as a hold-out measured" in " ".join(printed.split())
    economics = Campaign.read(tmp_path / "one").economics
    assert economics is not None
    assert economics["incremental_share"] == {"low": 0.1, "expected": 0.4, "high": 0.7, "measured": True}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--properties", "first_name"), "--properties"),
        (("--properties", "expected_value"), "needs a margin"),
        (("--contact-cost", 1, "--length", 5), "--margin"),
        (("--length", 5, "--export", "pigeon"), "no export named"),
        (("--length", 5, "--channel", "post"), "is not a channel"),
        (("--length", 5, "--country", "Atlantis"), "country"),
        (("--length", 5, "--report", "page.pdf"), "is not .html"),
    ],
)
def test_invalid_options_are_reported_and_leave_nothing(
    shop: Path, new_products: Path, tmp_path: Path, options: tuple[object, ...], message: str
) -> None:
    arguments = ["campaign", shop, "--products", new_products, "--output", tmp_path / "one", *options]
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments])
    assert result.exit_code != 0
    text = str(result.exception) if isinstance(result.exception, FrontrowError) else result.output
    assert message in text
    assert not (tmp_path / "one").exists()
    assert "contact_log" not in Pointer.read(shop).tables


def test_a_country_in_other_words_than_the_shops_is_refused_before_anything_is_written(
    shop: Path, new_products: Path, tmp_path: Path
) -> None:
    arguments = ("campaign", shop, "--products", new_products, "--output", tmp_path / "plan", *LISTED)
    refused = RUNNER.invoke(build(), [*map(str, arguments), "--not-country", "United States"])
    assert refused.exit_code == 2
    assert "the shop writes US" in " ".join(refused.output.split())
    assert not (tmp_path / "plan").exists()
    output = json.loads(run(*arguments, "--not-country", "Peru", "--not-tagged", "vvip", "--json"))
    assert [notice.partition(":")[0] for notice in output["notices"]] == ["--not-country", "--not-tagged"]
