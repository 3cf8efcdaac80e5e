"""The page of a measured campaign: the verdict, the measured values, the conclusions, no personal data."""

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from page_parts import headings, section, visible_text

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA
from frontrow.campaign.record.responses import CampaignResponses
from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.measurement import measure
from frontrow.campaign.uplift.outcomes import Margin
from frontrow.present.sections.next_steps import Places
from frontrow.report.page import write_measurement
from frontrow.schema import conform
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.testing.campaigns import START, hand_made_campaign
from frontrow.testing.shops import order_lines

IDS = np.arange(1, 1_001)
CHARTS_AT_LEAST = 4


def a_shop(buyers, *, last_day=60):
    """Everyone bought a pot on the first day, and some of them a new product."""
    lines = [(customer, "pot", 0) for customer in IDS] + [
        (customer, name, 12) for name, ids in buyers.items() for customer in ids
    ]
    titles = {"pot": "Pot", "vase": "Red <vase>", "lamp": "Lamp"}
    return Shop.from_tables(
        order_lines([*lines, (None, "pot", last_day)]),
        pl.DataFrame({"product_id": titles.keys(), "title": titles.values(), "cost": [1.0, 4.0, 4.0]}),
        pl.DataFrame({"customer_id": IDS, "source_id": [f"source{customer}" for customer in IDS]}),
        settings=ShopSettings(currency="EUR"),
    )


