"""Addresses as they are compared, exported and hashed: e-mails trimmed and lower-cased, phone numbers in E.164."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final, Literal, get_args

import polars as pl

Channel = Literal["email", "sms"]
CHANNELS: Final[tuple[str, ...]] = get_args(Channel)

# The first character keeps a spreadsheet from taking the cell for a formula; a real address has none of these there.
EMAIL: Final = re.compile(
    r"^[^\s@,;:\"'<>()\[\]=+\uff1d\uff0b\uff0d\uff20-][^\s@,;:\"<>()\[\]]*"
    r"@[^\s@,;:\"'<>()\[\]]+\.[^\s@,;:\"'<>()\[\].]+$"
)
GMAIL: Final = ("gmail.com", "googlemail.com")
COUNTRY_CODE: Final = re.compile(r"^[A-Z]{2}$")


def normal_email(text: str | None) -> str | None:
    """An e-mail address trimmed and lower-cased; None for text that is not one.

    Example:
        >>> normal_email("  Jane.Doe@Example.com "), normal_email("jane at example.com"), normal_email("=1+1@a.com")
        ('jane.doe@example.com', None, None)
    """
    bare = (text or "").strip().lower()
    return bare if EMAIL.match(bare) else None


def mailbox(email: str) -> str:
    """The mailbox behind a normal e-mail address: Gmail ignores dots, and what follows a plus sign.

    Example:
        >>> mailbox("cloudy.sanfrancisco+shopping@gmail.com"), mailbox("user.name+nyc@example.com")
        ('cloudysanfrancisco@gmail.com', 'user.name+nyc@example.com')
    """
    name, _, domain = email.partition("@")
    return f"{name.partition('+')[0].replace('.', '')}@{domain}" if domain in GMAIL else email


def normal_phone(text: str | None, region: str | None = None) -> str | None:
    """A phone number in E.164; None for text that is not one, or whose country code is unknown.

    Args:
        text: As typed.
        region: ISO 3166 code of two letters, for numbers without a country code; anything else counts as unknown.

    Example:
        >>> normal_phone("(212) 555-0123", "US"), normal_phone("+44 7700 900123"), normal_phone("07700 900123")
        ('+12125550123', '+447700900123', None)
    """
    import phonenumbers

    code = (region or "").strip().upper()
    try:
        number = phonenumbers.parse(text or "", code if COUNTRY_CODE.match(code) else None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def sha256(text: str) -> str:
    """The SHA-256 digest in lower-case hexadecimal digits.

    Example:
        >>> sha256("test@example.com")[:16]
        '973dfe463ec85785'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def normal_addresses(customers: pl.DataFrame, channel: Channel, default_region: str | None = None) -> pl.Series:
    """The address of each customer for a channel, normalised; null where there is none.

    Args:
        customers: `email`, `phone`, and `country` (of the last order).
        channel: email or sms.
        default_region: Country code for phone numbers of customers whose country is not known as two letters.

    Returns:
        `address`, strings, in the order of the rows.
    """
    if channel == "email":
        addresses = [normal_email(email) for email in customers["email"]]
    else:
        rows = customers.select("phone", "country").iter_rows()
        addresses = [
            None if phone is None else normal_phone(phone, _region(country, default_region)) for phone, country in rows
        ]
    return pl.Series("address", addresses, pl.String)


def address_identities(addresses: pl.Series, channel: Channel) -> pl.Series:
    """What identifies the person behind each address: the mailbox of an e-mail address, or the phone number itself.

    Args:
        addresses: As `normal_addresses` returns them.
        channel: email or sms.

    Returns:
        `identity`, strings, null where there is no address.
    """
    if channel == "sms":
        return addresses.alias("identity")
    return pl.Series("identity", [None if email is None else mailbox(email) for email in addresses], pl.String)


def _region(country: str | None, default_region: str | None) -> str | None:
    code = (country or "").strip().upper()
    return code if COUNTRY_CODE.match(code) else default_region


def digits(text: str) -> str:
    """The digits of a phone number, without leading zeros.

    Example:
        >>> digits("(020) 7946-0958")
        '2079460958'
    """
    return re.sub(r"\D", "", text).lstrip("0")


def endings(numbers: Sequence[str], fewest_digits: int) -> set[str]:
    """Every ending of the numbers that has at least so many digits.

    Args:
        numbers: Digits of phone numbers.
        fewest_digits: Digits of the shortest ending.

    Example:
        >>> sorted(endings(["4479"], 3))
        ['4479', '479']
    """
    return {number[start:] for number in numbers for start in range(len(number) - fewest_digits + 1)}
