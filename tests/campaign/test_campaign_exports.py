"""Every export fulfils the contract, and its first rows are exactly what the platform documents."""

import pytest

from frontrow.campaign.addresses import sha256
from frontrow.campaign.export import export_names, get_export
from frontrow.errors import CampaignError
from frontrow.testing.exports import ExportContract, rough_contacts


class TestKlaviyo(ExportContract):
    export = get_export("klaviyo")
    email_header, sms_header = ("Email Address",), ("Phone Number",)


class TestMailchimp(ExportContract):
    export = get_export("mailchimp")
    email_header, sms_header = ("Email Address", "Tags"), ("SMS Phone Number", "Tags")


class TestShopifyTags(ExportContract):
    export = get_export("shopify_tags")
    email_header, sms_header = ("Email", "Tags"), ("Email", "Phone", "Tags")


class TestMetaCustomAudience(ExportContract):
    export = get_export("meta_custom_audience")
    email_header, sms_header = ("email",), ("phone",)


class TestGoogleCustomerMatch(ExportContract):
    export = get_export("google_customer_match")
    email_header, sms_header = ("Email",), ("Phone",)


PLAIN = ("product_id", "title", "customer_id", "rank", "probability")


class TestGenericCsv(ExportContract):
    export = get_export("generic_csv")
    email_header, sms_header = ("email", *PLAIN), ("phone", *PLAIN)


class TestGenericParquet(ExportContract):
    export = get_export("generic_parquet")
    email_header, sms_header = ("email", *PLAIN), ("phone", *PLAIN)


def test_every_export_is_under_contract():
    assert {contract.export.name for contract in ExportContract.__subclasses__()} == set(export_names())


def test_a_name_that_is_no_file_is_refused():
    for name in ("mailjet", "base", "../klaviyo", "os"):
        with pytest.raises(CampaignError, match="no export named"):
            get_export(name)


JANE, JANE_PHONE = "jane.doe+shop@gmail.com", "+447700900123"
GOLDEN = {
    ("klaviyo", "email"): f"Email Address\r\n{JANE}\r\nbob@example.com\r\nzoë@example.com\r\n",
    ("klaviyo", "sms"): f"Phone Number\r\n{JANE_PHONE}\r\n+12125550123\r\n+4930123456\r\n",
    ("mailchimp", "email"): (
        f"Email Address,Tags\r\n{JANE},frontrow-spring-pot\r\nbob@example.com,frontrow-spring-pot\r\n"
    ),
    ("mailchimp", "sms"): f"SMS Phone Number,Tags\r\n{JANE_PHONE},frontrow-spring-pot\r\n+12125550123,",
    ("shopify_tags", "email"): (
        f'Email,Tags\r\n{JANE},"frontrow-spring-pot, vip, =cmd"\r\nbob@example.com,frontrow-spring-pot\r\n'
    ),
    ("shopify_tags", "sms"): f'Email,Phone,Tags\r\n,{JANE_PHONE},"frontrow-spring-pot, vip, =cmd"\r\n',
    # the dots and the plus part of Gmail addresses are kept for Meta and removed for Google
    ("meta_custom_audience", "email"): f"email\r\n{sha256(JANE)}\r\n{sha256('bob@example.com')}\r\n",
    ("meta_custom_audience", "sms"): f"phone\r\n{sha256('447700900123')}\r\n{sha256('12125550123')}\r\n",
    ("google_customer_match", "email"): f"Email\r\n{sha256('janedoe@gmail.com')}\r\n{sha256('bob@example.com')}\r\n",
    ("google_customer_match", "sms"): f"Phone\r\n{sha256('+447700900123')}\r\n{sha256('+12125550123')}\r\n",
    ("generic_csv", "email"): (
        "email,product_id,title,customer_id,rank,probability\r\n"
        f"{JANE},new:pot,Red pot,1,1,0.5\r\n"
        "bob@example.com,new:pot,'=HYPERLINK(1) second line,2,2,0.333333\r\n"
        "zoë@example.com,'@sum,'\uff1d2+3,3,3,0.25\r\n"
    ),
}


@pytest.mark.parametrize(("name", "channel"), GOLDEN)
def test_header_and_first_rows_are_golden(name, channel, tmp_path):
    ((path, _),) = get_export(name).write(rough_contacts(channel), channel, tmp_path, "contacts")
    assert path.read_bytes().decode().startswith(GOLDEN[name, channel])


def test_a_digest_equals_the_examples_of_the_platform():
    """SHA-256 of UTF-8, lower-case hexadecimal digits: the value that NIST publishes for "abc"."""
    assert sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_limits_are_the_documented_ones():
    limits = {name: (get_export(name).max_bytes, get_export(name).max_rows) for name in export_names()}
    assert limits == {
        "klaviyo": (50_000_000, None),
        "mailchimp": (None, None),
        "shopify_tags": (1_000_000, None),
        "meta_custom_audience": (None, 10_000),
        "google_customer_match": (5_000_000_000, None),
        "generic_csv": (None, None),
        "generic_parquet": (None, None),
    }
