"""The page of a campaign: sections in order, the numbers of the plan, no personal data."""

import html
import re
from dataclasses import replace
from math import ceil, floor
from pathlib import Path

import polars as pl
import pytest
from page_parts import headings, section, visible_text

from frontrow.campaign.contacts import ExportFile
from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.campaign.eligibility.contact_rules import ContactHistory, ContactRules
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.power_analysis import minimum_detectable_effect
from frontrow.campaign.export import get_export
from frontrow.campaign.plan import CampaignSettings, plan_campaign
from frontrow.launch.audience.reasons import add_reasons
from frontrow.launch.calibration.calibration import TooFewLaunches
from frontrow.present.report_content import ReportContent
from frontrow.present.sections.audience import list_examples, select_examples
from frontrow.present.sections.next_steps import Places
from frontrow.present.wording import count, money
from frontrow.report.page import write_report

ORDER = [
    "What was asked, and of whom",
    "Who may be contacted, and who may not",
    "How many are expected to buy",
    "How many to contact",
    "Who is held out, and what that will tell",
    "How good the numbers were",
    "Why believe it",
    "Examples from the list, and why",
    "Klaviyo list upload: which file goes where",
    "What to do next",
    "The shop’s launches in time",
    "What it does not say",
]
MONEY = Economics(margin=12.0, contact_cost=0.05, discount=1.0, capacity=200)


@pytest.fixture(scope="module")
def new_products(inputs):
    titles = inputs.audience.rows.select("product_id", "title").unique(maintain_order=True)
    return titles.with_columns(price=pl.lit(9.5), launch_day=pl.lit(inputs.history.cutoff_day, pl.Int32))


@pytest.fixture(scope="module")
def suppression_list(inputs, tmp_path_factory):
    """A list of customers who must not be contacted, in a file named after one of them."""
    emails = inputs.history.customers.collect()["email"].drop_nulls()[:30]
    file = tmp_path_factory.mktemp("stop") / f"{emails[0]}.csv"
    file.write_text("email\n" + "\n".join(emails))
    return SuppressionList.read([file])


def plan_spring(inputs, new_products, suppressed=None, *, audience=None, **parts):
    settings = CampaignSettings("spring", 30, ContactRules(not_tagged=("wholesale",)), **{"economics": MONEY, **parts})
    return plan_campaign(
        audience or inputs.audience,
        new_products,
        inputs.history,
        settings,
        contacts=ContactHistory(suppressed or SuppressionList()),
    )


@pytest.fixture(scope="module")
def campaign(inputs, new_products, suppression_list):
    return plan_spring(inputs, new_products, suppression_list, holdout_share=0.2)


@pytest.fixture(scope="module")
def audience_with_reasons(inputs, campaign):
    """The audience with the reasons that the page shows."""
    launched = campaign.campaign.products
    products = pl.DataFrame(launched).with_columns(
        pl.lit(None, pl.String).alias(column) for column in ("product_type", "vendor", "tags", "description")
    )
    examples = select_examples(inputs.audience, campaign.campaign)
    return add_reasons(inputs.audience, inputs.history, products, inputs.model, examples)


