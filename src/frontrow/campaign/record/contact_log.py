"""The two logs of a shop: who was contacted in which campaign, and who was held out of it; no personal data.

What a campaign caused is the difference to those held out of it. A second message about the same product would reach
them too, and nothing would be left to compare with: so they are not contacted about it until the horizon of the first
campaign is over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.product_matching import match_campaign_products
from frontrow.campaign.record.register import REGISTER, holds_campaign, mark_recorded, read_register
from frontrow.campaign.record.responses import CampaignResponses
from frontrow.errors import ShopError
from frontrow.shop.unsubscribed import Unsubscribed
from frontrow.storage.commit import commit
from frontrow.storage.pointer import CONTACT_LOG, CUSTOMERS, HELD_OUT_LOG
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.shop_tables import ShopTables
from frontrow.storage.waiting import DEFAULT_WAIT

CONTACT_LOG_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "customer_id": pl.Int64(),
    # on the shop's calendar
    "contacted_on": pl.Date(),
    "channel": pl.String(),
    # the campaign's name
    "campaign": pl.String(),
    # its id; empty where it was planned without a shop's folder
    "campaign_id": pl.String(),
}
HELD_OUT_LOG_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "customer_id": pl.Int64(),
    # of the product, as the campaign planned it
    "product_id": pl.String(),
    "title": pl.String(),
    # the first day, on the shop's calendar, whose orders no longer count
    "until": pl.Date(),
    # the campaign's name
    "campaign": pl.String(),
    # its id; empty where it was planned without a shop's folder
    "campaign_id": pl.String(),
}

HELD_OUT_ORDER: Final = ("until", "campaign", "product_id", "customer_id", "title")


@dataclass(frozen=True)
class ContactLog:
    """Who was contacted, one row a customer, day, channel and campaign.

    Attributes:
        rows: `CONTACT_LOG_SCHEMA`, oldest first.
    """

    rows: pl.DataFrame

    @classmethod
    def empty(cls) -> ContactLog:
        """A log of no contacts."""
        return cls(pl.DataFrame(schema=dict(CONTACT_LOG_SCHEMA)))

    @classmethod
    def read(cls, folder: str | Path) -> ContactLog:
        """The log in a shop's folder; an empty one where nobody was contacted yet.

        Raises:
            ShopError: The folder holds no shop, or the log is damaged.
        """
        return cls(_read_log(Path(folder), CONTACT_LOG, CONTACT_LOG_SCHEMA))

    def contacted(self, *, since: dt.date, at_least: int = 1) -> pl.Series:
        """Customers contacted so many times on or after a day, through any channel.

        Args:
            since: First day that counts.
            at_least: Smallest number of contacts.

        Example:
            >>> day = dt.date(2026, 3, 1)
            >>> log = ContactLog.empty().with_contacts(pl.Series([7, 8]), day, "email", "spring")
            >>> log.contacted(since=day).to_list(), log.contacted(since=day, at_least=2).to_list()
            ([7, 8], [])
        """
        counts = self.rows.filter(pl.col("contacted_on") >= since).group_by("customer_id").len()
        return counts.filter(pl.col("len") >= at_least)["customer_id"].sort()

    def day_of(self, campaign: Campaign) -> dt.date | None:
        """The last day on which a campaign was sent; None where that is not recorded, or nobody was contacted."""
        days = self.rows.filter(pl.col("campaign_id") == campaign.campaign_id, pl.col("campaign") == campaign.name)
        day: dt.date | None = days.select(pl.col("contacted_on").max()).item()
        return day

    def without(self, campaign_id: str) -> ContactLog:
        """The log without the rows of one campaign."""
        return ContactLog(self.rows.filter(pl.col("campaign_id") != campaign_id))

    def with_contacts(
        self, customer_ids: pl.Series, day: dt.date, channel: str, campaign: str, campaign_id: str = ""
    ) -> ContactLog:
        """The log with customers contacted on a day; contacts that it holds already are not added twice.

        Args:
            customer_ids: Customers contacted.
            day: On the shop's calendar.
            channel: email or sms.
            campaign: The campaign's name.
            campaign_id: Its id.
        """
        added = pl.DataFrame({"customer_id": customer_ids}, schema={"customer_id": pl.Int64()}).with_columns(
            contacted_on=pl.lit(day, pl.Date),
            channel=pl.lit(channel),
            campaign=pl.lit(campaign),
            campaign_id=pl.lit(campaign_id),
        )
        rows = pl.concat([self.rows, added]).unique()
        return ContactLog(rows.sort("contacted_on", "campaign", "customer_id", "channel"))


@dataclass(frozen=True)
class HeldOutLog:
    """Who was held out, one row a customer, product and campaign.

    Attributes:
        rows: `HELD_OUT_LOG_SCHEMA`, those whose time ends first come first.
    """

    rows: pl.DataFrame

    @classmethod
    def empty(cls) -> HeldOutLog:
        """A log of nobody held out."""
        return cls(pl.DataFrame(schema=dict(HELD_OUT_LOG_SCHEMA)))

    @classmethod
    def read(cls, folder: str | Path) -> HeldOutLog:
        """The log in a shop's folder; an empty one where nobody was held out yet.

        Raises:
            ShopError: The folder holds no shop, or the log is damaged.
        """
        return cls(_read_log(Path(folder), HELD_OUT_LOG, HELD_OUT_LOG_SCHEMA))

    def without(self, campaign_id: str) -> HeldOutLog:
        """The log without the rows of one campaign."""
        return HeldOutLog(self.rows.filter(pl.col("campaign_id") != campaign_id))

    def ended(self, campaign: Campaign, day: dt.date) -> HeldOutLog:
        """The log with those held out of a campaign held out no longer than until a day.

        Args:
            campaign: As it was planned.
            day: On the shop's calendar.
        """
        is_campaign = (pl.col("campaign_id") == campaign.campaign_id) & (pl.col("campaign") == campaign.name)
        until = pl.when(is_campaign).then(pl.min_horizontal("until", pl.lit(day, pl.Date))).otherwise("until")
        return HeldOutLog(self.rows.with_columns(until=until).sort(*HELD_OUT_ORDER))

    def with_campaign(self, campaign: Campaign) -> HeldOutLog:
        """The log with those held out of a campaign, each with the product assigned; nothing is added twice."""
        columns = {name: HELD_OUT_LOG_SCHEMA[name] for name in ("product_id", "title", "until")}
        products = pl.DataFrame(
            [
                {"product_id": product["product_id"], "title": product["title"], "until": campaign.window_end(product)}
                for product in campaign.products
            ],
            schema=columns,
        )
        added = campaign.held_out.join(products, on="product_id").with_columns(
            campaign=pl.lit(campaign.name), campaign_id=pl.lit(campaign.campaign_id)
        )
        rows = pl.concat([self.rows, added.select(list(HELD_OUT_LOG_SCHEMA))]).unique()
        return HeldOutLog(rows.sort(*HELD_OUT_ORDER))

    def still_held_out(self, new_products: pl.DataFrame, products: pl.DataFrame, day: dt.date) -> pl.DataFrame:
        """Who is held out on a day of products that are planned now, whatever earlier campaigns called them.

        Args:
            new_products: `product_id`, `title`, each once.
            products: The shop's (`schema.PRODUCT_SCHEMA`), which know a product under its new name.
            day: On the shop's calendar.

        Returns:
            `product_id` (of `new_products`), `customer_id`; each pair once.

        Example:
            >>> row = {"customer_id": 7, "product_id": "new:pot", "title": "Pot", "until": dt.date(2026, 4, 1)}
            >>> row |= {"campaign": "spring", "campaign_id": "5f0c"}
            >>> log = HeldOutLog(pl.DataFrame([row], schema=dict(HELD_OUT_LOG_SCHEMA)))
            >>> new_products = pl.DataFrame({"product_id": ["A7"], "title": ["pot"]})
            >>> shop = pl.DataFrame({"product_id": ["A7"], "title": ["Pot"], "aliases": [[]]})
            >>> [log.still_held_out(new_products, shop, dt.date(2026, *day)).height for day in ((3, 31), (4, 1))]
            [1, 0]
        """
        held = self.rows.filter(pl.col("until") > day)
        earlier = held.select("product_id", "title").unique().to_dicts()
        pairs = pl.DataFrame(
            match_campaign_products(new_products.to_dicts(), earlier, products),
            schema={"product_id": pl.String(), "earlier_id": pl.String(), "title": pl.String()},
            orient="row",
        )
        matched = pairs.join(held.rename({"product_id": "earlier_id"}), on=["earlier_id", "title"])
        return matched.select("product_id", "customer_id").unique().sort("product_id", "customer_id")


def record_contacts(
    folder: str | Path, campaign: Campaign, day: dt.date | None = None, *, wait: float = DEFAULT_WAIT
) -> int:
    """Record in a shop's folder who was contacted and who was held out; recording it again changes nothing.

    Customers whom the shop was asked to forget since are left out.

    Args:
        folder: The shop's folder.
        campaign: As it was planned.
        day: The day it was sent, on the shop's calendar; None for the day recorded before, else the day it was planned
            for. The days that count stay the planned ones.
        wait: Seconds to wait for another command that is changing the shop.

    Returns:
        How many contacts are new.

    Raises:
        ShopError: The folder holds no shop, or one of the two logs is damaged; both stay as they were.
        ShopLockedError: Another command did not finish in time.
    """
    folder = Path(folder)
    with lock_shop(folder, "contacted", wait=wait):
        before = ContactLog.read(folder).rows
        tables = logs_with(folder, campaign, day)
        register = mark_recorded(folder, campaign)
        commit(folder, tables, {} if register is None else {REGISTER: register})
        return ContactLog.read(folder).rows.height - before.height


def logs_with(folder: Path, campaign: Campaign, day: dt.date | None = None) -> dict[str, pl.LazyFrame]:
    """Both logs of a shop with a campaign, as they are kept on disk; the caller has the shop's lock.

    Args:
        folder: The shop's folder.
        campaign: As it was planned.
        day: See `record_contacts`.
    """
    campaign = _without_forgotten(campaign, folder)
    contacts, held_out = ContactLog.read(folder), HeldOutLog.read(folder)
    contacts = contacts.with_contacts(
        campaign.contacted["customer_id"],
        day or contacts.day_of(campaign) or campaign.as_of.date(),
        campaign.channel,
        campaign.name,
        campaign.campaign_id,
    )
    tables = {CONTACT_LOG: contacts.rows.lazy()}
    if campaign.held_out.height:
        tables[HELD_OUT_LOG] = held_out.with_campaign(campaign).rows.lazy()
    return tables


def rebuild_logs(folder: Path) -> dict[str, pl.LazyFrame]:
    """Make the logs again from the folders of campaigns: who was contacted, held out, and has unsubscribed.

    The caller has the shop's lock.

    A day other than the planned one is not known any more, nor is a campaign whose folder is gone. Who has opted in
    again since counts as unsubscribed again: in case of doubt, nobody is contacted.

    Args:
        folder: The shop's folder.
    """
    contacts, held_out, unsubscribed = ContactLog.empty(), HeldOutLog.empty(), Unsubscribed()
    for registered in read_register(folder).values():
        unsubscribed = _add_unsubscribed(unsubscribed, Path(registered.folder), folder)
        if registered.recorded and holds_campaign(Path(registered.folder), registered.campaign_id):
            campaign = _without_forgotten(Campaign.read(registered.folder), folder)
            held_out = held_out.with_campaign(campaign)
            contacts = contacts.with_contacts(
                campaign.contacted["customer_id"],
                campaign.as_of.date(),
                campaign.channel,
                campaign.name,
                campaign.campaign_id,
            )
    return {CONTACT_LOG: contacts.rows.lazy(), HELD_OUT_LOG: held_out.rows.lazy(), **unsubscribed.to_tables()}


def _add_unsubscribed(unsubscribed: Unsubscribed, place: Path, folder: Path) -> Unsubscribed:
    """Those as well whom the results of a campaign say to have unsubscribed; nobody where its folder is gone."""
    responses = CampaignResponses.read(place)
    if responses is None or not holds_campaign(place, responses.campaign_id):
        return unsubscribed
    campaign = Campaign.read(place)
    customers = _known_customers(folder).filter(
        pl.col("customer_id").is_in([*responses.customers.get("unsubscribed", ())])
    )
    return unsubscribed.add(customers["customer_id"], campaign.channel, campaign.as_of.date(), campaign.name)


def _without_forgotten(campaign: Campaign, folder: Path) -> Campaign:
    """The campaign without customers who are not in the shop any more."""
    assignment = campaign.assignment.join(_known_customers(folder), on="customer_id", how="semi")
    return replace(campaign, assignment=assignment)


def _known_customers(folder: Path) -> pl.DataFrame:
    """`customer_id` of every customer of a shop."""
    tables = ShopTables.open(folder, (CUSTOMERS,))
    customers = tables.scan(CUSTOMERS).select("customer_id").collect()
    tables.close()
    return customers


def _read_log(folder: Path, name: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The rows of a log, none of whose columns has nulls; no rows where the shop has no such log yet."""
    tables = ShopTables.open(folder, (name,))
    if name not in tables:
        return pl.DataFrame(schema=dict(schema))
    rows = tables.read(name)
    if dict(rows.schema) != dict(schema) or rows.null_count().sum_horizontal().item():
        raise ShopError(
            f"{folder / tables.pointer.tables[name].file} is no {name.replace('_', ' ')}: expected "
            f"{', '.join(schema)}, none empty. Find out what is left with: frontrow check {folder}"
        )
    return rows
