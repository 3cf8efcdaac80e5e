"""What a campaign takes from the shop's configuration where a run does not say it: money and contact rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from frontrow.campaign.economics.economics import Economics, IncrementalShare
from frontrow.campaign.eligibility.contact_rules import DO_NOT_CONTACT, ContactRules
from frontrow.campaign.uplift.measurement import read_incremental_share
from frontrow.errors import SettingError
from frontrow.shop.config import ShopConfig


@dataclass(frozen=True)
class MoneySettings:
    """What a run says about money, in the shop's currency; None where it says nothing.

    Attributes:
        margin: Earned per unit at its full price.
        contact_cost: Cost of one contact.
        discount: Money off per unit, for everyone contacted.
        capacity: Most customers contacted.
        budget: Most money spent on contacts.
        stock: Units in stock of a single product.
        incremental_share: Lowest and highest share of the buyers who would not have bought anyway, an assumption.
        measured: Folder of an earlier campaign whose hold-out measured that share.
    """

    margin: float | None = None
    contact_cost: float | None = None
    discount: float = 0.0
    capacity: int | None = None
    budget: float | None = None
    stock: float | None = None
    incremental_share: tuple[float, float] | None = None
    measured: Path | None = None

    def to_economics(self, config: ShopConfig) -> Economics | None:
        """Margin, costs and limits with the shop's where the run says nothing; None where neither names a margin.

        Args:
            config: What the shop has stated.

        Raises:
            SettingError: Costs or limits are given without a margin, or an assumed share beside a measured one.
            CampaignError: An amount is negative, or the earlier campaign was not measured.
        """
        share = self._share()
        margin = config.margin if self.margin is None else self.margin
        if margin is None:
            limits = (self.capacity, self.budget, self.stock, share)
            if self.contact_cost or self.discount or any(limit is not None for limit in limits):
                raise SettingError("margin", "Costs and limits need a margin beside them: what a unit earns.")
            return None
        contact_cost = config.contact_cost if self.contact_cost is None else self.contact_cost
        return Economics(
            margin,
            contact_cost or 0.0,
            self.discount,
            self.capacity,
            self.budget,
            self.stock,
            share or IncrementalShare(),
        )

    def _share(self) -> IncrementalShare | None:
        if self.incremental_share is not None and self.measured is not None:
            raise SettingError("measured", "Give --incremental-share or --measured, not both.")
        if self.measured is not None:
            return read_incremental_share(self.measured)
        if self.incremental_share is None:
            return None
        low, high = self.incremental_share
        return IncrementalShare(low, (low + high) / 2, high)


@dataclass(frozen=True)
class ContactRuleSettings:
    """What a run says about who must not be contacted; None where it says nothing. See `ContactRules`.

    Attributes:
        channel: `email` or `sms`.
        countries: Only customers whose last order went to one of these.
        not_countries: Nobody whose last order went to one of these.
        not_tagged: Nobody with one of these customer tags, beside those that always count.
        not_contacted_days: Nobody contacted often enough in so many days.
        max_contacts: How often is often enough.
        not_refunded_days: Nobody with a partial refund in so many days.
        phone_region: ISO country code for phone numbers without one.
    """

    channel: str | None = None
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    not_tagged: tuple[str, ...] = ()
    not_contacted_days: int | None = None
    max_contacts: int = 1
    not_refunded_days: int | None = None
    phone_region: str | None = None

    def to_rules(self, config: ShopConfig) -> ContactRules:
        """The rules with the shop's where the run says nothing.

        Args:
            config: What the shop has stated.

        Raises:
            CampaignError: The channel is unknown, or a number of days or contacts is below one.
        """
        return ContactRules(
            channel=self.channel or config.channel or "email",  # type: ignore[arg-type]  # checked by the rules
            countries=self.countries,
            not_countries=self.not_countries,
            not_tagged=(*DO_NOT_CONTACT, *self.not_tagged),
            not_contacted_days=self.not_contacted_days or config.not_contacted_days,
            max_contacts=self.max_contacts,
            not_refunded_days=self.not_refunded_days,
            phone_region=self.phone_region or config.phone_region,
        )
