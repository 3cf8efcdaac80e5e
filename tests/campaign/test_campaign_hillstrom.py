"""A real e-mail test (Hillstrom, 2008): effects as in a plain two-sample computation, Qini as in scikit-uplift."""

import warnings

import numpy as np
import polars as pl
import pytest
from scipy.stats import ttest_ind

from frontrow.campaign.uplift.targeting import qini, uplift_by_decile
from frontrow.campaign.uplift.uplift import UpliftSettings, estimate_uplift
from real_data import find_real_data

FILE = find_real_data("data/hillstrom_email_test.csv")
MAILINGS = ("Mens E-Mail", "Womens E-Mail")

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="FRONTROW_REAL_DATA has no such file")


@pytest.fixture(scope="module")
def customers():
    return pl.read_csv(FILE, schema_overrides={"spend": pl.Float64})


def two_groups(customers, mailing):
    recipients = customers.filter(pl.col("segment").is_in([mailing, "No E-Mail"]))
    return recipients, (recipients["segment"] == mailing).to_numpy()


@pytest.mark.parametrize("mailing", MAILINGS)
@pytest.mark.parametrize("outcome", ["visit", "conversion", "spend"])
def test_effects_equal_a_plain_computation(customers, mailing, outcome):
    recipients, contacted = two_groups(customers, mailing)
    y = recipients[outcome].to_numpy().astype(float)
    uplift = estimate_uplift(y, contacted, covariate=recipients["history"], settings=UpliftSettings(draws=400))
    reference = ttest_ind(y[contacted], y[~contacted], equal_var=False).confidence_interval(0.95)
    assert uplift.difference == pytest.approx(y[contacted].mean() - y[~contacted].mean())
    assert (uplift.welch.low, uplift.welch.high) == pytest.approx((reference.low, reference.high), rel=1e-6)
    width = reference.high - reference.low
    for interval in filter(None, (uplift.bootstrap, uplift.score)):
        assert (interval.low, interval.high) == pytest.approx((reference.low, reference.high), abs=0.1 * width)
    assert uplift.adjusted.difference == pytest.approx(uplift.difference, abs=0.02 * width)
    assert 0.99 < uplift.adjusted.variance_ratio < 1
    assert uplift.significant


def test_the_figures_of_the_mens_mailing(customers):
    """1.25 % bought with the mailing, .57 % without: 54 % of those buyers would not have bought otherwise."""
    recipients, contacted = two_groups(customers, "Mens E-Mail")
    uplift = estimate_uplift(recipients["conversion"], contacted, settings=UpliftSettings(draws=20))
    assert (uplift.contacted, uplift.held_out) == (21_307, 21_306)
    assert uplift.difference == pytest.approx(0.00681, abs=1e-5)
    assert uplift.incremental_share == pytest.approx(0.543, abs=1e-3)
    assert uplift.incremental_interval.low == pytest.approx(0.434, abs=1e-3)


@pytest.mark.parametrize("mailing", MAILINGS)
def test_the_qini_coefficient_is_scikit_uplifts(customers, mailing):
    sklift = pytest.importorskip("sklift.metrics", reason="scikit-uplift cannot be imported", exc_type=ImportError)
    recipients, contacted = two_groups(customers, mailing)
    for outcome in ("visit", "conversion"):
        y, score = recipients[outcome].to_numpy(), recipients["history"].to_numpy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            reference = sklift.qini_auc_score(y, score, contacted.astype(int))
        curve = qini(y, score, contacted, settings=UpliftSettings(draws=10))
        assert curve.coefficient == pytest.approx(reference, abs=1e-9)


def test_deciles_add_up_to_the_whole(customers):
    recipients, contacted = two_groups(customers, "Womens E-Mail")
    table = uplift_by_decile(recipients["visit"], recipients["history"], contacted, settings=UpliftSettings(draws=20))
    assert table["contacted"].sum() + table["held_out"].sum() == recipients.height
    mean = np.average(table["contacted_mean"], weights=table["contacted"])
    assert mean == pytest.approx(recipients["visit"].to_numpy()[contacted].mean())
