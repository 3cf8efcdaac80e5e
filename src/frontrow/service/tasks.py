"""What needs doing in a shop, most important first: what is owed to persons, then orders, on which the rest rests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Final

from frontrow.present.shop_status import ShopStatus, Task
from frontrow.present.wording import counted
from frontrow.recommend.registry import DEFAULT_MODEL

FEW_LAUNCHES: Final = 5
"""With fewer past launches, older orders help more than anything else."""

TRAINED_DAYS: Final = 30
"""A recommender that learned from orders older than this misses a season's turn and the newest products."""


def list_tasks(status: ShopStatus, folder: Path) -> tuple[Task, ...]:
    """What needs doing.

    Args:
        status: How the shop stands; its own tasks are not looked at.
        folder: The shop's folder, as commands name it.
    """
    shop = quote(str(folder))
    return (
        *_finish_erasures(status, shop),
        *_publish_again(status, shop),
        *_finish_pushes(status, shop),
        *_check_orders(status, shop),
        *_measure_campaigns(status, shop),
        *_train_recommenders(status, shop),
        *_add_history(status, shop),
    )


def _finish_erasures(status: ShopStatus, shop: str) -> Iterator[Task]:
    if status.unfinished_erasures:
        sentence = (
            f"{counted(status.unfinished_erasures, 'person', 'persons')} to be forgotten may still be in files of "
            "campaigns: run frontrow forget again, which says what it cannot write to."
        )
        yield Task("forget", sentence, f"frontrow forget {shop} WHO")


def _publish_again(status: ShopStatus, shop: str) -> Iterator[Task]:
    for address in status.outdated_addresses:
        sentence = (
            f"The shop has changed since it was published at {address}: who was forgotten is still there, and new "
            "orders are not."
        )
        yield Task("publish", sentence, f"frontrow publish {shop} {quote(address)}")


def _finish_pushes(status: ShopStatus, shop: str) -> Iterator[Task]:
    for campaign in status.campaigns:
        for destination in campaign.unfinished_pushes:
            sentence = f'The push of "{campaign.name}" to {destination} was interrupted: it goes on where it was.'
            yield Task("push", sentence, f"frontrow push {shop} {quote(str(campaign.folder))} --to {destination}")


def _check_orders(status: ShopStatus, shop: str) -> Iterator[Task]:
    days, last = status.days_since_last_order, status.holdings.last_day
    if status.sources and (days is None or status.is_stale) and (days is None or days >= 0):
        yield Task("sync", _describe_old_sync(status), f"frontrow sync {shop}")
        return
    command = f"frontrow import {shop} FILE..."
    if days is None:
        yield Task("import", "The shop has no order: import an export of its orders.", command)
    elif days < 0:
        sentence = (
            f"The last order is dated {last}, {counted(-days, 'day', 'days')} after today: correct the export, and "
            "import it into a new folder."
        )
        yield Task("check_orders", sentence)
    elif status.is_stale:
        yield Task("import", _describe_stale_orders(status, days), command)


def _describe_stale_orders(status: ShopStatus, days: int) -> str:
    silence = f"No order since {status.holdings.last_day}, {counted(days, 'day', 'days')} ago"
    imported_on = status.imports[-1].imported_at.date() if status.imports else None
    if imported_on is not None and (status.today - imported_on).days <= status.stale_days:
        return f"{silence}, though files were imported on {imported_on}: check that the export reaches to today."
    return f"{silence}: export the orders since, and import them."


def _describe_old_sync(status: ShopStatus) -> str:
    days = status.days_since_last_order
    silence = (
        "The shop has no order"
        if days is None
        else f"No order since {status.holdings.last_day}, {counted(days, 'day', 'days')} ago"
    )
    last = max((source.synced_at for source in status.sources if source.synced_at is not None), default=None)
    if last is not None and (status.today - last.date()).days <= status.stale_days:
        return f"{silence}, though the last sync was on {last.date()}: check that the source has the newest orders."
    return f"{silence}: sync it."


def _measure_campaigns(status: ShopStatus, shop: str) -> Iterator[Task]:
    for campaign in status.campaigns:
        if campaign.state == "to be measured":
            ended = f'The window of the campaign "{campaign.name}" ended on {campaign.until}'
            if campaign.folder is None:
                sentence = f"{ended}: measure it, if that was not done; its folder was moved: --outputs says where."
            else:
                sentence = f"{ended}: measure what it caused."
            place = "CAMPAIGN" if campaign.folder is None else quote(str(campaign.folder))
            yield Task("measure", sentence, f"frontrow measure {shop} {place}")


def _train_recommenders(status: ShopStatus, shop: str) -> Iterator[Task]:
    last = status.holdings.last_day
    for trained in status.trained_models:
        # without later orders it would learn the same again
        if trained.age_days > TRAINED_DAYS and last is not None and last >= trained.cutoff:
            sentence = (
                f"The recommender in {trained.folder.name} learned from orders until {trained.cutoff}, "
                f"{trained.age_days:,} days ago: train it again."
            )
            model = "" if trained.model == DEFAULT_MODEL else f" --model {trained.model}"
            yield Task("train", sentence, f"frontrow train {shop} --output {quote(str(trained.folder))}{model}")


def _add_history(status: ShopStatus, shop: str) -> Iterator[Task]:
    launches = status.holdings.launches
    if status.holdings.orders and launches < FEW_LAUNCHES:
        sentence = (
            f"The shop has {counted(launches, 'past launch', 'past launches')} to learn from. Expected buyers get more "
            "certain with more: import older orders, or see why other first sales do not count."
        )
        yield Task("import_older_orders", sentence, f"frontrow launches {shop} --all")
