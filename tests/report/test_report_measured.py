"""The page of a measured campaign: the verdict, figures of the measurement, nobody in it, and what may be said."""

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from page_parts import headings, section, words

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA
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
    """Everyone bought a pot on the first day, and some of them what is new."""
    lines = [(one, "pot", 0) for one in IDS] + [(one, name, 12) for name, of in buyers.items() for one in of]
    titles = {"pot": "Pot", "vase": "Red <vase>", "lamp": "Lamp"}
    return Shop.from_tables(
        order_lines([*lines, (None, "pot", last_day)]),
        pl.DataFrame({"product_id": titles.keys(), "title": titles.values(), "cost": [1.0, 4.0, 4.0]}),
        pl.DataFrame({"customer_id": IDS, "source_id": [f"source{one}" for one in IDS]}),
        settings=ShopSettings(currency="EUR"),
    )


def a_campaign(products=("Red <vase>",)):
    """Every fifth customer is held out; the products take turns."""
    group = np.where(IDS % 5 == 0, HELD_OUT, CONTACTED)
    own = [products[one % len(products)] for one in IDS // 5]
    rows = pl.DataFrame({"product_id": own, "customer_id": IDS, "rank": IDS, "group": group, "stratum": 1})
    return hand_made_campaign(
        conform(rows.with_columns(probability=0.2 - 0.0001 * pl.col("rank")), ASSIGNMENT_SCHEMA),
        products=tuple({"product_id": one, "title": one} for one in products),
        economics={"margin": 5.0, "contact_cost": 0.1},
    )


def buyers(contacted, held_out, *, ids=IDS):
    """So many of each group, spread over the list."""
    parts = ((ids[ids % 5 != 0], contacted), (ids[ids % 5 == 0], held_out))
    return [int(group[len(group) * place // some]) for group, some in parts for place in range(some)]


def page_of(folder, campaign, shop, **options):
    found = measure(campaign, shop.as_of(), **options)
    write_measurement(folder / "measured.html", found, campaign, places=Places("my shop", campaign="spring"))
    return (folder / "measured.html").read_text("utf-8"), found


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    return page_of(tmp_path_factory.mktemp("worked"), a_campaign(), a_shop({"vase": buyers(120, 10)}))


def test_every_section_is_there_in_order(worked):
    assert headings(worked[0]) == [
        "What was measured",
        "What it earned",
        "Contacted against held-out",
        "Who bought, along the list",
        "What may be concluded",
        "What may not",
        "What to do next",
    ]


def test_the_verdict_stands_first(worked):
    said = words(worked[0])
    assert "What the campaign for Red <vase> caused The campaign sold more: 15.00 % of the contacted bought" in said
    assert "5.00 % of the held-out: +10.00 [" in said
    assert 'class="verdict better"' in worked[0]


def test_the_figures_are_those_of_the_measurement(worked):
    page, found = worked
    said, bought = words(section(page, "What it earned")), found.overall_of("conversion")
    assert f"buyers +80 +{800 * bought.interval.low:.0f} to +{800 * bought.interval.high:.0f}" in said
    margin = found.overall_of("margin")
    assert "margin +400 EUR" in said
    assert "cost of the contacts −80.00 EUR" in said
    low, high = (800 * end - 80 for end in (margin.interval.low, margin.interval.high))
    assert f"what is left +320 EUR +{low:.0f} to +{high:.0f}" in said
    compared = words(section(page, "Contacted against"))
    assert "bought it, % 15.00 5.00 +10.00" in compared
    lift = bought.relative_interval
    assert f"+200 % +{100 * lift.low:.0f} % to +{100 * lift.high:.0f} %" in compared


def test_every_tenth_is_told_with_its_groups(worked):
    page, found = worked
    said = words(section(page, "Who bought, along"))
    for row in found.products[0].deciles.iter_rows(named=True):
        share = f"{row['decile']} {100 * row['mean_score']:.1f} % {100 * row['contacted_mean']:.1f} % of 80"
        assert f"{share} {100 * row['held_out_mean']:.1f} % of 20" in said
    assert "Qini coefficient" in said


def test_it_is_one_file_that_asks_nothing_of_a_network_and_names_nobody(worked):
    page = worked[0]
    assert "://" not in page
    assert not re.search(r"<(script|link|img|iframe|object|image)\b|\b(src|srcset)=|@import|@font-face", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<svg") >= CHARTS_AT_LEAST
    assert "source" not in page
    assert "@" not in page.replace("@media", "").replace("@page", "")
    assert "Red <vase>" not in page


def test_what_is_concluded_follows_what_was_seen(worked, tmp_path):
    seen = words(worked[0])
    assert "The contact caused it: it sold more." in seen
    assert "That it did nothing" not in seen
    page, found = page_of(tmp_path, a_campaign(), a_shop({"vase": buyers(90, 20)}))
    said, bought = words(page), found.overall_of("conversion")
    assert not bought.significant
    assert 'class="verdict open"' in page
    assert "The contact caused it" not in said
    low, high = (f"{100 * end:+.2f}".replace("-", "−") for end in (bought.interval.low, bought.interval.high))
    assert f"The effect lies between {low} and {high} points, most likely." in said
    assert f"only a difference of {bought.minimum_detectable_effect * 100:.2f} points or more is seen" in said
    assert "Hold out more next time" in said


def test_money_that_seems_sure_with_few_buyers_is_not_concluded(worked, tmp_path):
    campaign = a_campaign()
    found = measure(campaign, a_shop({"vase": buyers(90, 20)}).as_of())
    margin = found.overall_of("margin")
    above = replace(margin, difference=1.0, welch=Interval(0.1, 1.9))
    seeming = replace(found, overall=tuple(above if one is margin else one for one in found.overall))
    pages = []
    for place, one in enumerate((found, seeming)):
        write_measurement(tmp_path / f"{place}.html", one, campaign)
        pages.append(words((tmp_path / f"{place}.html").read_text("utf-8")))
    assert ["That the money was earned." in one for one in (words(worked[0]), *pages)] == [False, False, True]


def test_a_campaign_that_did_harm_is_told_so(tmp_path):
    page, _ = page_of(tmp_path, a_campaign(), a_shop({"vase": buyers(40, 60)}))
    assert "The campaign sold less" in words(page)
    assert "it sold less." in words(page)
    assert 'class="verdict worse"' in page
    assert "The next campaign can reckon with it." not in words(page)


def test_a_window_that_is_not_over_is_said_at_the_top(worked, tmp_path):
    assert "The window is not over" not in worked[0]
    page, _ = page_of(tmp_path, a_campaign(), a_shop({"vase": buyers(120, 10)}, last_day=20))
    end = (START + dt.timedelta(days=30)).date().isoformat()
    assert f"The window is not over for Red <vase> until {end}." in words(page)
    assert "That these are the final figures." in words(page)
    assert "frontrow measure 'my shop' spring --orders orders_export.csv" in words(page)


def test_several_products_are_compared_one_by_one(tmp_path):
    ids = {"vase": IDS[IDS // 5 % 2 == 0], "lamp": IDS[IDS // 5 % 2 == 1]}
    shop = a_shop({"vase": buyers(60, 5, ids=ids["vase"]), "lamp": buyers(40, 10, ids=ids["lamp"])})
    page, found = page_of(tmp_path, a_campaign(("Red <vase>", "Lamp")), shop)
    said = words(section(page, "Contacted against"))
    assert "What the campaign for 2 new products caused" in words(page)
    assert "Product by product" in said
    for one in found.products:
        bought = one.uplifts[0]
        shares = f"{100 * bought.contacted_mean:.2f} % {100 * bought.held_out_mean:.2f} %"
        assert f"{one.title} {shares} {100 * bought.difference:+.2f}" in said
    assert "Anything from one tenth or product by itself." in words(page)


def test_a_product_with_too_few_held_out_is_told_apart(tmp_path):
    campaign = a_campaign(("Red <vase>", "Lamp"))
    few = pl.col("product_id").is_in(["Lamp"]) & (pl.col("group") == HELD_OUT)
    campaign = replace(campaign, assignment=campaign.assignment.filter(~few))
    page, _ = page_of(tmp_path, campaign, a_shop({"vase": buyers(100, 10), "lamp": [7]}))
    assert "Lamp too few fewer than two in a group" in words(page)


def test_where_nobody_bought_or_no_margin_is_known_there_is_a_page_too(tmp_path):
    campaign = replace(a_campaign(), economics=None)
    shop = a_shop({"vase": []})
    shop = replace(shop, products=shop.products.with_columns(cost=pl.lit(None, pl.Float64)))
    page, _ = page_of(tmp_path, campaign, shop, margin=Margin())
    said = words(page)
    assert "What a sale earns is not known" in said
    assert "what is left" not in said
    assert "--measured" not in said
    assert "nan" not in said.lower().split()


def test_the_same_figures_give_the_same_file(worked, tmp_path):
    again, _ = page_of(tmp_path, a_campaign(), a_shop({"vase": buyers(120, 10)}))
    assert again == worked[0]
