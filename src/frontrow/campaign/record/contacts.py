"""The contacts of a campaign with their addresses, and the files they are exported to: the only way out for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from frontrow.campaign.eligibility.contact_rules import CONSENT, ContactRules
from frontrow.campaign.eligibility.identity_resolution import known_people
from frontrow.campaign.export import CONTACT_SCHEMA, export_named
from frontrow.campaign.record.campaign import EXPORTS, Campaign, check_free
from frontrow.errors import CampaignError
from frontrow.schema import conform
from frontrow.shop.shop import History
from frontrow.storage.folder import new_folder

LONGEST_PART = 40  # of a tag's two parts: Mailchimp takes 100 characters in all


@dataclass(frozen=True)
class ExportFile:
    """A file that was written.

    Attributes:
        export: The platform's name.
        product_id: What its contacts hear of.
        path: Where it is.
        rows: Contacts in it.
    """

    export: str
    product_id: str
    path: Path
    rows: int


def contacts_of(campaign: Campaign, history: History, rules: ContactRules) -> pl.DataFrame:
    """Those whom a campaign contacts, with their addresses (`exports.base.CONTACT_SCHEMA`), by product and rank.

    Raises:
        CampaignError: Someone has withdrawn consent or lost the address since the campaign was planned.
    """
    people = known_people(history, rules).filter(pl.col(CONSENT[rules.channel]) & pl.col("address").is_not_null())
    named = pl.DataFrame(
        [{"product_id": one["product_id"], "title": one["title"]} for one in campaign.products],
        schema={"product_id": pl.String, "title": pl.String},
    )
    tags = [campaign_tag(campaign.name, one) for one in product_stems(campaign).values()]
    contacts = (
        campaign.contacted.join(people.select("customer_id", "address", "tags"), on="customer_id")
        .join(named.with_columns(campaign_tag=pl.Series(tags, dtype=pl.String)), on="product_id")
        .sort("product_id", "rank", "customer_id")
    )
    if contacts.height != campaign.contacted.height:
        gone = campaign.contacted.height - contacts.height
        raise CampaignError(f"{gone:,} on the list may not be contacted any more. Plan the campaign anew.")
    return conform(contacts, CONTACT_SCHEMA)


def write_campaign(
    campaign: Campaign, folder: str | Path, contacts: pl.DataFrame, exports: Sequence[str]
) -> list[ExportFile]:
    """Write a campaign folder with its export files: all of it or nothing.

    Args:
        campaign: What was planned.
        folder: Must not be there, or be empty.
        contacts: Of `contacts_of`.
        exports: Names of platforms.

    Raises:
        CampaignError: The folder holds something, or there is no such export.
    """
    folder = Path(folder)
    check_free(folder)
    platforms = [export_named(name) for name in dict.fromkeys(exports)]
    stems = product_stems(campaign)
    written = []
    with new_folder(folder) as staged:
        campaign.write(staged)
        for platform in platforms:
            (staged / EXPORTS).mkdir(exist_ok=True)
            for (product_id,), rows in contacts.group_by("product_id", maintain_order=True):
                stem = f"{platform.name}-{stems[str(product_id)]}"
                for path, count in platform.write(rows, campaign.channel, staged / EXPORTS, stem):
                    told = folder / EXPORTS / path.name
                    written.append(ExportFile(platform.name, str(product_id), told, count))
    return written


def campaign_tag(name: str, product: str) -> str:
    """What platforms that keep one pool of contacts tell a campaign's by; letters, digits and hyphens.

    Example:
        >>> campaign_tag("Spring 2026", "red-pot")
        'frontrow-spring-2026-red-pot'
    """
    return f"frontrow-{_slug(name)}-{product}"


def product_stems(campaign: Campaign) -> dict[str, str]:
    """Each product's id in letters, digits and hyphens; numbered where two ids would give one name."""
    ids = [str(one["product_id"]) for one in campaign.products]
    slugs = [_slug(one.removeprefix("new:")) for one in ids]
    return {
        one: slug if slugs.count(slug) == 1 else f"{number}-{slug}"
        for number, (one, slug) in enumerate(zip(ids, slugs, strict=True), 1)
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST_PART].strip("-") or "x"
