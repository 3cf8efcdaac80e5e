"""The road through the pages, from exports that are dropped to what a campaign earned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from browser_exports import Exports, add_caused_orders
from browser_walker import Walker

FIELDS = {
    "title": "Title",
    "product_type": "Type",
    "vendor": "Vendor",
    "tags": "Tags",
    "price": "Price",
    "margin": "Margin",
}


@dataclass(frozen=True)
class Files:
    """What was downloaded.

    Attributes:
        contacted: The file to send with.
        held_out: The file of those held out.
        clicks: What was clicked on from the exports to the first file.
        seconds: By the part of the road.
    """

    contacted: Path
    held_out: Path
    clicks: tuple[str, ...]
    seconds: dict[str, float]


def walk_to_the_file(
    walker: Walker,
    exports: Exports,
    shop: str,
    folder: Path,
    look: Callable[[str], None],
    length: str = "",
    cost: str = "",
) -> Files:
    """Go from exports to the files of a campaign.

    Args:
        walker: Stands on the first page.
        exports: What to drop, and the product.
        shop: Name of the shop.
        folder: Where to save the files.
        look: Called with the name of each page on the way.
        length: Of the list; empty to take what the page proposes.
        cost: Of one contact; it takes a click more.
    """
    seconds, before = {}, len(walker.clicks)
    look("shops")
    walker.drop(exports.before)
    walker.type("Name of the shop", shop)
    walker.type("Time zone", exports.time_zone)
    look("shops with files")
    start = monotonic()
    walker.click("Import", "button")
    walker.arrive("/imports/")
    seconds["import"] = monotonic() - start
    look("import")
    walker.click("Describe a new product")
    for name, text in exports.product.items():
        walker.type(FIELDS[name], text)
    walker.page.get_by_text("Most like it, and what they sold").wait_for()
    look("new product")
    start = monotonic()
    walker.click("Rank the customers", "button")
    walker.arrive("/jobs/")
    look("job")
    walker.arrive("/audiences/")
    seconds["audience"] = monotonic() - start
    look("audience")
    walker.click("How many to contact")
    if cost:
        walker.type("Cost of one contact", cost)
        walker.click("Work it out again", "button")
        walker.page.wait_for_url("**contact_cost**")
    walker.page.locator("#slide").wait_for()
    if length:
        walker.type("Customers on the list", length)
    look("how many")
    start = monotonic()
    walker.click("Plan this campaign", "button")
    walker.arrive("/campaigns/")
    seconds["campaign"] = monotonic() - start
    look("campaign")
    contacted = walker.download("Download those to contact", folder)
    clicks = tuple(walker.clicks[before:])
    held_out = walker.download("Download those held out", folder)
    return Files(contacted, held_out, clicks, seconds)


def walk_to_the_verdict(
    walker: Walker, exports: Exports, files: Files, look: Callable[[str], None], caused: float = 0.15
) -> float:
    """Mark a campaign as sent, and measure it with the orders since; return the seconds it took.

    Args:
        walker: Stands on the campaign's page.
        exports: The orders since.
        files: Those of the campaign.
        look: Called with the name of each page on the way.
        caused: Share of those contacted who order because of the campaign, which is written into the orders since.
    """
    if caused:
        add_caused_orders(exports, files.contacted, share=caused)
    walker.type("Sent on", exports.launch_day.isoformat())
    walker.click("Mark as sent", "button")
    walker.page.get_by_text("It is recorded as sent.").wait_for()
    look("campaign sent")
    walker.click("measure what it earned")
    walker.drop([exports.later])
    look("to be measured")
    start = monotonic()
    walker.click("Measure", "button")
    walker.arrive("/earned$")
    walker.page.get_by_text("Measure again").wait_for()
    look("earned")
    return monotonic() - start


def look_around(walker: Walker, shop: str, look: Callable[[str], None]) -> None:
    """Look at the pages beside the road.

    Args:
        walker: Has the server's pages open.
        shop: Name of the shop.
        look: Called with the name of each page.
    """
    for name, path in {
        "all shops": "",
        "shop": f"shops/{shop}",
        "launches": f"shops/{shop}/launches",
        "campaigns": f"shops/{shop}/campaigns",
        "all campaigns together": f"shops/{shop}/campaigns/together",
        "what next": f"shops/{shop}/next",
        "is it right": f"shops/{shop}/evidence",
        "jobs": "jobs",
    }.items():
        walker.page.goto(f"{walker.root}/{path}")
        look(name)
    walker.page.goto(f"{walker.root}/shops/{shop}/campaigns")
    campaign = walker.page.locator("main table a").first.get_attribute("href")
    walker.page.goto(f"{walker.root}{campaign}/push/klaviyo")
    look("send to a platform")


def walk_to_proof_and_lists(walker: Walker, shop: str, look: Callable[[str], None]) -> None:
    """Test the past launches, and make lists of what customers will want next.

    Args:
        walker: Has the server's pages open.
        shop: Name of the shop.
        look: Called with the name of each page.
    """
    walker.page.goto(f"{walker.root}/shops/{shop}/evidence")
    walker.click("Test past launches", "button")
    walker.arrive("/evidence")
    look("is it right, tested")
    walker.page.goto(f"{walker.root}/shops/{shop}/next")
    walker.click("Make the lists", "button")
    walker.arrive("/next/")
    look("lists")
