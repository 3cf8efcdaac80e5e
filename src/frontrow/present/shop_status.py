"""What is to be said of a shop at one moment: what came in, what it holds, which models and campaigns it has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

FORMAT_VERSION: Final = 1

CampaignState = Literal["planned", "open", "waiting for orders", "to be measured", "measured", "cannot be measured"]
"""A campaign is open until its window ends; it can be measured once the shop's orders reach that day."""


@dataclass(frozen=True)
class ImportedFile:
    """One file that was imported.

    Attributes:
        imported_at: When, UTC.
        file: Its name.
        format: Its format.
        rows: Its rows.
        kept: Those that became part of the shop.
    """

    imported_at: dt.datetime
    file: str
    format: str
    rows: int
    kept: int


@dataclass(frozen=True)
class Holdings:
    """What a shop holds.

    Attributes:
        orders: Number of orders.
        lines: Number of order lines.
        customers: Number of customers.
        products: Number of products; what the rules leave out is not counted.
        launches: Number of launches whose horizon has ended: those a model can learn from.
        first_day: Of the first order; None where there is none.
        last_day: Of the last order.
        unsubscribed: Number of customers who unsubscribed through a message, from either channel.
    """

    orders: int
    lines: int
    customers: int
    products: int
    launches: int
    first_day: dt.date | None
    last_day: dt.date | None
    unsubscribed: int = 0


@dataclass(frozen=True)
class CachedModel:
    """A fitted model in the shop's folder.

    Attributes:
        kind: `launch model` or `recommender`.
        name: File name of the recommender; empty for the launch model.
        cutoff: It learned from what came before this day.
        is_current: The next command would use it; otherwise it is fitted again.
    """

    kind: Literal["launch model", "recommender"]
    name: str
    cutoff: dt.date
    is_current: bool


@dataclass(frozen=True)
class TrainedModel:
    """A recommender that `frontrow train` wrote.

    Attributes:
        folder: Its folder.
        model: File name of the recommender.
        cutoff: It learned from orders before this day.
        age_days: Days since.
    """

    folder: Path
    model: str
    cutoff: dt.date
    age_days: int


@dataclass(frozen=True)
class CampaignStatus:
    """A campaign of the shop.

    Attributes:
        name: Its name.
        state: How far it is.
        contacted_on: The last day contacts were recorded; None where none were.
        contacted: Customers contacted.
        held_out: Customers held out.
        until: The first day whose orders no longer count; None where that is not known.
        folder: Where it was written; None where no folder was looked through that holds it.
        campaign_id: Its id; empty where it was planned without a shop's folder.
        started_on: The day it was planned for, from which orders count; None where no folder holds it.
        pool: Name of the campaigns that are to be measured together with it; empty for none.
        created: When it was planned, UTC, in ISO 8601; empty where no folder holds it.
        unfinished_pushes: Destinations to which a push was interrupted.
    """

    name: str
    state: CampaignState
    contacted_on: dt.date | None
    contacted: int
    held_out: int
    until: dt.date | None
    folder: Path | None
    campaign_id: str = ""
    started_on: dt.date | None = None
    pool: str = ""
    created: str = ""
    unfinished_pushes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceStatus:
    """A source that the shop states.

    Attributes:
        name: What the shop calls it.
        kind: The name of its connector.
        synced_at: When its last sync ended, UTC; None where it was never synced as it is stated now.
        counts: What came then, by its name in the plural.
        is_interrupted: Downloads of an interrupted sync wait for the next one.
    """

    name: str
    kind: str
    synced_at: dt.datetime | None
    counts: Mapping[str, int]
    is_interrupted: bool = False


@dataclass(frozen=True)
class Task:
    """Something that needs doing.

    Attributes:
        kind: A short name for a program: `forget`, `push`, `import`, `sync`, `check_orders`, `measure`,
            `train` or `import_older_orders`.
        sentence: What is wrong and what to do.
        command: The command that does it; empty where none does.
    """

    kind: Literal[
        "forget", "publish", "push", "import", "sync", "check_orders", "measure", "train", "import_older_orders"
    ]
    sentence: str
    command: str = ""


@dataclass(frozen=True)
class ShopStatus:
    """A shop at one moment.

    Attributes:
        shop: Name of its folder.
        today: The day it was looked at, on the shop's calendar.
        time_zone: IANA name.
        currency: ISO 4217 code; empty where it is not known.
        holdings: What it holds.
        imports: Every imported file, the latest last.
        cached_models: Fitted models in the shop's folder.
        trained_models: Recommenders that `frontrow train` wrote.
        campaigns: Its campaigns, the latest last.
        stale_days: Orders that are older than so many days need an import.
        unfinished_erasures: Forgotten persons of whom something outside the tables may be left.
        sources: Where its data comes from.
        outdated_addresses: Where an earlier state of the shop is published.
        tasks: What needs doing, most important first.
    """

    shop: str
    today: dt.date
    time_zone: str
    currency: str
    holdings: Holdings
    imports: Sequence[ImportedFile]
    cached_models: Sequence[CachedModel]
    trained_models: Sequence[TrainedModel]
    campaigns: Sequence[CampaignStatus]
    stale_days: int
    unfinished_erasures: int = 0
    sources: Sequence[SourceStatus] = ()
    outdated_addresses: Sequence[str] = ()
    tasks: Sequence[Task] = ()

    @property
    def days_since_last_order(self) -> int | None:
        """Days since the last order; below zero where it is dated after today, None where there is no order."""
        last = self.holdings.last_day
        return None if last is None else (self.today - last).days

    @property
    def is_stale(self) -> bool:
        """Whether there is no order, or the last is older than `stale_days`."""
        days = self.days_since_last_order
        return days is None or days > self.stale_days

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; a key is never renamed within one format version."""
        values = asdict(self)
        holdings = values.pop("holdings")
        freshness = {
            "first_order_on": holdings.pop("first_day"),
            "last_order_on": holdings.pop("last_day"),
            "days_since_last_order": self.days_since_last_order,
            "last_import_at": self.imports[-1].imported_at if self.imports else None,
            "stale_days": values.pop("stale_days"),
            "is_stale": self.is_stale,
        }
        facts = {name: values.pop(name) for name in ("shop", "today", "time_zone", "currency")}
        tasks = values.pop("tasks")
        return {
            "format_version": FORMAT_VERSION,
            **facts,
            "tasks": tasks,
            "freshness": freshness,
            "holdings": holdings,
            **values,
        }
