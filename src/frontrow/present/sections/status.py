"""How a shop stands, on one screen: what needs doing first, then what that rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from frontrow.present.section import Block, Section, Sentence, Table
from frontrow.present.shop_status import CampaignStatus, ShopStatus, SourceStatus
from frontrow.present.wording import count, counted

SHOWN: Final = 5
"""Rows of a table; JSON has all of them."""


def build_sections(status: ShopStatus) -> list[Section]:
    """What a person reads of a shop.

    Args:
        status: How it stands.
    """
    tables = (
        table
        for table in (_sources(status), _imports(status), _models(status), _campaigns(status))
        if table is not None
    )
    return [
        Section("shop", "", tuple(_summary(status))),
        Section("tasks", "", tuple(_tasks(status))),
        Section("status", "", tuple(tables)),
    ]


def _summary(status: ShopStatus) -> Iterator[Sentence]:
    holdings = status.holdings
    yield Sentence(
        f"{status.shop}: {counted(holdings.orders, 'order', 'orders')} with "
        f"{counted(holdings.lines, 'line', 'lines')}, {counted(holdings.customers, 'customer', 'customers')}, "
        f"{counted(holdings.products, 'product', 'products')}, "
        f"{counted(holdings.launches, 'past launch', 'past launches')} to learn from "
        f"({status.currency or 'currency not known'}, {status.time_zone})."
    )
    imported = "No file was imported."
    if status.imports:
        imported = f"The last import was on {status.imports[-1].imported_at:%Y-%m-%d %H:%M} UTC."
    days = status.days_since_last_order
    if days is not None:
        age = "today" if days == 0 else f"{counted(abs(days), 'day', 'days')} {'ago' if days > 0 else 'ahead'}"
        imported = f"Orders from {holdings.first_day} to {holdings.last_day}, {age}. {imported}"
    yield Sentence(imported)
    if holdings.unsubscribed:
        customers = counted(holdings.unsubscribed, "customer has", "customers have")
        yield Sentence(f"{customers} unsubscribed through a message, whatever the exports say.")


def _tasks(status: ShopStatus) -> Iterator[Block]:
    if not status.tasks:
        yield Sentence("Nothing needs doing.", "good")
    for number, task in enumerate(status.tasks, 1):
        yield Sentence(f"To do {number}: {task.sentence}" + (f" `{task.command}`" if task.command else ""), "bad")


def _sources(status: ShopStatus) -> Table | None:
    rows = [(source.name, source.kind, _last_sync(source), _counts(source)) for source in status.sources]
    return Table("Sources", ("source", "kind", "last sync", "what came"), rows) if rows else None


def _last_sync(source: SourceStatus) -> str:
    last = "never" if source.synced_at is None else f"{source.synced_at:%Y-%m-%d %H:%M} UTC"
    return f"{last}; one was interrupted" if source.is_interrupted else last


def _counts(source: SourceStatus) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in source.counts.items())


def _imports(status: ShopStatus) -> Table | None:
    if not status.imports:
        return None
    latest = status.imports[-SHOWN:][::-1]
    return Table(
        _title("Imports, latest first", len(latest), len(status.imports)),
        ("when (UTC)", "file", "format", "rows", "kept"),
        [
            (f"{record.imported_at:%Y-%m-%d %H:%M}", record.file, record.format, count(record.rows), count(record.kept))
            for record in latest
        ],
        numeric=("rows", "kept"),
    )


def _models(status: ShopStatus) -> Table | None:
    cached = sorted(status.cached_models, key=lambda model: (not model.is_current, -model.cutoff.toordinal()))
    rows = [
        (
            f"{model.kind} {model.name}".strip(),
            str(model.cutoff),
            "current" if model.is_current else "out of date: fitted again when it is needed",
        )
        for model in cached
    ]
    rows += [
        (
            f"{trained.model} in {trained.folder.name}",
            str(trained.cutoff),
            f"{counted(trained.age_days, 'day', 'days')} old",
        )
        for trained in status.trained_models
    ]
    shown = rows[:SHOWN]
    return Table(_title("Models", len(shown), len(rows)), ("model", "learned until", "state"), shown) if rows else None


def _campaigns(status: ShopStatus) -> Table | None:
    if not status.campaigns:
        return None
    latest = status.campaigns[-SHOWN:][::-1]
    return Table(
        _title("Campaigns, latest first", len(latest), len(status.campaigns)),
        ("campaign", "state", "sent", "contacted", "held out", "counts until"),
        [_campaign(campaign) for campaign in latest],
        numeric=("contacted", "held out"),
    )


def _campaign(campaign: CampaignStatus) -> tuple[str, str, str, str, str, str]:
    sent = "not recorded" if campaign.contacted_on is None else str(campaign.contacted_on)
    until = "" if campaign.until is None else str(campaign.until)
    return campaign.name, campaign.state, sent, count(campaign.contacted), count(campaign.held_out), until


def _title(text: str, shown: int, rows: int) -> str:
    return text if shown == rows else f"{text} ({shown} of {rows})"
