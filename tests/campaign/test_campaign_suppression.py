"""Suppression lists: what is read from a file, and which customers match it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.campaign.addresses import normal_email, normal_phone
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.errors import InputError


def read_list(tmp_path, text, **options):
    file = tmp_path / "stop.csv"
    file.write_text(text, "utf-8")
    return SuppressionList.read([file], **options)


@pytest.mark.parametrize("header", ["", "Email\n", "\ufeffE-mail address\n"])
def test_emails_are_trimmed_and_lower_cased_with_a_header_or_without(tmp_path, header):
    suppression_list = read_list(tmp_path, header + "  Ann@Example.com \nbob@example.com\n\n")
    assert suppression_list.has_email("ann@example.com")
    assert suppression_list.has_email(" BOB@example.com")
    assert not suppression_list.has_email("cat@example.com")
    assert suppression_list.sources[0]["entries"] == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_list_that_a_spreadsheet_saved_with_semicolons_is_read(tmp_path, encoding):
    (tmp_path / "stop.csv").write_text("Name;E-Mail;Phone\nAnn;ann@example.com;\n;;+44 7700 900123\n;;\n", encoding)
    suppression_list = SuppressionList.read([tmp_path / "stop.csv"])
    assert suppression_list.mailboxes == {"ann@example.com"}
    assert suppression_list.numbers == {"447700900123"}


def test_phones_are_found_with_and_without_a_country_code(tmp_path):
    suppression_list = read_list(tmp_path, "phone\n+44 7700 900123\n(212) 555-0123\n0049 30 1234567\n")
    for phone, region in [("07700 900123", "GB"), ("+1 212 555 0123", None), ("030 1234567", "DE")]:
        assert suppression_list.has_phone(phone, normal_phone(phone, region))
    assert suppression_list.has_phone("07700 900123", None)
    assert not suppression_list.has_phone("07700 900124", normal_phone("07700 900124", "GB"))


def test_a_default_country_makes_local_numbers_exact(tmp_path):
    suppression_list = read_list(tmp_path, "07700 900123\n", default_region="GB")
    assert suppression_list.numbers == {"447700900123"}
    assert suppression_list.local_numbers == frozenset()


def test_only_the_columns_a_header_names_are_read(tmp_path):
    suppression_list = read_list(
        tmp_path, "name,since,email,phone\nAnn 12345678,2026-05-14,ann@example.com,\nBob,,,+447700900123\n"
    )
    assert suppression_list.local_numbers == frozenset()
    assert suppression_list.mailboxes == {"ann@example.com"}
    assert suppression_list.numbers == {"447700900123"}


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("email\nann@example.com\nbob at example.com\n", 3),
        ("ann@example.com\nbob@\n", 2),
        ("12345\n", 1),
        ("name,email,phone\nBob,bob@,+447700900123\n", 2),
        ('email\nann@example.com\n"bob@example.com\ncat@example.com\n', 3),
    ],
)
def test_a_malformed_row_is_an_error_that_names_the_row_and_not_the_person(tmp_path, text, row):
    with pytest.raises(InputError) as caught:
        read_list(tmp_path, text)
    assert (caught.value.file.name, caught.value.row) == ("stop.csv", row)
    assert "bob" not in str(caught.value)


def test_a_list_in_windows_1252_is_read(tmp_path):
    (tmp_path / "stop.csv").write_bytes("name,email\nAnn,ann@example.com\nZoë,zoe@example.com\n".encode("cp1252"))
    assert SuppressionList.read([tmp_path / "stop.csv"]).has_email("zoe@example.com")


def test_a_file_that_is_not_there_or_not_text_is_an_error(tmp_path):
    (tmp_path / "image.csv").write_bytes(b"\xff\xd8\xff\xe0\x00")
    for name in ("nothing.csv", "image.csv"):
        with pytest.raises(InputError, match=name):
            SuppressionList.read([tmp_path / name])


def test_a_mailbox_is_found_however_it_is_spelled(tmp_path):
    suppression_list = read_list(tmp_path, "jane.doe@gmail.com\nuser.name@example.com\n")
    assert suppression_list.has_email("janedoe+shop@gmail.com")
    assert not suppression_list.has_email("username@example.com")


@given(st.text("ab. @+=-\t'A;", max_size=12))
def test_an_address_is_normal_once_it_is_normal(text):
    email = normal_email(text)
    assert email is None or (normal_email(email) == email and email[0] not in "=+-@\t\r'")


@given(st.text("0123456789 +-()", max_size=18), st.sampled_from(["US", "GB", "DE", None, "Germany"]))
def test_a_phone_number_is_normal_once_it_is_normal(text, region):
    phone = normal_phone(text, region)
    assert phone is None or (normal_phone(phone) == phone and phone[1:].isdecimal())


def test_several_files_are_one_list(tmp_path):
    (tmp_path / "a.csv").write_text("ann@example.com\n07700 900123\n", "utf-8")
    (tmp_path / "b.csv").write_text("+44 7700 900124\nJane.Doe+x@gmail.com\n", "utf-8")
    suppression_list = SuppressionList.read([tmp_path / "a.csv", str(tmp_path / "b.csv")])
    assert suppression_list.mailboxes == {"ann@example.com", "jane.doe+x@gmail.com", "janedoe@gmail.com"}
    assert (suppression_list.numbers, suppression_list.local_numbers) == ({"447700900124"}, {"7700900123"})
    assert suppression_list.sources == ({"file": "a.csv", "entries": 2}, {"file": "b.csv", "entries": 2})
    assert SuppressionList.read([]) == SuppressionList()


def test_the_message_of_a_row_without_an_address(tmp_path):
    with pytest.raises(InputError) as refused:
        read_list(tmp_path, "ann@example.com\n123456\n")
    assert "is neither an e-mail address nor a phone number of seven digits or more" in str(refused.value)
    assert "Correct or delete the row; nothing was written." in str(refused.value)
    assert refused.value.row == 2


@pytest.mark.parametrize("empty", ["", "-", "null", "None", "N/A", " ", "'"])
def test_cells_that_mean_nothing_are_skipped(tmp_path, empty):
    suppression_list = read_list(tmp_path, f"email,phone\nann@example.com,{empty}\n{empty},\n{empty},+447700900123\n")
    assert (suppression_list.mailboxes, suppression_list.numbers) == ({"ann@example.com"}, {"447700900123"})


@pytest.mark.parametrize(
    ("cell", "is_phone"),
    [
        ("1234567", True),
        ("123456", False),
        ("+(44) 77-00.90/0123", True),
        ("123456789012345", True),
        ("1234567890123456", False),
        ("'07700 900123'", True),
        ("0770x900123", False),
    ],
)
def test_what_looks_like_a_phone_number(tmp_path, cell, is_phone):
    if is_phone:
        suppression_list = read_list(tmp_path, f"ann@example.com\n{cell}\n")
        assert len(suppression_list.numbers | suppression_list.local_numbers) == 1
    else:
        with pytest.raises(InputError):
            read_list(tmp_path, f"ann@example.com\n{cell}\n")


@pytest.mark.parametrize("name", ["Email", "e-mail", "Phone number", "Mobile", "SMS", "Cell", "tel."])
def test_names_of_address_columns(tmp_path, name):
    suppression_list = read_list(tmp_path, f"since, {name} \n20260514,07700 900123\n")
    assert suppression_list.local_numbers == {"7700900123"}


def test_short_rows_and_other_headers(tmp_path):
    suppression_list = read_list(tmp_path, "name,email\nAnn\nBob,bob@example.com\n")
    assert suppression_list.mailboxes == {"bob@example.com"}
    # a header that names no address column: all columns are read, but not the header
    assert read_list(tmp_path, "who,what\nbob@example.com,\n").mailboxes == {"bob@example.com"}
    # a first row with a digit or an at sign is no header, even where it begins like one
    assert read_list(tmp_path, "email2,ann@example.com\n").mailboxes == {"ann@example.com"}


def test_two_addresses_in_a_row_are_two_entries(tmp_path):
    suppression_list = read_list(tmp_path, "ann@example.com,bob@example.com,+44 7700 900123\n")
    assert suppression_list.sources[0]["entries"] == 3
    assert suppression_list.mailboxes == {"ann@example.com", "bob@example.com"}


def test_numbers_are_compared_from_the_right_in_case_of_doubt():
    suppression_list = SuppressionList(numbers=frozenset({"447700900123"}), local_numbers=frozenset({"2125550123"}))
    assert suppression_list.has_phone("900123", None) is False  # six digits are too few
    assert suppression_list.has_phone("0900123", None) is False
    assert suppression_list.has_phone("0900123".lstrip("0").rjust(7, "0"), "+490900123") is False
    assert suppression_list.has_phone("7700900123", None) is True
    # a number with a country code is compared in full, except with numbers on the list without one
    assert suppression_list.has_phone("07700 900123", "+497700900123") is False
    assert suppression_list.has_phone("(212) 555-0123", "+12125550123") is True
    assert suppression_list.has_phone("+44 7700 900123", "+447700900123") is True
    assert suppression_list.has_phone(None, None) is False
    assert SuppressionList(frozenset({"a@b.co"})).has_email(None) is False
    assert SuppressionList(frozenset({"a@b.co"})).has_email("a at b.co") is False
    assert SuppressionList(frozenset({"a@b.co"})).has_email("A@b.co") is True


def test_a_missing_file_is_refused_with_advice(tmp_path):
    with pytest.raises(InputError, match=r"Give a CSV file of e-mail addresses or phone numbers\."):
        SuppressionList.read([tmp_path / "nothing.csv"])
    assert read_list(tmp_path, "") == SuppressionList(sources=({"file": "stop.csv", "entries": 0},))
