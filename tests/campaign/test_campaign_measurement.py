"""A campaign measured from end to end: on shops made by hand, and from the command line."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA, imports_digest
from frontrow.campaign.uplift.measurement import measure, read_incremental_share
from frontrow.campaign.uplift.outcomes import Margin
from frontrow.campaign.uplift.uplift import estimate_uplift
from frontrow.campaign.uplift.verdict import describe_conversion
from frontrow.cli.application import build
from frontrow.errors import CampaignError, InputError
from frontrow.schema import conform
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.testing.campaigns import START_DAY, hand_made_campaign
from frontrow.testing.shops import DAY_ZERO, order_lines

IMPORTED = ({"file": "first.csv"},)


def a_shop(buyers, *, last_day=60, imports=IMPORTED, product="Red vase", customers=range(1, 1_001)):
    """Every customer bought a pot on the first day; those who are buyers bought the new product on day 12."""
    lines = (
        [(customer, "pot", 0) for customer in customers]
        + [(customer, "vase", 12) for customer in buyers if customer in customers]
        + [(None, "pot", last_day)]
    )
    return Shop.from_tables(
        order_lines(lines),
        pl.DataFrame({"product_id": ["pot", "vase"], "title": ["Pot", product], "cost": [1.0, 4.0]}),
        pl.DataFrame({"customer_id": list(customers), "source_id": [f"c{customer}" for customer in customers]}),
        settings=ShopSettings(imports=imports, currency="EUR"),
    )


def a_campaign(*, held_out=200, products=(("new:red-vase", "Red Vase"),), economics=None, customers=1_000):
    """Customers 1, 2, ... divided over the products; the last of each hundred-strong stratum are held out."""
    ids = np.arange(1, customers + 1)
    group = np.where(ids % 5 < 5 * held_out / customers, HELD_OUT, CONTACTED)
    names = [products[index % len(products)][0] for index in range(customers)]
    rows = pl.DataFrame({"product_id": names, "customer_id": ids, "rank": ids, "group": group, "stratum": 1})
    rows = rows.with_columns(probability=0.2 - 0.0001 * pl.col("rank"))
    return hand_made_campaign(
        conform(rows, ASSIGNMENT_SCHEMA),
        products=tuple(
            {"product_id": product_id, "title": title, "launch_day": START_DAY} for product_id, title in products
        ),
        holdout_share=held_out / customers,
        economics=economics,
        imports_digest=imports_digest(a_shop([]).settings.imports),
    )


def buyers_of(campaign, contacted, held_out):
    """The first customers of each group, as many as given."""
    groups = campaign.contacted, campaign.held_out
    return [
        *groups[0]["customer_id"].head(contacted),
        *groups[1]["customer_id"].head(held_out),
    ]


def test_a_campaign_that_worked():
    campaign = a_campaign(economics={"margin": 5.0, "contact_cost": 0.1})
    measurement = measure(campaign, a_shop(buyers_of(campaign, 120, 10)).as_of())
    conversion = measurement.overall_of("conversion")
    assert (conversion.contacted, conversion.held_out) == (800, 200)
    assert (conversion.contacted_mean, conversion.held_out_mean) == pytest.approx((0.15, 0.05))
    assert conversion.incremental_share == pytest.approx(2 / 3)
    assert [uplift.outcome for uplift in measurement.overall] == [
        "conversion",
        "units",
        "revenue",
        "margin",
        "any_revenue",
    ]
    assert measurement.overall_of("margin").difference == pytest.approx(0.1 * 5)
    assert measurement.overall_of("revenue").difference == pytest.approx(0.1 * 10)
    assert measurement.products[0].closed
    assert measurement.products[0].window.sold_as == "vase"
    assert measurement.products[0].qini.coefficient > 0
    assert describe_conversion(conversion).startswith(
        "The campaign sold more: 15.00 % of the contacted bought, 5.00 % of the held-out"
    )
    assert "Of the 120 contacted who bought, about 80 [" in describe_conversion(conversion)


def test_the_margin_that_is_given_comes_first_then_the_plan_then_the_catalogue():
    campaign = a_campaign()
    history = a_shop(buyers_of(campaign, 80, 0)).as_of()
    earned = [
        measure(measured_campaign, history, margin=margin).overall_of("margin").contacted_mean
        for measured_campaign, margin in [
            (campaign, None),
            (a_campaign(economics={"margin": 5.0}), None),
            (a_campaign(economics={"margin": 5.0}), Margin(per_unit=2.0)),
            (a_campaign(economics={"margin": 5.0}), Margin(cost=9.0)),
        ]
    ]
    assert earned == pytest.approx([0.6, 0.5, 0.2, 0.1])


def test_too_few_held_out_is_explained():
    campaign = a_campaign()
    conversion = measure(campaign, a_shop(buyers_of(campaign, 40, 8)).as_of()).overall_of("conversion")
    sentence = describe_conversion(conversion)
    assert sentence.startswith(
        "No effect was detected: 5.00 % of the contacted bought, 4.00 % of the held-out: +1.00 ["
    )
    assert "With 200 held out, only a difference of 4." in sentence
    assert "would not be detected even with half of the 1,000 held out" in sentence


def test_how_many_should_have_been_held_out():
    sentence = describe_conversion(
        estimate_uplift([1, 0, 0, 0, 0] * 400 + [1] * 14 + [0] * 86, [True] * 2_000 + [False] * 100)
    )
    needed = int(sentence.split("measured difference, ")[1].split(" of the")[0])
    assert 100 < needed < 600


def test_a_campaign_that_sold_less():
    sentence = describe_conversion(
        estimate_uplift([1] * 10 + [0] * 490 + [1] * 40 + [0] * 460, [True] * 500 + [False] * 500)
    )
    rates = "2.00 % of the contacted bought, 8.00 % of the held-out"
    assert sentence == f"The campaign sold less: {rates}: -6.00 [-8.86, -3.36] points."


def test_an_open_window_is_marked():
    campaign = a_campaign()
    shop = a_shop(buyers_of(campaign, 100, 10))
    measurement = measure(campaign, shop.as_of(dt.datetime(1970, 1, 1) + dt.timedelta(days=DAY_ZERO + 20)))
    assert not measurement.products[0].closed
    assert measurement.overall_of("conversion").contacted_mean == pytest.approx(0.125)


def test_several_products_are_compared_within_themselves():
    campaign = a_campaign(products=(("new:red-vase", "Red vase"), ("new:pot", "Pot")))
    measurement = measure(campaign, a_shop(buyers_of(campaign, 100, 10)).as_of())
    assert [product.title for product in measurement.products] == ["Red vase", "Pot"]
    vase, pot = (product.uplifts[0] for product in measurement.products)
    assert vase.contacted + pot.contacted == measurement.overall[0].contacted == 800
    share = vase.contacted / 800
    assert measurement.overall[0].difference == pytest.approx(share * vase.difference + (1 - share) * pot.difference)


def test_erased_customers_are_not_counted():
    campaign = a_campaign()
    shop = a_shop(buyers_of(campaign, 100, 10), customers=range(1, 951))
    measurement = measure(campaign, shop.as_of())
    assert measurement.forgotten == 50
    assert measurement.overall[0].contacted + measurement.overall[0].held_out == 950


@pytest.mark.parametrize(
    ("campaign", "shop", "message"),
    [
        (a_campaign(), a_shop([], imports=()), "planned on another shop"),
        (a_campaign(), a_shop([5], last_day=3, customers=range(1, 3)), None),
        (a_campaign(held_out=0), a_shop([5]), "Nobody was held out"),
        (a_campaign(), a_shop([5], product="Red glass vase"), "Similar titles: red glass vase"),
    ],
)
def test_what_cannot_be_measured(campaign, shop, message):
    if message is None:
        early, message = shop.as_of(dt.date(1970, 1, 1) + dt.timedelta(days=DAY_ZERO + 9)), "The orders end before"
    else:
        early = shop.as_of()
    with pytest.raises(CampaignError, match=message):
        measure(campaign, early)


def test_the_same_seed_gives_the_same_file(tmp_path):
    campaign = a_campaign()
    history = a_shop(buyers_of(campaign, 100, 10)).as_of()
    texts = []
    for number in range(2):
        measure(campaign, history, seed=4).save(tmp_path / str(number))
        texts.append((tmp_path / str(number) / "measured.json").read_text("utf-8"))
    assert texts[0] == texts[1]
    assert "source_id" not in texts[0]


def test_the_next_campaign_reads_the_share(tmp_path):
    with pytest.raises(CampaignError, match="not measured yet"):
        read_incremental_share(tmp_path)
    campaign = a_campaign()
    measure(campaign, a_shop(buyers_of(campaign, 120, 10)).as_of()).save(tmp_path)
    share = read_incremental_share(tmp_path)
    assert share.measured
    assert share.low < share.expected == pytest.approx(2 / 3)
    (tmp_path / "measured.json").write_text("{}")
    with pytest.raises(CampaignError, match="damaged"):
        read_incremental_share(tmp_path)


@pytest.fixture
def on_disk(tmp_path):
    """A shop as it was at the start, the folder of a campaign, and a file of the orders since then."""
    campaign = a_campaign(economics={"margin": 5.0, "contact_cost": 0.1})
    shop = a_shop([], last_day=5)
    replace(shop, products=shop.products.filter(pl.col("product_id") == "pot")).write(tmp_path / "shop")
    campaign.save(tmp_path / "campaign")
    days = (EPOCH + dt.timedelta(days=DAY_ZERO + 12)).isoformat()
    rows = [f"n{customer},{days} 12:00,c{customer},vase,Red vase,1,10.0" for customer in buyers_of(campaign, 120, 10)]
    rows.append(f"n0,{(EPOCH + dt.timedelta(days=DAY_ZERO + 50)).isoformat()} 12:00,c1,pot,Pot,1,10.0")
    header = "order_id,ordered_at,customer_id,product_id,title,quantity,price"
    (tmp_path / "since.csv").write_text("\n".join([header, *rows]) + "\n")
    return tmp_path


def run_measure(*arguments):
    return CliRunner().invoke(build(), ["measure", *map(str, arguments)], catch_exceptions=False)


def test_the_command_leaves_the_shop_as_it_was_and_keeps_the_result(on_disk):
    before = {path: path.read_bytes() for path in (on_disk / "shop").rglob("*") if path.is_file()}
    result = run_measure(on_disk / "shop", on_disk / "campaign", "--orders", on_disk / "since.csv")
    assert result.exit_code == 0, result.output
    assert {path: path.read_bytes() for path in (on_disk / "shop").rglob("*") if path.is_file()} == before
    assert "The campaign sold more: 15.00 % of the contacted bought, 5.00 % of the held-out" in result.output
    assert "the contacts cost 80.00" in result.output
    saved = json.loads((on_disk / "campaign" / "measured.json").read_text("utf-8"))
    assert saved["conversion"]["incremental_share"] == pytest.approx(2 / 3)
    assert "@" not in result.output


def test_the_command_for_a_program(on_disk):
    arguments = (on_disk / "shop", on_disk / "campaign", "--orders", on_disk / "since.csv", "--json")
    output = json.loads(run_measure(*arguments, "--sold-as", "Red vase", "--cost", 4).stdout)
    assert output["products"][0]["sold_as"] == "vase"
    assert {uplift["outcome"]: uplift["contacted_mean"] for uplift in output["overall"]}["margin"] == pytest.approx(
        0.15 * 6
    )


def test_the_command_writes_a_page(on_disk):
    arguments = (on_disk / "shop", on_disk / "campaign", "--orders", on_disk / "since.csv")
    page = on_disk / "measured.html"
    output = run_measure(*arguments, "--report", page).output
    assert f"Report: {page}" in output.replace("\n", "")
    text = page.read_text("utf-8")
    assert "The campaign sold more: 15.00 % of the contacted bought" in text
    assert f"frontrow campaign {on_disk / 'shop'}" in text
    assert json.loads(run_measure(*arguments, "--report", page, "--json").stdout)["report"] == str(page)


def test_a_page_with_another_suffix_is_refused_before_anything_is_written(on_disk):
    arguments = (on_disk / "shop", on_disk / "campaign", "--orders", on_disk / "since.csv")
    with pytest.raises(InputError, match=r"measured\.pdf: the suffix is not \.html"):
        run_measure(*arguments, "--report", on_disk / "measured.pdf")
    assert not (on_disk / "campaign" / "measured.json").exists()


def test_the_command_without_newer_orders_explains_the_remedy(on_disk):
    with pytest.raises(CampaignError, match=r"--orders FILE"):
        run_measure(on_disk / "shop", on_disk / "campaign")
    assert not (on_disk / "campaign" / "measured.json").exists()
