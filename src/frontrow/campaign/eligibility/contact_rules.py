"""The rules of a shop about who must not be contacted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from frontrow.campaign.eligibility.addresses import Channel
from frontrow.errors import CampaignError

CONSENT: Final = {"email": "accepts_email", "sms": "accepts_sms"}
DO_NOT_CONTACT: Final = ("do not contact", "refunded")
"""Customer tags that keep their bearers out of every campaign."""


@dataclass(frozen=True)
class ContactRules:
    """Who must not be contacted. Consent, an address and not having bought the product are always asked for.

    Attributes:
        channel: email or sms; consent and address are the channel's own.
        countries: Only customers whose last order went to one of these, spelled as in the orders; empty for all.
        not_countries: Nobody whose last order went to one of these. Where either is given, a country not known is
            excluded.
        not_tagged: Nobody with one of these customer tags; case, spaces, hyphens and underscores do not matter.
        not_contacted_days: Nobody contacted often enough in so many days before the cutoff, or since; None for no rule.
        max_contacts: How often is often enough.
        not_refunded_days: Nobody with a partially refunded order in so many days; None for no rule, as most are
            refunds of one article. Orders refunded in full are not in the shop.
        phone_region: ISO country code of two letters, for phone numbers without a country code of customers whose
            country is not known as two letters.

    Raises:
        CampaignError: The channel is none, or a number of days or contacts is below one.
    """

    channel: Channel = "email"
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    not_tagged: tuple[str, ...] = DO_NOT_CONTACT
    not_contacted_days: int | None = None
    max_contacts: int = 1
    not_refunded_days: int | None = None
    phone_region: str | None = None

    def __post_init__(self) -> None:
        if self.channel not in CONSENT:
            raise CampaignError(f'"{self.channel}" is no channel. The channels are: {", ".join(CONSENT)}.')
        for name in ("not_contacted_days", "max_contacts", "not_refunded_days"):
            if getattr(self, name) is not None and getattr(self, name) < 1:
                raise CampaignError(f"{name} is {getattr(self, name)}. Give one or more.")
