"""The contact log: appended whole, read with checks, and rid of whoever is forgotten."""

import datetime as dt

import polars as pl
import pytest

from frontrow.campaign.contact_log import CONTACT_SCHEMA, ContactLog, record_contacts
from frontrow.errors import ShopError
from frontrow.shop.forgetting import forget
from frontrow.testing.shops import hand_made_shop

DAY = dt.date(2026, 3, 1)


def test_contacts_add_up_and_the_same_one_counts_once(tmp_path):
    assert record_contacts(tmp_path, pl.Series([3, 1]), DAY, "email", "spring") == 2
    assert record_contacts(tmp_path, pl.Series([3, 1]), DAY, "email", "spring") == 0
    assert record_contacts(tmp_path, pl.Series([3]), DAY + dt.timedelta(days=9), "sms", "summer") == 1
    log = ContactLog.read(tmp_path)
    assert log.contacted(since=DAY).to_list() == [1, 3]
    assert log.contacted(since=DAY, at_least=2).to_list() == [3]
    assert log.contacted(since=DAY + dt.timedelta(days=1)).to_list() == [3]
    assert [path.name for path in tmp_path.iterdir()] == ["contact_log.parquet"]


def test_a_shop_without_a_log_has_contacted_nobody(tmp_path):
    assert ContactLog.read(tmp_path).rows.schema == pl.Schema(CONTACT_SCHEMA)
    assert ContactLog.read(tmp_path).contacted(since=DAY).is_empty()


@pytest.mark.parametrize(
    "content",
    [
        b"not parquet",
        pl.DataFrame({"customer_id": [1]}),
        pl.DataFrame({"customer_id": [None], "contacted_on": [DAY], "channel": ["email"], "campaign": ["x"]}),
    ],
)
def test_a_damaged_log_is_refused_and_left_as_it_was(tmp_path, content):
    file = tmp_path / "contact_log.parquet"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        content.write_parquet(file)
    before = file.read_bytes()
    with pytest.raises(ShopError, match=r"contact_log\.parquet"):
        record_contacts(tmp_path, pl.Series([1]), DAY, "email", "spring")
    assert file.read_bytes() == before


def test_whoever_is_forgotten_leaves_the_log_too(tmp_path):
    hand_made_shop([(1, "pot", 0), (2, "pot", 1)]).write(tmp_path)
    record_contacts(tmp_path, pl.Series([1, 2]), DAY, "email", "spring")
    forget(tmp_path, "c1")
    assert ContactLog.read(tmp_path).rows["customer_id"].to_list() == [2]


def test_a_damaged_log_stops_forgetting_before_anything_is_changed(tmp_path):
    hand_made_shop([(1, "pot", 0)]).write(tmp_path)
    (tmp_path / "contact_log.parquet").write_bytes(b"x")
    with pytest.raises(ShopError, match="nothing was changed"):
        forget(tmp_path, "c1")
    assert pl.read_parquet(tmp_path / "customers.parquet").height == 1
