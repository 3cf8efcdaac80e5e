"""How a shop stands, for a page: what needs doing with the page that does it, and the next step of the road."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from frontrow.errors import FrontrowError, ShopError
from frontrow.present.shop_status import ShopStatus, Task
from frontrow.service.cached_shop import open_cached_shop
from frontrow.service.opening import OpenedShop
from frontrow.service.status import StatusSettings, read_status
from frontrow.web.jobs.job import Job
from frontrow.web.pages.addresses import address
from frontrow.web.pages.source_list import ListedSource, describe_sources
from frontrow.web.server_state import Server

MOST_AUDIENCES: Final = 10
"""Audiences that a shop's page lists."""

PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "import": ("Add orders", "#import"),
    "check_orders": ("Add orders", "#import"),
    "import_older_orders": ("See the launches", "/launches"),
    "measure": ("See the campaigns", "/campaigns"),
    "push": ("See the campaigns", "/campaigns"),
    "train": ("Train it again", "/next"),
}
"""By the kind of a task: what the link to the page that does it says, and where that is below the shop's own page."""


@dataclass(frozen=True)
class ToDo:
    """Something that needs doing.

    Attributes:
        sentence: What is wrong and what to do.
        link: What its link says; empty where no page does it.
        href: The page that does it.
    """

    sentence: str
    link: str
    href: str


@dataclass(frozen=True)
class NextStep:
    """What a person does next.

    Attributes:
        title: What the button says.
        sentence: Why.
        href: Where it leads.
        at: The step of the road that it belongs to.
    """

    title: str
    sentence: str
    href: str
    at: str


@dataclass(frozen=True)
class ListedAudience:
    """An audience of a shop.

    Attributes:
        job: The job that made it.
        titles: Titles of its products.
        href: Its page.
    """

    job: Job
    titles: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class ShopOverview:
    """A shop, as its card and its page show it.

    Attributes:
        name: Its name.
        href: Its page.
        status: How it stands; None where it cannot be read.
        problem: Why it cannot be read; empty where it can.
        to_do: What needs doing, the most important first.
        next_step: What a person does next.
        audiences: Its latest audiences.
        jobs: What runs or waits.
        sources: Where its orders come from by themselves.
    """

    name: str
    href: str
    status: ShopStatus | None
    problem: str
    to_do: tuple[ToDo, ...]
    next_step: NextStep
    audiences: tuple[ListedAudience, ...]
    jobs: tuple[Job, ...]
    sources: tuple[ListedSource, ...] = ()


def describe_shop(server: Server, name: str, folder: Path) -> ShopOverview:
    """Look at a shop.

    Args:
        server: The server.
        name: Name of the shop.
        folder: The shop's folder.
    """
    status, problem = _read_status(folder)
    ranked = server.jobs.list(shop=name, kind="audience", state="done", limit=MOST_AUDIENCES)
    audiences = tuple(describe_audience(job) for job in ranked)
    written = server.jobs.list(shop=name, kind="campaign", state="done", limit=sys.maxsize)
    planned = {str(job.request["audience"]) for job in written}
    sources = describe_sources(folder)
    return ShopOverview(
        name,
        address("shops", name),
        status,
        problem,
        () if status is None else tuple(_describe_task(task, name, sources) for task in status.tasks),
        _choose_step(name, status, audiences, planned),
        audiences,
        tuple(server.jobs.list(shop=name, state=("waiting", "running"))),
        sources,
    )


def describe_audience(job: Job) -> ListedAudience:
    """An audience as lists of audiences show it.

    Args:
        job: A job of kind "audience" that is done.
    """
    titles = tuple(str(product["title"]) for product in job.request["products"])
    return ListedAudience(job, titles, address("shops", job.shop, "audiences", job.job_id))


def try_open(folder: Path) -> OpenedShop | None:
    """The shop opened; None where it has no orders yet, or cannot be read."""
    try:
        return open_cached_shop(folder)
    except ShopError:
        return None


def _read_status(folder: Path) -> tuple[ShopStatus | None, str]:
    try:
        return read_status(folder, StatusSettings(), try_open(folder)).status, ""
    except FrontrowError as error:
        return None, str(error)


def _describe_task(task: Task, shop: str, sources: Sequence[ListedSource]) -> ToDo:
    link, place = PAGES.get(task.kind, ("", ""))
    if place == "#import" and sources:
        link, place = "Sync now", "#sources"
    return ToDo(task.sentence, link, address("shops", shop) + place)


def _choose_step(
    shop: str, status: ShopStatus | None, audiences: Sequence[ListedAudience], planned: Collection[str]
) -> NextStep:
    """The next step: the most urgent one that the shop's state allows; `planned` are audiences with a campaign."""
    if status is None or not status.holdings.orders:
        return NextStep("Add orders", "Everything begins with the orders of the shop.", "#import", "Orders")
    to_measure = [campaign for campaign in status.campaigns if campaign.state == "to be measured"]
    if to_measure:
        sentence = f"The window of the campaign {to_measure[0].name} is over."
        return NextStep("See what it earned", sentence, address("shops", shop, "campaigns"), "Earned")
    if audiences and audiences[0].job.job_id not in planned:
        sentence = f"The customers for {' and '.join(audiences[0].titles[:2])} are ranked; no campaign is planned yet."
        return NextStep("How many to contact", sentence, f"{audiences[0].href}/length", "How many")
    if status.campaigns and status.campaigns[-1].state == "planned":
        sentence = f"The campaign {status.campaigns[-1].name} is planned. Send it, then mark it as sent."
        return NextStep("Send the campaign", sentence, address("shops", shop, "campaigns"), "Campaign")
    sentence = "Say what you are about to launch; the customers likely to buy it are ranked from the orders you have."
    return NextStep("Describe a new product", sentence, address("shops", shop, "new"), "New product")
