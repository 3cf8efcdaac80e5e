"""Lists for platforms: only of those who may be contacted, in the platform's own names, with a template that fits."""

import csv
import datetime as dt
import re

import polars as pl
import pytest
from campaign_shops import a_shop

from frontrow.campaign.eligibility.contact_rules import ContactHistory, ContactRules
from frontrow.campaign.eligibility.list_customers import select_eligible_lists
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.export import LIST_FIELDS, export_names, get_export
from frontrow.campaign.list_files import check_list_exports, is_web_address, product_pages, write_lists
from frontrow.campaign.record.contact_log import HELD_OUT_LOG_SCHEMA, ContactLog, HeldOutLog
from frontrow.errors import SettingError
from frontrow.tables.csv_output import FORMULA

WITH_LISTS = [name for name in export_names() if get_export(name).list_headers]
PRODUCTS = {
    "pot": ("=Red\npot", "https://shop.example/products/pot", "https://cdn.example/pot.jpg", "12.50 GBP"),
    "vase-1": ("Vase", None, None, "8.00 GBP"),
}


def lists_of(numbers):
    return pl.DataFrame(
        [
            {"customer_id": number, "rank": rank, "product_id": product, "title": PRODUCTS[product][0]}
            for number in numbers
            for rank, product in enumerate(PRODUCTS, 1)
        ]
    )


def shown(rows):
    described = pl.DataFrame(
        [{"product_id": product, **dict(zip(LIST_FIELDS, texts, strict=True))} for product, texts in PRODUCTS.items()],
        schema=dict.fromkeys(("product_id", *LIST_FIELDS), pl.String),
    )
    return rows.drop("title").join(described, on="product_id", how="left", maintain_order="left")


def write(tmp_path, name, numbers=(1, 2)):
    eligible = select_eligible_lists(lists_of(numbers), a_shop([{}] * 5).as_of(), ContactRules(), ContactHistory())
    return write_lists(tmp_path, shown(eligible.rows), eligible.customers, [name], name="Winter", place=tmp_path)


def test_nobody_is_in_them_whom_a_campaign_could_not_contact():
    people = [
        {},
        {"accepts_email": False},
        {"accepts_email": None},
        {"email": None},
        {"tags": "do-not-contact"},
        {"email": "stop@example.com"},
        {"email": "C1@example.com"},
        {},
    ]
    contacts = ContactHistory(
        suppression_list=SuppressionList(mailboxes=frozenset({"stop@example.com"})),
        contact_log=ContactLog.empty().with_contacts(pl.Series([8]), dt.date(2030, 1, 1), "email", "spring"),
    )
    eligible = select_eligible_lists(
        lists_of(range(1, 10)), a_shop(people).as_of(), ContactRules(not_contacted_days=30), contacts
    )
    assert eligible.customers["customer_id"].to_list() == [1]
    assert eligible.rows["customer_id"].unique().to_list() == [1]
    assert {**dict(eligible.counts.filter(pl.col("customers") > 0).iter_rows())} == {
        "suppression list": 1,
        "do-not-contact tag": 1,
        "no consent": 3,
        "no address": 1,
        "recently contacted": 1,
        "shares an address": 1,
    }


def test_a_product_that_somebody_is_held_out_of_is_not_in_the_list_whatever_the_record():
    row = {"customer_id": 1, "product_id": "new:vase", "title": "Blue vase", "until": dt.date(2040, 1, 1)}
    held_out = HeldOutLog(
        pl.DataFrame([{**row, "campaign": "spring", "campaign_id": "5f"}], schema=dict(HELD_OUT_LOG_SCHEMA))
    )
    history = a_shop([{"accepts_email": True}, {"email": "c1@example.com"}, {}]).as_of()
    eligible = select_eligible_lists(
        lists_of([1, 2, 3]), history, ContactRules(), ContactHistory(held_out_log=held_out)
    )
    products = dict(eligible.rows.group_by("customer_id").agg("product_id").iter_rows())
    assert products == {1: ["pot"], 3: ["pot", "vase-1"]}
    assert eligible.rows["rank"].to_list() == [1, 1, 2]


