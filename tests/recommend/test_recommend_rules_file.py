"""Rules in a file: every key is read, every mistake is reported with the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontrow.errors import InputError
from frontrow.recommend.rerank.rules import AtMost, Match, Pin, Rules
from frontrow.recommend.rerank.rules_file import read_rules

IDS = ["pot", "bulb", "rake"]

WHOLE = """
already_bought = "when due"
not_for_sale = ["draft"]
sold_within_days = 90
stock = "stock.csv"
out_of_stock = ["rake"]
diversity = 0.25

[include]
product_types = ["Pots"]
vendors = ["Alder", "Birch"]
tags = ["spring"]
product_ids = ["pot"]
price_from = 5
price_to = 20.5

[exclude]
tags = ["clearance"]

[at_most]
per_product_type = 2
per_vendor = 3

[[pinned]]
product_id = "rake"
rank = 3

[[pinned]]
product_id = "pot"
rank = 1
"""


def write_file(folder: Path, text: str) -> Path:
    (folder / "rules.toml").write_text(text, "utf-8")
    return folder / "rules.toml"


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "stock.csv").write_text("Product_ID , stock\nbulb, 0\npot,2\nunheard of,-1\n", "utf-8")
    assert read_rules(write_file(tmp_path, WHOLE), IDS) == Rules(
        already_bought="when due",
        not_for_sale=("draft",),
        sold_within_days=90,
        out_of_stock=("rake", "bulb", "unheard of"),
        include=Match(("Pots",), ("Alder", "Birch"), ("spring",), ("pot",), 5.0, 20.5),
        exclude=Match(tags=("clearance",)),
        at_most=AtMost(2, 3),
        diversity=0.25,
        pinned=(Pin("pot", 1), Pin("rake", 3)),
    )


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert read_rules(write_file(tmp_path, ""), []) == Rules()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("diversty = 1", r'rules\.toml: has the unknown key "diversty"\. Did you mean "diversity"\?'),
        (
            "[at_most]\nper_shelf = 1",
            r'has the unknown key "at_most\.per_shelf"\. The keys here are: per_product_type, per_vend',
        ),
        ("diversity = 2", r'"diversity" is 2; expected a number from 0 to 1'),
        ("diversity = true", r'"diversity" is True; expected a number'),
        ('diversity = "a bit"', r'"diversity" is "a bit"; expected'),
        ('already_bought = "never"', r'expected one of "show", "hide", "when due"'),
        ("sold_within_days = -1", r"expected a whole number, 0 or more"),
        ("[at_most]\nper_vendor = 0", r'"at_most\.per_vendor" is 0; expected a whole number, 1 or more'),
        ('not_for_sale = "draft"', r'expected a list of texts, such as \["a", "b"\]'),
        ("[include]\ntags = [1]", r'"include\.tags" is \[1\]; expected a list of texts'),
        ("[exclude]\nprice_from = -3", r'"exclude\.price_from" is -3; expected a price'),
        ("[exclude]\nprice_from = nan", r'"exclude\.price_from" is nan; expected a price'),
        (
            "[include]\nprice_from = 50\nprice_to = 9.5",
            r'"include\.price_from" is 50\.0, above "include\.price_to", 9\.5',
        ),
        ('include = "pots"', r'"include" is "pots"\. Write it as a table: \[include\]'),
        ('pinned = ["pot"]', r'"pinned" is not a list of tables\. Write \[\[pinned\]\]'),
        ('[[pinned]]\nproduct_id = "pot"', r'"pinned\[1\]\.rank" is missing'),
        ('[[pinned]]\nproduct_id = "pot"\nrank = 0', r'"pinned\[1\]\.rank" is 0; expected'),
        (
            'out_of_stock = ["pott"]',
            r'"out_of_stock" names "pott", which is not a product of this shop\. Did you mean "pot"',
        ),
        ('[include]\nproduct_ids = ["zzz"]', r'"include\.product_ids" names "zzz".*frontrow launches --all'),
        ('[[pinned]]\nproduct_id = "zzz"\nrank = 1', r'"pinned\.product_id" names "zzz"'),
        ("diversity = ", r"rules\.toml: is not a TOML file"),
        ('stock = "nowhere.csv"', r"nowhere\.csv: the file does not exist"),
    ],
)
def test_a_mistake_is_reported_with_its_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_rules(write_file(tmp_path, text), IDS)


def test_two_pins_cannot_share_a_rank_or_a_product(tmp_path: Path) -> None:
    pins = '[[pinned]]\nproduct_id = "{}"\nrank = {}\n'
    with pytest.raises(InputError, match='same "rank"'):
        read_rules(write_file(tmp_path, pins.format("pot", 1) + pins.format("bulb", 1)), IDS)
    with pytest.raises(InputError, match='same "product_id"'):
        read_rules(write_file(tmp_path, pins.format("pot", 1) + pins.format("pot", 2)), IDS)


@pytest.mark.parametrize(
    ("stock", "message"),
    [
        ("product_id,stock\npot,many\n", r'stock\.csv, row 2, column "stock": "many" is not a number'),
        ("product_id,stock\npot,1\nbulb,\n", r'row 3, column "stock": is empty'),
        ("product_id,stock\npot-small,0\npot-large,2\n", r'column "product_id": names no product of this shop'),
        ("product_id,stock,Stock\npot,1,0\n", r"row 1, column .*: two columns have this name"),
        ("sku,stock\npot,1\n", r"there is no column product_id; found sku, stock"),
        ("", r"stock\.csv: this is not a CSV table"),
    ],
)
def test_an_invalid_stock_file_is_reported_with_its_row(tmp_path: Path, stock: str, message: str) -> None:
    (tmp_path / "stock.csv").write_text(stock, "utf-8")
    with pytest.raises(InputError, match=message):
        read_rules(write_file(tmp_path, 'stock = "stock.csv"'), IDS)
