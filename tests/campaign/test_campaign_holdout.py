"""Who is held out: the share of every stratum, drawn at random, repeatable; always the global control group."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT, GlobalControlGroup, hold_out, max_list_length
from frontrow.errors import CampaignError


def a_list(size, products=1):
    return pl.DataFrame(
        {
            "product_id": [f"p{index % products}" for index in range(size)],
            "customer_id": [7 * index + 3 for index in range(size)],
            "rank": [2 * index + 1 for index in range(size)],
        },
        schema={"product_id": pl.String, "customer_id": pl.Int64, "rank": pl.Int64},
    )


@given(st.integers(0, 300), st.integers(1, 3), st.floats(0, 0.99), st.integers(0, 10_000), st.randoms())
def test_each_stratum_gives_the_share_within_one_whatever_the_order_of_rows(size, products, share, seed, random):
    chosen = a_list(size, products)
    divided = hold_out(chosen, share, seed=seed)
    order = random.sample(range(size), size)
    assert hold_out(chosen[order], share, seed=seed).equals(divided)
    assert divided["customer_id"].sort().to_list() == chosen["customer_id"].to_list()
    assert set(divided["group"]) <= {CONTACTED, HELD_OUT}
    for _, stratum in divided.group_by("product_id", "stratum"):
        assert abs((stratum["group"] == HELD_OUT).sum() - share * stratum.height) < 1


@given(st.integers(1, 200), st.floats(0, 0.9), st.floats(0.01, 0.99), st.text(min_size=1))
def test_the_global_control_group_is_always_held_out(size, share, standing_share, salt):
    control_group = GlobalControlGroup(salt, standing_share)
    divided = hold_out(a_list(size), share, seed=0, control_group=control_group)
    is_control = control_group.contains(divided["customer_id"])
    assert (divided["group"].filter(is_control) == HELD_OUT).all()
    for _, stratum in divided.filter(~is_control).group_by("stratum"):
        assert abs((stratum["group"] == HELD_OUT).sum() - share * stratum.height) < 1


@given(
    st.integers(0, 200),
    st.integers(0, 250),
    st.floats(0, 0.99),
    st.integers(0, 10_000),
    st.sampled_from([None, GlobalControlGroup("salt", 0.1), GlobalControlGroup("salt", 0.6)]),
    st.integers(1, 3),
)
def test_the_longest_list_contacts_as_many_as_allowed_and_no_more(size, contacts, share, seed, control_group, products):
    everyone = a_list(size, products)
    length = max_list_length(everyone["customer_id"], contacts, share, seed=seed, control_group=control_group)
    divided = hold_out(everyone.head(length), share, seed=seed, control_group=control_group)
    contacted = (divided["group"] == CONTACTED).sum()
    assert contacted <= contacts
    assert contacted == contacts or length in (0, size)
    if contacts and length < size:
        longer = hold_out(everyone.head(length + 1), share, seed=seed, control_group=control_group)
        assert (longer["group"] == CONTACTED).sum() == contacts + 1


def test_of_a_list_that_may_contact_nobody_nobody_is_held_out_either():
    assert max_list_length(pl.Series([1, 2, 3]), 0, 0.5, seed=0, control_group=GlobalControlGroup("salt", 1.0)) == 0
    assert max_list_length(pl.Series([1, 2, 3]), 3, 0.0, seed=0) == 3


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_longest_list_needs_a_share(share):
    with pytest.raises(CampaignError, match="The hold-out share is"):
        max_list_length(pl.Series([1]), 1, share, seed=0)


def test_strata_are_tenths_by_rank():
    divided = hold_out(a_list(25), 0.2, seed=1)
    assert divided["rank"].is_sorted()
    assert divided["stratum"].is_sorted()
    assert divided.schema["stratum"] == pl.Int32
    assert {*divided.group_by("stratum").len()["len"]} == {2, 3}
    assert hold_out(a_list(4), 0.2, seed=1)["stratum"].is_unique().all()


def test_the_share_is_right_on_average_even_in_short_lists():
    held_out = sum((hold_out(a_list(20), 0.1, seed=seed)["group"] == HELD_OUT).sum() for seed in range(400))
    assert held_out / (400 * 20) == pytest.approx(0.1, abs=0.015)


def test_a_short_list_of_many_products_is_within_one_of_the_share():
    rows = pl.DataFrame(
        {
            "product_id": [f"p{index % 6}" for index in range(37)],
            "customer_id": list(range(37)),
            "rank": [index // 6 + 1 for index in range(37)],
        }
    )
    for seed in range(50):
        held_out = hold_out(rows, 0.1, seed=seed).filter(pl.col("group") == HELD_OUT).height
        assert held_out in (3, 4)


def test_another_seed_divides_otherwise():
    assert not hold_out(a_list(100), 0.3, seed=1).equals(hold_out(a_list(100), 0.3, seed=2))


def test_a_customer_twice_or_a_share_that_is_none_is_an_error():
    with pytest.raises(CampaignError, match="twice"):
        hold_out(pl.concat([a_list(3), a_list(3)]), 0.1, seed=0)
    for share in (-0.1, 1.0, float("nan")):
        with pytest.raises(CampaignError, match="The hold-out share is"):
            hold_out(a_list(3), share, seed=0)
