"""The contacts of a campaign with their addresses, and the export files, the only place where addresses are written.

Each platform gets a file of those held out as well, so that its own rules can leave them out of other messages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.campaign.eligibility.contact_rules import ContactRules, resolve_identities
from frontrow.campaign.export import CONTACT_SCHEMA, get_export
from frontrow.campaign.properties import with_properties, write_properties
from frontrow.campaign.record.campaign import EXPORTS, Campaign, check_free
from frontrow.errors import CampaignError
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.shop.unsubscribed import CONSENT
from frontrow.storage.folder import new_folder

HELD_OUT_STEM: Final = "held-out"
LONGEST_PART: Final = 40  # characters of each of a tag's two parts: Mailchimp accepts 100 in all


@dataclass(frozen=True)
class ExportFile:
    """A file that was written.

    Attributes:
        export: Name of the platform.
        product_id: Product that its contacts hear of; empty for those held out of all products.
        path: Path of the file.
        rows: Number of customers in it.
        held_out: Whether they are held out, and must not be contacted.
    """

    export: str
    product_id: str
    path: Path
    rows: int
    held_out: bool = False


def collect_contacts(campaign: Campaign, history: History, rules: ContactRules) -> pl.DataFrame:
    """Those whom a campaign contacts, with their addresses (`export.CONTACT_SCHEMA`), by product and rank.

    Args:
        campaign: As it was planned.
        history: The shop's customers.
        rules: The campaign's contact rules.

    Raises:
        CampaignError: Someone has withdrawn consent or lost the address since the campaign was planned.
    """
    tags = [campaign_tag(campaign.name, stem) for stem in product_stems(campaign).values()]
    contacts = _add_addresses(campaign.contacted, tags, campaign, history, rules)
    if contacts.height != campaign.contacted.height:
        missing = campaign.contacted.height - contacts.height
        raise CampaignError(f"{missing:,} on the list may not be contacted any more. Plan the campaign again.")
    return contacts


def collect_held_out(campaign: Campaign, history: History, rules: ContactRules) -> pl.DataFrame:
    """Those whom a campaign holds out, with their addresses and one tag (`export.CONTACT_SCHEMA`).

    Args:
        campaign: As it was planned.
        history: The shop's customers; who may not be contacted any more is left out, as nobody writes to them anyway.
        rules: The campaign's contact rules.
    """
    tags = [campaign_tag(campaign.name, HELD_OUT_STEM)] * len(campaign.products)
    return _add_addresses(campaign.held_out, tags, campaign, history, rules)


def _add_addresses(
    rows: pl.DataFrame, tags: Sequence[str], campaign: Campaign, history: History, rules: ContactRules
) -> pl.DataFrame:
    """Rows of an assignment as contacts; `tags` has one text a product of the campaign."""
    customers = resolve_identities(history, rules).filter(
        pl.col(CONSENT[rules.channel]) & pl.col("address").is_not_null()
    )
    products = pl.DataFrame(
        [{"product_id": product["product_id"], "title": product["title"]} for product in campaign.products],
        schema={"product_id": pl.String, "title": pl.String},
    )
    contacts = (
        rows.join(customers.select("customer_id", "address", "tags"), on="customer_id")
        .join(products.with_columns(campaign_tag=pl.Series(tags, dtype=pl.String)), on="product_id")
        .sort("product_id", "rank", "customer_id")
    )
    return conform(contacts, CONTACT_SCHEMA)


def write_campaign(
    campaign: Campaign,
    folder: str | Path,
    contacts: pl.DataFrame,
    exports: Sequence[str],
    *,
    held_out: pl.DataFrame | None = None,
    properties: pl.DataFrame | None = None,
) -> list[ExportFile]:
    """Write a campaign folder with its export files: all of it or nothing.

    Args:
        campaign: As it was planned.
        folder: Must not exist, or be empty.
        contacts: What `collect_contacts` returns.
        exports: Names of platforms.
        held_out: What `collect_held_out` returns; None to write no files of them.
        properties: What `properties.build_properties` returns; None to write none.

    Raises:
        CampaignError: The folder is not empty, or there is no such export.
    """
    folder = Path(folder)
    check_free(folder)
    with new_folder(folder) as staged:
        return write_files(campaign, staged, contacts, exports, held_out=held_out, properties=properties, place=folder)


def write_files(
    campaign: Campaign,
    staged: Path,
    contacts: pl.DataFrame,
    exports: Sequence[str],
    *,
    held_out: pl.DataFrame | None = None,
    properties: pl.DataFrame | None = None,
    place: Path,
) -> list[ExportFile]:
    """Write what a campaign folder holds into an empty folder.

    Args:
        campaign: As it was planned.
        staged: The empty folder.
        contacts: What `collect_contacts` returns.
        exports: Names of platforms.
        held_out: What `collect_held_out` returns; None to write no files of them.
        properties: What `properties.build_properties` returns; None to write none.
        place: What the folder is to become; the paths that are returned lie there.

    Raises:
        CampaignError: There is no such export.
    """
    platforms = [get_export(name) for name in dict.fromkeys(exports)]
    stems = product_stems(campaign)
    written = []
    replace(campaign, exports=tuple(platform.name for platform in platforms)).write(staged)
    if properties is not None:
        write_properties(staged, properties)
    contacts = with_properties(contacts, properties)
    held_out = None if held_out is None else with_properties(held_out, properties)
    for platform in platforms:
        (staged / EXPORTS).mkdir(exist_ok=True)
        for (product_id,), rows in contacts.group_by("product_id", maintain_order=True):
            stem = f"{platform.name}-{stems[str(product_id)]}"
            for path, count in platform.write(rows, campaign.channel, staged / EXPORTS, stem):
                written.append(ExportFile(platform.name, str(product_id), place / EXPORTS / path.name, count))
        if held_out is not None and held_out.height:
            stem = f"{platform.name}-{HELD_OUT_STEM}-do-not-contact"
            for path, count in platform.write(held_out, campaign.channel, staged / EXPORTS, stem):
                written.append(ExportFile(platform.name, "", place / EXPORTS / path.name, count, held_out=True))
    return written


def campaign_tag(name: str, stem: str) -> str:
    """The tag that identifies a campaign's contacts on platforms with one pool of contacts: letters, digits, hyphens.

    Args:
        name: Name of the campaign.
        stem: The product's, as `product_stems` returns it.

    Example:
        >>> campaign_tag("Spring 2026", "red-pot")
        'frontrow-spring-2026-red-pot'
    """
    return f"frontrow-{_slug(name)}-{stem}"


def product_stems(campaign: Campaign) -> dict[str, str]:
    """Each product's id in letters, digits and hyphens; numbered where two ids would give one name."""
    ids = [str(product["product_id"]) for product in campaign.products]
    slugs = [_slug(product_id.removeprefix("new:")) for product_id in ids]
    return {
        product_id: slug if slugs.count(slug) == 1 else f"{number}-{slug}"
        for number, (product_id, slug) in enumerate(zip(ids, slugs, strict=True), 1)
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST_PART].strip("-") or "x"