def test_the_global_control_group_gets_no_list():
    everyone = ContactHistory(global_control_group=GlobalControlGroup("salt", 1.0))
    eligible = select_eligible_lists(lists_of([1, 2]), a_shop([{}] * 2).as_of(), ContactRules(), everyone)
    assert eligible.customers.is_empty()
    assert dict(eligible.counts.iter_rows())["global control group"] == 2


@pytest.mark.parametrize("name", WITH_LISTS)
def test_each_customer_has_one_row_with_the_products_side_by_side(name, tmp_path):
    file, *_ = write(tmp_path, name)
    content = file.path.read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(content.decode("utf-8").splitlines())
    names = [column for rank in get_export(name).list_columns(2, LIST_FIELDS) for column in rank.values()]
    assert header[-8:] == names
    assert [row[0] for row in rows] == ["c1@example.com", "c2@example.com"]
    assert rows[0][-8:-4] == [
        "'=Red pot",
        "https://shop.example/products/pot",
        "https://cdn.example/pot.jpg",
        "12.50 GBP",
    ]
    assert rows[0][-4:] == ["Vase", "", "", "8.00 GBP"]
    assert not [cell for row in rows for cell in row if re.match(FORMULA, cell) and not cell.startswith("'")]


def test_mailchimp_has_merge_tags_of_ten_characters_and_texts_of_255_bytes():
    export = get_export("mailchimp")
    names = [name for rank in export.list_columns(99, LIST_FIELDS) for name in rank.values()]
    assert all(re.fullmatch(r"[A-Z0-9_]{1,10}", name) for name in names)
    assert len(set(names)) == len(names)
    contacts = pl.DataFrame(
        {
            "address": ["a@example.com"],
            "campaign_tag": ["tag"],
            "title_1": ["é" * 200],
            "url_1": ["https://a.example/" + "x" * 300],
        }
    )
    table = export.list_table(contacts, 1, ["title", "url"])
    assert table["P1TITLE"].to_list() == ["é" * 127]
    assert table["P1URL"].to_list() == [None]


@pytest.mark.parametrize("name", ["klaviyo", "mailchimp"])
def test_the_template_names_the_columns_of_the_file_and_no_other(name, tmp_path):
    file, template = write(tmp_path, name)
    assert template.is_template
    header = next(csv.reader(file.path.read_text("utf-8").splitlines()))
    text = template.path.read_text("utf-8")
    pattern = r"lookup:'([^']+)'" if name == "klaviyo" else r"\*\|(?:IF:)?(P\d\w+)\|\*"
    assert set(re.findall(pattern, text)) == {column for column in header if re.match(r"(product_|P)\d", column)}
    marks = re.findall(r"{% (if|endif)" if name == "klaviyo" else r"\*\|(IF|END):", text)
    starts = [mark.lower() == "if" for mark in marks]
    assert starts == [True, False] * (len(starts) // 2)
    assert "unsub" in text.lower()


def test_what_is_known_of_no_product_has_no_column(tmp_path):
    rows = shown(lists_of([1])).with_columns(url=pl.lit(None, pl.String), image_url=pl.lit(None, pl.String))
    customers = pl.DataFrame({"customer_id": [1], "address": ["c1@example.com"], "tags": [None]})
    file, template = write_lists(tmp_path, rows, customers, ["klaviyo"], name="Winter", place=tmp_path)
    header = file.path.read_text("utf-8").splitlines()[0]
    assert header == "Email Address,product_1_title,product_1_price,product_2_title,product_2_price"
    assert "<a" not in template.path.read_text("utf-8").replace('<a href="*|UNSUB', "")
    assert "<img" not in template.path.read_text("utf-8")


def test_an_address_of_an_image_cannot_break_out_of_the_template():
    unsafe = ["javascript:alert(1)", 'https://a.example/" onerror="x', "data:image/png;base64,AA", "https://", None]
    assert not any(map(is_web_address, unsafe))
    assert product_pages(pl.Series(["pot"]), None).to_list() == [None]


@pytest.mark.parametrize("name", sorted({*export_names()} - {*WITH_LISTS}))
def test_a_platform_that_takes_no_lists_says_so(name):
    with pytest.raises(SettingError, match="takes no lists"):
        check_list_exports([name])
