"""What a hold-out sees, and what everyone scored would earn, from plans made by hand."""

import polars as pl
import pytest

from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.campaign.economics.offers import expected_profit
from frontrow.campaign.economics.profit_curve import BEST, CHOSEN, EVERYONE, RANDOM, TOP_TENTH, profit_curve
from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.experiment.power_analysis import PowerAnalysis, holdout_needed, minimum_detectable_effect, power
from frontrow.errors import CampaignError
from frontrow.launch.audience.audience import Audience
from frontrow.testing.campaigns import hand_made_campaign

SHARE = IncrementalShare(0.1, 0.3, 0.5)


def planned(contacted, held_out, rate=0.02):
    groups = [CONTACTED] * contacted + [HELD_OUT] * held_out
    rows = pl.DataFrame({"probability": [rate] * len(groups), "group": groups})
    return hand_made_campaign(rows)


def test_the_cases_are_those_of_the_power_table():
    sight = PowerAnalysis.of(planned(9_000, 1_000).assignment, SHARE)
    assert sight.minimum_detectable_effect == pytest.approx(minimum_detectable_effect(0.02, 1_000, 9_000))
    assert [case.share for case in sight.cases] == [0.1, 0.3, 0.5]
    assert [case.uplift for case in sight.cases] == pytest.approx([1 / 9, 3 / 7, 1.0])
    assert sight.expected.power == pytest.approx(power(0.02, 3 / 7, 1_000, 9_000))
    assert sight.expected.holdout_needed == holdout_needed(0.02, 3 / 7, 10_000)
    assert sight.cases[0].holdout_needed is None


@pytest.mark.parametrize("groups", [(0, 10), (10, 0)])
def test_an_empty_group_sees_nothing(groups):
    assert PowerAnalysis.of(planned(*groups).assignment, SHARE) is None


def test_shares_that_mean_no_more_buyers_or_more_than_everyone_are_no_case():
    assert PowerAnalysis.of(planned(90, 10).assignment, IncrementalShare(-0.5, -0.1, 0.0)).expected is None
    assert [case.share for case in PowerAnalysis.of(planned(90, 10, 0.6).assignment, SHARE).cases] == [0.1, 0.3]


def test_a_length_that_was_chosen_stands_before_the_best():
    curve = profit_curve([0.4, 0.05, 0.2, 0.01], Economics(margin=20.0, contact_cost=1.0))
    told = curve.summary(3)
    assert told["list"].to_list() == [CHOSEN, RANDOM, BEST, TOP_TENTH, EVERYONE]
    assert told["chosen"].to_list() == [3, 3, 2, 1, 4]
    assert curve.summary(2).equals(curve.summary())
    assert curve.summary()["list"].to_list() == [BEST, RANDOM, TOP_TENTH, EVERYONE]


def people(probabilities, product_id="new"):
    ids = range(1, len(probabilities) + 1)
    columns = {"product_id": product_id, "title": "New", "customer_id": ids, "rank": ids, "probability": probabilities}
    return pl.DataFrame(columns, schema_overrides={"probability": pl.Float64})


def test_everyone_scored_counts_once_with_the_likeliest_product():
    rows = pl.concat([people([0.4, 0.1]), people([0.3, 0.2], "other")])
    curve = expected_profit(Audience(rows, 2), Economics(margin=20.0))
    assert curve.table["expected_buyers"].to_list() == pytest.approx([0.0, 0.4, 0.6])


def test_money_needs_probabilities_and_stock_one_product():
    with pytest.raises(CampaignError, match="Without probabilities"):
        expected_profit(Audience(people([None, None]), 2), Economics(margin=20.0))
    rows = pl.concat([people([0.4]), people([0.3], "other").with_columns(customer_id=pl.lit(2, pl.Int64))])
    with pytest.raises(CampaignError, match="One stock is stated for 2 products"):
        expected_profit(Audience(rows, 2), Economics(margin=20.0, stock=3))
