"""The contact log: contacts are added, and the file is validated on reading."""

import datetime as dt

import polars as pl
import pytest

from frontrow.campaign.record.contact_log import CONTACT_LOG_SCHEMA, ContactLog
from frontrow.errors import ShopError

DAY = dt.date(2026, 3, 1)


def test_contacts_add_up_and_the_same_one_counts_once():
    log = ContactLog.read("/nowhere").with_contacts(pl.Series([3, 1]), DAY, "email", "spring")
    log = log.with_contacts(pl.Series([3, 1]), DAY, "email", "spring")
    assert log.rows.height == 2
    log = log.with_contacts(pl.Series([3]), DAY + dt.timedelta(days=9), "sms", "summer")
    assert log.contacted(since=DAY).to_list() == [1, 3]
    assert log.contacted(since=DAY, at_least=2).to_list() == [3]
    assert log.contacted(since=DAY + dt.timedelta(days=1)).to_list() == [3]


def test_a_shop_without_a_log_has_contacted_nobody(tmp_path):
    assert ContactLog.read(tmp_path).rows.schema == pl.Schema(CONTACT_LOG_SCHEMA)
    assert ContactLog.read(tmp_path).contacted(since=DAY).is_empty()


@pytest.mark.parametrize(
    "content",
    [
        b"not parquet",
        pl.DataFrame({"customer_id": [1]}),
        pl.DataFrame({"customer_id": [None], "contacted_on": [DAY], "channel": ["email"], "campaign": ["x"]}),
    ],
)
def test_a_damaged_log_is_refused(tmp_path, content):
    file = tmp_path / "contact_log.parquet"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        content.write_parquet(file)
    with pytest.raises(ShopError, match=r"contact_log\.parquet"):
        ContactLog.read(tmp_path)
