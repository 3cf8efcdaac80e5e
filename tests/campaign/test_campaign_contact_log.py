"""The contact log: contacts are added, and the file is validated on reading."""

import datetime as dt

import polars as pl
import pytest

from frontrow.campaign.record.contact_log import CONTACT_LOG_SCHEMA, ContactLog
from frontrow.errors import ShopError
from frontrow.storage.commit import commit
from frontrow.storage.pointer import CONTACT_LOG
from frontrow.testing.shops import hand_made_shop, table_file

DAY = dt.date(2026, 3, 1)


def test_contacts_add_up_and_the_same_one_counts_once():
    log = ContactLog.empty().with_contacts(pl.Series([3, 1]), DAY, "email", "spring")
    log = log.with_contacts(pl.Series([3, 1]), DAY, "email", "spring")
    assert log.rows.height == 2
    log = log.with_contacts(pl.Series([3]), DAY + dt.timedelta(days=9), "sms", "summer")
    assert log.contacted(since=DAY).to_list() == [1, 3]
    assert log.contacted(since=DAY, at_least=2).to_list() == [3]
    assert log.contacted(since=DAY + dt.timedelta(days=1)).to_list() == [3]


def test_a_shop_without_a_log_has_contacted_nobody(tmp_path):
    hand_made_shop([(1, "pot", 0)]).write(tmp_path)
    assert ContactLog.read(tmp_path).rows.schema == pl.Schema(CONTACT_LOG_SCHEMA)
    assert ContactLog.read(tmp_path).contacted(since=DAY).is_empty()


@pytest.mark.parametrize(
    "content",
    [
        pl.DataFrame({"customer_id": [1]}),
        pl.DataFrame({"customer_id": [None], "contacted_on": [DAY], "channel": ["email"], "campaign": ["x"]}),
    ],
)
def test_a_damaged_log_is_refused(tmp_path, content):
    hand_made_shop([(1, "pot", 0)]).write(tmp_path)
    commit(tmp_path, {CONTACT_LOG: content.lazy()}, {})
    with pytest.raises(ShopError, match=r"contact_log-000002-.*\.parquet is no contact log"):
        ContactLog.read(tmp_path)


def test_a_log_with_a_changed_byte_is_refused(tmp_path):
    hand_made_shop([(1, "pot", 0)]).write(tmp_path)
    commit(tmp_path, {CONTACT_LOG: ContactLog.empty().with_contacts(pl.Series([1]), DAY, "email", "x").rows.lazy()}, {})
    file = table_file(tmp_path, CONTACT_LOG)
    file.write_bytes(file.read_bytes()[:-20] + b"x" + file.read_bytes()[-19:])
    with pytest.raises(ShopError, match=r"contact_log-000002-.*\.parquet is damaged"):
        ContactLog.read(tmp_path)
