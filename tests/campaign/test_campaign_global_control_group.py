"""The global control group: the same customers each time, drawn once, saved with the shop."""

import datetime as dt

import polars as pl
import pytest
from campaign_shops import a_shop
from hypothesis import given
from hypothesis import strategies as st

from frontrow.campaign.eligibility.contact_rules import ContactRules, include_other_records, resolve_identities
from frontrow.campaign.experiment.holdout import GLOBAL_CONTROL_GROUP, GlobalControlGroup
from frontrow.errors import CampaignError, ShopError
from frontrow.storage.commit import commit


@given(st.integers(1, 200), st.floats(0.01, 0.99), st.text(min_size=1))
def test_a_larger_share_contains_the_smaller_group(size, share, salt):
    ids = pl.Series(range(3, 7 * size, 7))
    smaller, larger = (GlobalControlGroup(salt, group_share).contains(ids) for group_share in (share, (1 + share) / 2))
    assert (larger | ~smaller).all()
    assert GlobalControlGroup(salt, share).contains(ids.reverse()).reverse().equals(smaller)


def test_a_global_control_group_is_drawn_once_and_saved(tmp_path):
    commit(tmp_path, {}, {})
    assert GlobalControlGroup.read_or_draw(tmp_path, None) is None
    group = GlobalControlGroup.read_or_draw(tmp_path, 0.05, dt.date(2026, 3, 1))
    commit(tmp_path, {}, group.to_sections())
    assert group == GlobalControlGroup.read_or_draw(tmp_path, None) == GlobalControlGroup.read_or_draw(tmp_path, 0.05)
    ids = pl.Series(range(20_000))
    assert group.contains(ids).mean() == pytest.approx(0.05, abs=0.01)
    with pytest.raises(CampaignError, match=r"has a share of 0\.05\. A smaller one"):
        GlobalControlGroup.read_or_draw(tmp_path, 0.04)
    larger = GlobalControlGroup.read_or_draw(tmp_path, 0.1, dt.date(2026, 4, 1))
    assert larger == GlobalControlGroup(group.salt, 0.1, 0.05, dt.date(2026, 3, 1))
    assert larger.members_since_the_draw == group
    commit(tmp_path, {}, larger.to_sections())
    assert GlobalControlGroup.read(tmp_path) == larger
    with pytest.raises(CampaignError, match="must be above 0 and below 1"):
        GlobalControlGroup.read_or_draw(tmp_path, 1.5)


@pytest.mark.parametrize(
    "content",
    [
        "",
        [],
        {"salt": "", "share": 0.1},
        {"salt": "a", "share": 2},
        {"share": 0.1},
        {"salt": "a", "share": 0.1, "first_share": 0.2},
    ],
)
def test_a_damaged_global_control_group_is_refused(tmp_path, content):
    commit(tmp_path, {}, {GLOBAL_CONTROL_GROUP: content})
    with pytest.raises(ShopError, match="has a damaged global control group"):
        GlobalControlGroup.read_or_draw(tmp_path, None)


def test_a_person_belongs_to_the_group_under_every_record():
    """Another record with the same address, which the lot did not draw, is held out with the first."""
    people = [{"email": f"p{number % 20}@example.com"} for number in range(1, 41)]
    shop = a_shop(people)
    group = GlobalControlGroup("salt", 0.3)
    customers = resolve_identities(shop.as_of(), ContactRules())
    whole = include_other_records(group, customers)
    members = whole.contains(customers["customer_id"])
    drawn = customers.filter(group.contains(customers["customer_id"]))["identity"]
    assert customers.filter(members)["identity"].unique().sort().equals(drawn.unique().sort())
    assert members.sum() == 2 * drawn.n_unique()
    assert include_other_records(whole, customers) == whole
    assert whole.to_sections() == group.to_sections()
