"""The standing control group: the same customers each time, made once, kept with the shop."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.campaign.experiment.global_control_group import StandingControl
from frontrow.errors import CampaignError, ShopError


@given(st.integers(1, 200), st.floats(0.01, 0.99), st.text(min_size=1))
def test_a_larger_share_keeps_those_of_a_smaller_one(size, share, salt):
    ids = pl.Series(range(3, 7 * size, 7))
    smaller, larger = (StandingControl(salt, one).has(ids) for one in (share, (1 + share) / 2))
    assert (larger | ~smaller).all()
    assert StandingControl(salt, share).has(ids.reverse()).reverse().equals(smaller)


def test_a_standing_control_is_made_once_and_kept(tmp_path):
    assert StandingControl.of(tmp_path, None) is None
    made = StandingControl.of(tmp_path, 0.05)
    assert list(tmp_path.iterdir()) == []
    made.save(tmp_path)
    assert made == StandingControl.of(tmp_path, None) == StandingControl.of(tmp_path, 0.05)
    ids = pl.Series(range(20_000))
    assert made.has(ids).mean() == pytest.approx(0.05, abs=0.01)
    with pytest.raises(CampaignError, match=r"has a share of 0\.05"):
        StandingControl.of(tmp_path, 0.1)
    with pytest.raises(CampaignError, match="no share"):
        StandingControl.of(tmp_path, 1.5)
    assert "salt" in json.loads((tmp_path / "standing_control.json").read_text())


@pytest.mark.parametrize("content", ["", "[]", '{"format_version": 2, "salt": "a", "share": 0.1}', '{"share": 0.1}'])
def test_a_damaged_standing_control_is_refused(tmp_path, content):
    (tmp_path / "standing_control.json").write_text(content)
    with pytest.raises(ShopError, match=r"standing_control\.json is damaged"):
        StandingControl.of(tmp_path, None)