def write_page(inputs, folder, **parts):
    write_report(folder / "report.html", ReportContent(inputs.history, model=inputs.model, **parts))
    return (folder / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def page(inputs, campaign, audience_with_reasons, tmp_path_factory):
    files = (ExportFile("klaviyo", "new", Path("spring/exports/klaviyo.csv"), campaign.campaign.counts["contacted"]),)
    places = Places("my shop", "new.csv", "spring", files)
    folder = tmp_path_factory.mktemp("campaign")
    return write_page(
        inputs, folder, backtest=inputs.backtest, audience=audience_with_reasons, campaign=campaign, places=places
    )


def test_every_section_is_there_in_order(page):
    assert headings(page) == ORDER


def test_it_is_one_file_without_network_access(page):
    assert "://" not in page
    assert not re.search(r"<(script|link|img|iframe|object|image)\b|\b(src|srcset)=|@import|@font-face", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_no_customer_can_be_recognised(inputs, page):
    customers = inputs.history.customers.collect()
    personal = {value for name in ("email", "phone", "source_id") for value in customers[name].drop_nulls()}
    assert len(personal) > 900
    assert not [value for value in personal if value in page]
    assert "@" not in page.replace("@media", "").replace("@page", "")


def test_excluded_customers_add_up(campaign, page):
    counts = campaign.campaign.counts
    text = visible_text(section(page, "Who may be contacted"))
    excluded = sum(reason["customers"] for reason in counts["excluded"])
    assert f"{counts['considered']:,} customers were considered. {excluded:,} of them are left out" in text
    assert f"may be contacted {count(counts['considered'] - excluded)}" in text
    assert "suppression list in one of the files" in text
    assert "Nobody who stands in 1 suppression list of 30 entries." in text
    assert "Nobody with a customer tag “wholesale”." in text


def test_the_expected_buyers_are_those_of_the_plan(inputs, campaign, page):
    text = visible_text(section(page, "How many are expected"))
    for row in inputs.audience.expected_buyers().iter_rows(named=True):
        expected = next(
            product for product in campaign.campaign.expected_buyers if product["product_id"] == row["product_id"]
        )
        row_text = f"{count(row['expected_buyers'])} {count(ceil(row['low']))} to {count(floor(row['high']))}"
        assert f"{row['title']} {row_text}" in text
        assert f"{count(expected['contacted'])} buy" in text


def test_the_table_of_the_notebook_comes_before_other_lists(campaign, page):
    table = campaign.curve.summary(campaign.campaign.list_length)
    first, at_random = table.row(0, named=True), table.row(1, named=True)
    text = visible_text(section(page, "How many to contact"))
    assert text.index("Customers chosen") < text.index("A list of")
    assert (
        f"Customers chosen {count(first['chosen'])} Expected to buy {count(first['expected_buyers'])} Precision" in text
    )
    profit = money(first["profit"], "USD").replace("\u202f", " ")
    assert f"is expected to earn {profit}, against contacting nobody" in text
    assert f"As many, drawn by chance {count(at_random['chosen'])}" in text
    for name in ("The first 10 %", "Everyone"):
        assert name in text
    assert "Assumed: 10 % to 50 % of the buyers would not have bought anyway" in text
    assert campaign.curve.max_length in (249, 250, 251)
    assert f"Capacity and budget allow {campaign.curve.max_length} customers, those held out among them." in text


def test_a_measured_share_is_not_called_an_assumption(inputs, new_products, audience_with_reasons, tmp_path):
    share = IncrementalShare(0.2, 0.4, 0.6, measured=True)
    plan = plan_spring(inputs, new_products, economics=replace(MONEY, incremental_share=share))
    text = visible_text(write_page(inputs, tmp_path, audience=audience_with_reasons, campaign=plan))
    assert "40 % (20 % to 60 %) of the buyers would not have bought anyway, as a hold-out measured." in text
    assert "Assumed" not in text


def test_the_minimum_detectable_effect_is_stated(campaign, page):
    counts, rate = campaign.campaign.counts, campaign.campaign.assignment["probability"].mean()
    lift = minimum_detectable_effect(rate, counts["held_out"], counts["contacted"])
    text = visible_text(section(page, "Who is held out"))
    assert f"{counts['held_out']} of the {counts['chosen']} on the list" in text
    assert f"can detect an uplift of {lift:,.0%}"[:-1] + " %" in text


def test_a_missing_hold_out_is_explained(inputs, new_products, tmp_path):
    page = write_page(
        inputs, tmp_path, audience=inputs.audience, campaign=plan_spring(inputs, new_products, holdout_share=0.0)
    )
    assert "what this campaign earns cannot be measured" in visible_text(page)
    assert "frontrow measure" not in page


def test_examples_are_contacted_customers_with_their_reasons(campaign, audience_with_reasons, page):
    examples = list_examples(audience_with_reasons, campaign.campaign)
    contacted = set(campaign.campaign.contacted["customer_id"].to_list())
    numbers = {int(customer) for rows in examples.values() for _, customer, _, _ in rows}
    assert numbers
    assert numbers <= contacted
    assert all(len(reasons) <= 3 for rows in examples.values() for *_, reasons in rows)
    reason = next(reasons[0] for rows in examples.values() for *_, reasons in rows if reasons)
    assert reason in visible_text(section(page, "Examples"))


def test_the_next_steps_name_files_and_commands(page):
    text = visible_text(section(page, "What to do next"))
    assert "Upload the files in spring/exports to klaviyo (" in text
    assert "frontrow contacted 'my shop' spring" in text
    assert "frontrow measure 'my shop' spring --orders orders_export.csv" in text


def test_a_length_without_money_has_no_curve_but_the_table(inputs, new_products, tmp_path):
    plan = plan_spring(inputs, new_products, economics=None, length=50)
    page = write_page(inputs, tmp_path, audience=inputs.audience, campaign=plan)
    html = section(page, "How many to contact")
    assert "Customers chosen 50 Expected to buy" in visible_text(html)
    assert "<svg" not in html
    assert "50 customers, as asked for; no margin was given." in visible_text(page)


def test_too_few_past_launches_are_reported_and_ranks_remain(inputs, new_products, tmp_path):
    too_few = TooFewLaunches(3, 10)
    no_probability = pl.lit(None, pl.Float64).alias("probability")
    audience = replace(inputs.audience, rows=inputs.audience.rows.with_columns(no_probability), calibration=too_few)
    plan = plan_spring(inputs, new_products, audience=audience, economics=None, length=50)
    page = write_page(inputs, tmp_path, audience=audience, campaign=plan, untested="There are too few past launches.")
    assert headings(page)[:5] == [*ORDER[:3], ORDER[4], "Why believe it"]
    text = visible_text(page)
    assert too_few.message in text
    assert "There are too few past launches." in text
    assert "nan" not in text.lower().split()
    assert "None" not in text


def test_before_a_campaign_profit_is_computed_for_everyone(inputs, tmp_path):
    page = write_page(inputs, tmp_path, audience=inputs.audience, economics=MONEY)
    html = section(page, "How many to contact, if everyone may be")
    assert html.count("<svg") == 2
    assert "--margin 12 --contact-cost 0.05 --discount 1 --capacity 200" in visible_text(
        section(page, "What to do next")
    )


def test_the_next_command_repeats_the_options_of_the_report(inputs, tmp_path):
    places = Places("shop", "new.csv", options="--horizon 14 --launch-dates 'my dates.csv'")
    page = write_page(inputs, tmp_path, audience=inputs.audience, places=places)
    assert "--products new.csv --horizon 14 --launch-dates 'my dates.csv' --output spring" in visible_text(
        section(page, "What to do next")
    )


def test_a_list_that_earns_nothing_is_reported(inputs, tmp_path):
    page = write_page(inputs, tmp_path, audience=inputs.audience, economics=Economics(margin=1.0, contact_cost=50.0))
    assert "no list is expected to earn anything" in visible_text(page)


def test_the_same_figures_give_the_same_bytes(inputs, campaign, audience_with_reasons, tmp_path):
    pages = {write_page(inputs, tmp_path, audience=audience_with_reasons, campaign=campaign) for _ in range(2)}
    assert len(pages) == 1


def test_what_not_to_do_stands_before_the_steps_of_a_platform(page):
    text = html.unescape(visible_text(section(page, "Klaviyo list upload")))
    export = get_export("klaviyo")
    places = [text.find(sentence) for sentence in (*export.do_not, *export.steps)]
    assert places[0] > 0
    assert places == sorted(places)
    assert "klaviyo.csv" in text
