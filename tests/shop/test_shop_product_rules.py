"""What the default rules exclude, what they must keep, and what an edited file may contain."""

import json

import polars as pl
import pytest

from frontrow.errors import InputError
from frontrow.shop.product_rules import ProductRule, ProductRules

NOT_PRODUCTS = {
    "postage": [
        "Postage",
        "POSTAGE",
        "DOTCOM POSTAGE",
        "CARRIAGE",
        "Express Shipping",
        "Delivery charge",
        "Postage & packing",
    ],
    "shipping protection": [
        "Shipping Protection",
        "Route Package Protection",
        "Shipping insurance",
        "Order protection by Corso",
    ],
    "gift card": [
        "Gift Card",
        "E-Gift Card",
        "Dotcomgiftshop Gift Voucher £20.00",
        "Fern & Co gift card",
        "Gift Card - $50.00",
    ],
    "tip": ["Tip", "TIP", "Gratuity", "Tip for the packing team"],
    "sample": ["Sample", "SAMPLES", "Free sample", "Swatches"],
    "adjustment": ["Manual", "Adjustment by john on 26/01/2010 16", "Adjust bad debt", "Price adjustment"],
    "discount": ["Discount", "Store credit"],
    "deposit": ["Deposit", "Bottle deposit"],
    "fee": ["AMAZON FEE", "Bank Charges", "Handling fee"],
    "donation": ["Donation", "CRUK Commission"],
    "test": ["This is a test product.", "Test order"],
}
PRODUCTS = [
    *("Felt tip pens", "Tip-top tin", "Steel tip darts", "Tipi tent", "Tipping bucket rain gauge"),
    *("Sample sale tote bag", "Free spirit perfume", "Sampler embroidery kit", "Seed sample box"),
    *("Gift card holder", "GIFT CARD BOX RED", "Gift wrap roses", "Post box money bank", "POSTCARD SET VINTAGE"),
    *("Shipping crate shelf", "Delivery van toy", "Postage stamp cushion", "Cushion cover", "Carriage clock"),
    *("Manual coffee grinder", "Manual pasta machine", "Adjustable dumbbell", "Adjustment hex keys", "Test tube vase"),
    *(
        "Pregnancy test",
        "Deposit box with key",
        "Safe deposit bag",
        "Discount book of coupons",
        "PADS TO MATCH ALL CUSHIONS",
    ),
    *("Donation box oak", "Protection spray for suede", "Phone screen protection", "Insurance folder", "Feel good tea"),
    *(
        "Charm bracelet",
        "White hanging heart t-light holder",
        "Paint swatch wall art",
        "Freight train set",
        "Tips for gardeners (book)",
    ),
]


def table(titles: list[str], skus: list[list[str]] | None = None) -> pl.DataFrame:
    ids = [f"p{number}" for number in range(len(titles))]
    schema = {"product_id": pl.String, "title": pl.String, "skus": pl.List(pl.String)}
    return pl.DataFrame({"product_id": ids, "title": titles, "skus": skus or [["A1"]] * len(titles)}, schema=schema)


@pytest.mark.parametrize("reason", NOT_PRODUCTS)
def test_titles_that_are_no_products_are_found_with_their_reason(reason):
    not_products = ProductRules.default().not_products(table(NOT_PRODUCTS[reason]))
    assert not_products["reason"].to_list() == [reason] * len(NOT_PRODUCTS[reason])


def test_products_with_similar_names_stay():
    products = table(PRODUCTS)
    not_products = ProductRules.default().not_products(products).join(products, on="product_id")
    assert not_products["title"].to_list() == []


def test_codes_of_online_retail_are_no_products():
    codes = [
        "POST",
        "DOT",
        "M",
        "m",
        "D",
        "C2",
        "BANK CHARGES",
        "AMAZONFEE",
        "ADJUST",
        "ADJUST2",
        "S",
        "CRUK",
        "PADS",
        "B",
    ]
    codes += ["TEST001", "gift_0001_20", "C3"]
    not_products = ProductRules.default().not_products(table(["?"] * len(codes), [[code] for code in codes]))
    assert not_products.height == len(codes)


def test_a_product_with_other_skus_than_a_code_stays():
    assert ProductRules.default().not_products(table(["T-shirt", "Shirt"], [["S", "M", "L"], []])).is_empty()


def test_rules_survive_the_file_and_an_edit_takes_effect(tmp_path):
    path = tmp_path / "product_rules.json"
    assert ProductRules.read(path) == ProductRules.default()
    path.write_text(ProductRules.default().to_json(), "utf-8")
    assert ProductRules.read(path) == ProductRules.default()
    path.write_text(json.dumps({"rules": [{"reason": "pens", "column": "title", "pattern": "pens$"}]}), "utf-8")
    edited = ProductRules.read(path)
    assert edited.rules == (ProductRule("pens", "title", "pens$"),)
    assert edited.not_products(table(["Felt tip pens", "Postage"]))["reason"].to_list() == ["pens"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a JSON object"),
        ("[]", "not a JSON object"),
        ('{"rules": [{"reason": "x"}]}', "not a JSON object"),
        ('{"rules": [{"reason": "x", "column": "colour", "pattern": "a"}]}', 'looks at "colour"'),
        ('{"rules": [{"reason": "x", "column": "title", "pattern": "("}]}', "not a regular expression"),
        ('{"rules": [{"reason": "x", "column": "title", "pattern": 3}]}', "not a JSON object"),
        ('{"rules": [3]}', "not a JSON object"),
    ],
)
def test_an_invalid_edit_is_reported(tmp_path, text, message):
    path = tmp_path / "product_rules.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        ProductRules.read(path)


def test_rules_on_absent_columns_are_passed_over():
    assert ProductRules.default().not_products(pl.DataFrame({"product_id": ["1"]})).is_empty()
