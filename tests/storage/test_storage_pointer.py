"""A changed bit in `shop.json` is an error, whichever it is."""

import json
from pathlib import Path

import pytest

from frontrow.errors import ShopError
from frontrow.storage.pointer import POINTER, Pointer, StoredTable, is_sealed

POINTER_OF_A_SHOP = Pointer(
    13,
    {"orders": StoredTable("tables/orders-000013-5f0c2a77.parquet", "5f0c2a77" * 8, 120, 4096)},
    {"settings": {"currency": "EUR", "imports": [{"file": "é.csv", "rows": 3}]}},
)


def parse(content: bytes) -> Pointer:
    return Pointer.parse(content, Path("shop") / POINTER)


def test_every_changed_bit_is_noticed():
    content = POINTER_OF_A_SHOP.to_text().encode()
    assert parse(content) == POINTER_OF_A_SHOP
    for position in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[position] ^= 1 << bit
            with pytest.raises(ShopError):
                parse(bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 20, -1, -2, -90])
def test_a_pointer_that_was_cut_is_damaged(length):
    with pytest.raises(ShopError, match="is damaged"):
        parse(POINTER_OF_A_SHOP.to_text().encode()[:length])


def test_a_pointer_that_a_person_changed_is_refused_and_can_be_looked_at():
    content = POINTER_OF_A_SHOP.to_text().replace("EUR", "GBP").encode()
    assert not is_sealed(content)
    with pytest.raises(ShopError, match="frontrow check"):
        parse(content)
    looked_at = Pointer.parse(content, Path(POINTER), check_seal=False)
    assert looked_at.sections["settings"]["currency"] == "GBP"


@pytest.mark.parametrize(
    "values", [[], {}, {"format_version": 1}, {"format_version": 2}, {"format_version": "2"}, None]
)
def test_what_is_no_pointer_is_refused(values):
    with pytest.raises(ShopError):
        parse(json.dumps(values).encode())


def test_a_table_outside_the_shop_is_refused():
    for file in ("../orders-000013-5f0c2a77.parquet", "/etc/passwd", "tables/../orders-000013-5f0c2a77.parquet"):
        with pytest.raises(ValueError, match="not the file of a table"):
            StoredTable(file, "", 0, 0)


def test_a_folder_without_a_shop_is_said_to_have_none(tmp_path):
    with pytest.raises(ShopError, match="holds no shop"):
        Pointer.read(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(ShopError, match="holds no shop"):
        Pointer.read(tmp_path / "file")
    (tmp_path / POINTER).mkdir()
    with pytest.raises(ShopError, match="is a folder"):
        Pointer.read(tmp_path)