def a_campaign(products=("Red <vase>",)):
    """Every fifth customer is held out; the products alternate."""
    group = np.where(IDS % 5 == 0, HELD_OUT, CONTACTED)
    product_ids = [products[index % len(products)] for index in IDS // 5]
    rows = pl.DataFrame({"product_id": product_ids, "customer_id": IDS, "rank": IDS, "group": group, "stratum": 1})
    return hand_made_campaign(
        conform(rows.with_columns(probability=0.2 - 0.0001 * pl.col("rank")), ASSIGNMENT_SCHEMA),
        products=tuple({"product_id": product_id, "title": product_id} for product_id in products),
        economics={"margin": 5.0, "contact_cost": 0.1},
    )


def buyers(contacted, held_out, *, ids=IDS):
    """The given number of each group, spread over the list."""
    groups = ((ids[ids % 5 != 0], contacted), (ids[ids % 5 == 0], held_out))
    return [int(group[len(group) * index // count]) for group, count in groups for index in range(count)]


def page_of(folder, campaign, shop, **options):
    measurement = measure(campaign, shop.as_of(), **options)
    write_measurement(folder / "measured.html", measurement, campaign, places=Places("my shop", campaign="spring"))
    return (folder / "measured.html").read_text("utf-8"), measurement


@pytest.fixture(scope="module")
def successful(tmp_path_factory):
    return page_of(tmp_path_factory.mktemp("worked"), a_campaign(), a_shop({"vase": buyers(120, 10)}))


def test_every_section_is_there_in_order(successful):
    assert headings(successful[0]) == [
        "What was measured",
        "What it earned",
        "Contacted against held-out",
        "Who bought, along the list",
        "What may be concluded",
        "What may not",
        "What to do next",
    ]


def test_the_verdict_comes_first(successful):
    text = visible_text(successful[0])
    assert "What the campaign for Red <vase> caused The campaign sold more: 15.00 % of the contacted bought" in text
    assert "5.00 % of the held-out: +10.00 [" in text
    assert 'class="verdict better"' in successful[0]


def test_the_page_shows_the_measured_values(successful):
    page, measurement = successful
    text, conversion = visible_text(section(page, "What it earned")), measurement.overall_of("conversion")
    assert f"buyers +80 +{800 * conversion.interval.low:.0f} to +{800 * conversion.interval.high:.0f}" in text
    margin = measurement.overall_of("margin")
    assert "margin +400 EUR" in text
    assert "cost of the contacts −80.00 EUR" in text
    low, high = (800 * end - 80 for end in (margin.interval.low, margin.interval.high))
    assert f"what is left +320 EUR +{low:.0f} to +{high:.0f}" in text
    compared = visible_text(section(page, "Contacted against"))
    assert "bought it, % 15.00 5.00 +10.00" in compared
    lift = conversion.relative_interval
    assert f"+200 % +{100 * lift.low:.0f} % to +{100 * lift.high:.0f} %" in compared


def test_every_decile_is_listed_with_its_groups(successful):
    page, measurement = successful
    text = visible_text(section(page, "Who bought, along"))
    for row in measurement.products[0].deciles.iter_rows(named=True):
        share = f"{row['decile']} {100 * row['mean_score']:.1f} % {100 * row['contacted_mean']:.1f} % of 80"
        assert f"{share} {100 * row['held_out_mean']:.1f} % of 20" in text
    assert "Qini coefficient" in text


def test_it_is_one_file_without_network_access_or_personal_data(successful):
    page = successful[0]
    assert "://" not in page
    assert not re.search(r"<(script|link|img|iframe|object|image)\b|\b(src|srcset)=|@import|@font-face", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<svg") >= CHARTS_AT_LEAST
    assert "source" not in page
    assert "@" not in page.replace("@media", "").replace("@page", "")
    assert "Red <vase>" not in page


def test_the_conclusions_follow_the_measurement(successful, tmp_path):
    detected = visible_text(successful[0])
    assert "The contact caused it: it sold more." in detected
    assert "That it did nothing" not in detected
    page, measurement = page_of(tmp_path, a_campaign(), a_shop({"vase": buyers(90, 20)}))
    text, conversion = visible_text(page), measurement.overall_of("conversion")
    assert not conversion.significant
    assert 'class="verdict open"' in page
    assert "The contact caused it" not in text
    low, high = (f"{100 * end:+.2f}".replace("-", "−") for end in (conversion.interval.low, conversion.interval.high))
    assert f"The effect lies between {low} and {high} points, most likely." in text
    assert f"only a difference of {conversion.minimum_detectable_effect * 100:.2f} points or more is seen" in text
    assert "Hold out more next time" in text


def test_profit_with_few_buyers_is_not_concluded(successful, tmp_path):
    campaign = a_campaign()
    measurement = measure(campaign, a_shop({"vase": buyers(90, 20)}).as_of())
    margin = measurement.overall_of("margin")
    above = replace(margin, difference=1.0, welch=Interval(0.1, 1.9))
    significant = replace(
        measurement, overall=tuple(above if uplift is margin else uplift for uplift in measurement.overall)
    )
    pages = []
    for number, result in enumerate((measurement, significant)):
        write_measurement(tmp_path / f"{number}.html", result, campaign)
        pages.append(visible_text((tmp_path / f"{number}.html").read_text("utf-8")))
    assert ["That the money was earned." in text for text in (visible_text(successful[0]), *pages)] == [
        False,
        False,
        True,
    ]


def test_a_campaign_that_did_harm_is_reported(tmp_path):
    page, _ = page_of(tmp_path, a_campaign(), a_shop({"vase": buyers(40, 60)}))
    assert "The campaign sold less" in visible_text(page)
    assert "it sold less." in visible_text(page)
    assert 'class="verdict worse"' in page
    assert "The next campaign can reckon with it." not in visible_text(page)


def test_an_open_window_is_reported_at_the_top(successful, tmp_path):
    assert "The window is not over" not in successful[0]
    page, _ = page_of(tmp_path, a_campaign(), a_shop({"vase": buyers(120, 10)}, last_day=20))
    end = (START + dt.timedelta(days=30)).date().isoformat()
    assert f"The window is not over for Red <vase> until {end}." in visible_text(page)
    assert "That these are the final figures." in visible_text(page)
    assert "frontrow measure 'my shop' spring --orders orders_export.csv" in visible_text(page)


def test_several_products_are_compared_one_by_one(tmp_path):
    ids = {"vase": IDS[IDS // 5 % 2 == 0], "lamp": IDS[IDS // 5 % 2 == 1]}
    shop = a_shop({"vase": buyers(60, 5, ids=ids["vase"]), "lamp": buyers(40, 10, ids=ids["lamp"])})
    page, measurement = page_of(tmp_path, a_campaign(("Red <vase>", "Lamp")), shop)
    text = visible_text(section(page, "Contacted against"))
    assert "What the campaign for 2 new products caused" in visible_text(page)
    assert "Product by product" in text
    for product in measurement.products:
        uplift = product.uplifts[0]
        shares = f"{100 * uplift.contacted_mean:.2f} % {100 * uplift.held_out_mean:.2f} %"
        assert f"{product.title} {shares} {100 * uplift.difference:+.2f}" in text
    assert "Anything from one tenth or product by itself." in visible_text(page)


def test_a_product_with_too_few_held_out_is_marked(tmp_path):
    campaign = a_campaign(("Red <vase>", "Lamp"))
    is_dropped = pl.col("product_id").is_in(["Lamp"]) & (pl.col("group") == HELD_OUT)
    campaign = replace(campaign, assignment=campaign.assignment.filter(~is_dropped))
    page, _ = page_of(tmp_path, campaign, a_shop({"vase": buyers(100, 10), "lamp": [7]}))
    assert "Lamp too few fewer than two in a group" in visible_text(page)


def test_there_is_a_page_without_buyers_or_margin(tmp_path):
    campaign = replace(a_campaign(), economics=None)
    shop = a_shop({"vase": []})
    shop = replace(shop, products=shop.products.with_columns(cost=pl.lit(None, pl.Float64)))
    page, _ = page_of(tmp_path, campaign, shop, margin=Margin())
    text = visible_text(page)
    assert "What a sale earns is not known" in text
    assert "what is left" not in text
    assert "--measured" not in text
    assert "nan" not in text.lower().split()


def test_the_same_figures_give_the_same_file(successful, tmp_path):
    again, _ = page_of(tmp_path, a_campaign(), a_shop({"vase": buyers(120, 10)}))
    assert again == successful[0]


def test_what_became_of_the_messages_is_on_the_page_with_its_warning(tmp_path, successful):
    contacted = [int(number) for number in IDS[IDS % 5 != 0]]
    given = {"sent": frozenset(contacted), "bounced": frozenset(contacted[::10]), "opened": frozenset(contacted[1:9])}
    shop = a_shop({"vase": buyers(120, 10)})
    page, measurement = page_of(tmp_path, a_campaign(), shop, responses=CampaignResponses("5f0c", given))
    assert "Those whom the message reached" in headings(page)
    assert "Those whom the message reached" not in headings(successful[0])
    assert "This is no second verdict" in page
    assert measurement.delivery.counts["delivered"] == len(contacted) - len(contacted[::10])
    assert measurement.to_dict()["delivery"]["per_message"]["share"] == pytest.approx(0.9)
