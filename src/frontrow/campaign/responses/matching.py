"""Match what a platform says of addresses to the customers of a shop; after this, nothing holds an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from frontrow.campaign.addresses import Channel, address_identities, digits, mailbox, normal_email, normal_phone
from frontrow.campaign.eligibility.contact_rules import is_suppressed
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.responses.reading import ResponseRows


@dataclass(frozen=True)
class MatchedResponses:
    """What a platform says of customers.

    Attributes:
        customers: `customer_id` and `response`, each pair once; both records of a person who has two.
        unsubscribed: The numbers of those who have unsubscribed: every record with the address.
        unmatched: Number of addresses that no customer of the shop has.
        unreadable: Number of rows whose address is none.
        rows: Number of rows with an address.
    """

    customers: pl.DataFrame
    unsubscribed: pl.Series
    unmatched: int
    unreadable: int
    rows: int


def match_responses(
    parts: Sequence[ResponseRows], customers: pl.DataFrame, channel: Channel, region: str | None
) -> MatchedResponses:
    """Replace addresses by customer numbers.

    Args:
        parts: What files or a platform say.
        customers: What `contact_rules.resolve_identities` returns.
        channel: Of the campaign.
        region: ISO country code of two letters for phone numbers without a country code.
    """
    rows = pl.concat(
        [pl.DataFrame(schema={"address": pl.String, "response": pl.String}), *(_to_long(part) for part in parts)]
    )
    addresses = pl.concat([pl.Series("address", [], pl.String), *(part.rows["address"] for part in parts)])
    normal = _normalize(addresses.unique(), channel, region)
    known_as = customers.select("customer_id", "identity").drop_nulls()
    matched = (
        rows.join(normal, on="address")
        .drop_nulls("identity")
        .join(known_as, on="identity")
        .select("customer_id", "response")
        .unique()
        .sort("response", "customer_id")
    )
    is_unmatched = normal.drop_nulls("identity").join(known_as, on="identity", how="anti")
    return MatchedResponses(
        customers=matched,
        unsubscribed=_find_unsubscribed(rows, customers, region),
        unmatched=is_unmatched["identity"].n_unique(),
        unreadable=int(addresses.is_in(normal.filter(pl.col("identity").is_null())["address"].implode()).sum()),
        rows=len(addresses),
    )


def _to_long(part: ResponseRows) -> pl.DataFrame:
    """One row an address and response."""
    long = part.rows.unpivot(index="address", variable_name="response", value_name="is_true")
    return long.filter(pl.col("is_true")).select("address", pl.col("response").cast(pl.String)).unique()


def _normalize(addresses: pl.Series, channel: Channel, region: str | None) -> pl.DataFrame:
    """`address` as in the file, and the `identity` that a customer is recognised by; null for what is no address."""
    if channel == "email":
        plain = [normal_email(_unquote(address)) for address in addresses]
    else:
        plain = [normal_phone(_unquote(address), region) for address in addresses]
    identities = address_identities(pl.Series(plain, dtype=pl.String), channel)
    return pl.DataFrame({"address": addresses, "identity": identities}, schema_overrides={"identity": pl.String})


def _find_unsubscribed(rows: pl.DataFrame, customers: pl.DataFrame, region: str | None) -> pl.Series:
    """Every record of a person who has unsubscribed, as a suppression list would find it: in case of doubt, yes."""
    texts = [_unquote(text) for text in rows.filter(pl.col("response") == "unsubscribed")["address"]]
    emails = {email for text in texts if (email := normal_email(text))}
    phones = {normal_phone(text, region) or text for text in texts if "@" not in text}
    listed = SuppressionList(
        mailboxes=frozenset(emails | {mailbox(email) for email in emails}),
        numbers=frozenset(digits(phone) for phone in phones if phone.startswith("+")),
        local_numbers=frozenset(number for phone in phones if not phone.startswith("+") and (number := digits(phone))),
    )
    return customers.filter(is_suppressed(customers, listed, region))["customer_id"]


def _unquote(text: str) -> str:
    """An address without what spreadsheets put around it."""
    return text.strip().strip("'").strip()
