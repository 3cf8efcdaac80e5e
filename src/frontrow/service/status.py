"""How a shop stands: what came in and when, what it holds, which models are current, what needs doing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.campaign.record.campaign_folders import read_campaigns
from frontrow.campaign.record.register import read_register
from frontrow.errors import SettingError, ShopError
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.calibrated_model import FOLDER, launch_model_path
from frontrow.present.section import Section
from frontrow.present.sections.status import build_sections
from frontrow.present.shop_status import (
    CachedModel,
    Holdings,
    ImportedFile,
    ShopStatus,
    SourceStatus,
    TrainedModel,
)
from frontrow.recommend.cached_recommenders import recommender_path
from frontrow.recommend.trained_folders import TrainedFolder, list_trained_folders
from frontrow.recommend.trained_register import read_trained_folders
from frontrow.service.campaign_status import describe_campaigns
from frontrow.service.opening import OpenedShop, RunSettings, launch_settings
from frontrow.service.tasks import list_tasks
from frontrow.shop.config import ShopConfig
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.erase import read_unfinished
from frontrow.shop.history import History
from frontrow.shop.publish import list_outdated_addresses
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.sources.downloads import has_downloads
from frontrow.sources.sync_record import read_records
from frontrow.storage.artifact import MANIFEST
from frontrow.storage.folder import RECOMMENDERS
from frontrow.storage.json_file import parse_json


@dataclass(frozen=True)
class StatusSettings:
    """What is looked at.

    Attributes:
        outputs: Folder that holds what `frontrow campaign` and `frontrow train` wrote; None for the one that holds the
            shop.
        stale_days: Orders that are older than so many days need an import.
        today: The day it is; None for today, on the shop's calendar.
    """

    outputs: Path | None = None
    stale_days: int = 7
    today: dt.date | None = None


@dataclass(frozen=True)
class StatusResult:
    """How a shop stands.

    Attributes:
        status: All of it.
        folder: The shop's folder.
        notices: Sentences about what cannot be read.
    """

    status: ShopStatus
    folder: Path
    notices: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What needs doing, for the log."""
        return tuple(task.sentence for task in self.status.tasks)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.status.to_dict()

    def sections(self) -> list[Section]:
        """One screen: what needs doing, and what that rests on."""
        return build_sections(self.status)


def read_status(folder: Path, settings: StatusSettings, opened: OpenedShop | None = None) -> StatusResult:
    """Look at a shop; nothing is changed, and a command that works on it meanwhile is not waited for.

    Args:
        folder: The shop's folder.
        settings: What is looked at.
        opened: The same shop, opened before, so that what was computed of it is not computed again.

    Raises:
        SettingError: The outputs are not in a folder.
        ShopError: The folder holds no shop, or a damaged one.
    """
    if settings.outputs is not None and not settings.outputs.is_dir():
        raise SettingError("outputs", f"{settings.outputs} is not a folder.")
    config = ShopConfig.read(folder)
    shop = Shop.read(folder).with_launch_days(config.launch_dates)
    today = settings.today or dt.datetime.now(shop.time_zone).date()
    outputs = settings.outputs or folder.resolve().parent
    holdings = _describe_empty(shop)
    cached_models: tuple[CachedModel, ...] = ()
    if opened is not None or shop.orders.select(pl.len()).collect().item():
        history = shop.as_of() if opened is None else opened.history
        holdings = history.compute_once("holdings", lambda: _describe_holdings(shop, history, config))
        cached_models = tuple(_list_cached_models(folder, history, config))
    beside = list(outputs.resolve().glob("*/"))
    registered = [Path(campaign.folder) for campaign in read_register(folder).values()]
    planned, problems = read_campaigns([*registered, *beside], shop.settings.imports)
    trained_folders = list_trained_folders([*read_trained_folders(folder), *beside])
    campaigns = describe_campaigns(folder, planned, orders_until=holdings.last_day, today=today)
    status = ShopStatus(
        shop=folder.resolve().name,
        today=today,
        time_zone=shop.settings.time_zone,
        currency=shop.settings.currency,
        holdings=holdings,
        imports=tuple(map(_read_record, shop.settings.imports)),
        cached_models=cached_models,
        trained_models=_describe_trained(trained_folders, shop.settings, today),
        campaigns=campaigns,
        stale_days=settings.stale_days,
        unfinished_erasures=len(read_unfinished(folder)),
        sources=tuple(_describe_sources(folder, config)),
        outdated_addresses=tuple(map(str, list_outdated_addresses(folder))),
    )
    return StatusResult(replace(status, tasks=list_tasks(status, folder)), folder, tuple(problems))


def _describe_empty(shop: Shop) -> Holdings:
    """What a shop without orders holds."""
    products = shop.products.height - shop.rules.not_products(shop.products).height
    customers = int(shop.customers.select(pl.len()).collect().item())
    unsubscribed = shop.unsubscribed.rows["customer_id"].n_unique()
    return Holdings(0, 0, customers, products, 0, None, None, unsubscribed)


def _describe_holdings(shop: Shop, history: History, config: ShopConfig) -> Holdings:
    totals = shop.orders.select(
        orders=pl.col("order_id").n_unique(),
        lines=pl.len(),
        first_day=pl.col("day").min(),
        last_day=pl.col("day").max(),
    )
    total = totals.collect().row(0, named=True)
    return replace(
        _describe_empty(shop),
        orders=total["orders"],
        lines=total["lines"],
        launches=closed_launches(compute_life_cycles(history, launch_settings(RunSettings(), config))).height,
        first_day=EPOCH + dt.timedelta(days=total["first_day"]),
        last_day=EPOCH + dt.timedelta(days=total["last_day"]),
    )


def _describe_sources(folder: Path, config: ShopConfig) -> Iterator[SourceStatus]:
    records = read_records(folder)
    for source in config.sources.values():
        record = records.get(source.name)
        if record is not None and record.digest != source.digest():
            record = None
        yield SourceStatus(
            source.name,
            source.kind,
            None if record is None else record.synced_at,
            {} if record is None else record.counts,
            has_downloads(folder, source.name),
        )


def _read_record(record: dict[str, Any]) -> ImportedFile:
    try:
        return ImportedFile(
            imported_at=dt.datetime.fromisoformat(str(record["imported_at"])),
            file=str(record["file"]),
            format=str(record["format"]),
            rows=int(record["rows"]),
            kept=int(record["kept"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        advice = "Import the exports again into a new folder."
        raise ShopError(f"The shop's record of imports is damaged. {advice}") from error


def _list_cached_models(folder: Path, history: History, config: ShopConfig) -> Iterator[CachedModel]:
    """The launch model and the recommenders in the shop's folder; those of another seed or horizon are not current."""
    current = launch_model_path(history, launch_settings(RunSettings(), config), folder=folder)
    for path, cutoff in _list_models(folder / FOLDER):
        yield CachedModel("launch model", "", cutoff, path == current)
    for models in sorted((folder / RECOMMENDERS).glob("*/")):
        current = recommender_path(history, models.name, folder=folder)
        for path, cutoff in _list_models(models):
            yield CachedModel("recommender", models.name, cutoff, path == current)


def _list_models(parent: Path) -> Iterator[tuple[Path, dt.date]]:
    """The folders of fitted models and the days of their cutoffs, the latest first; a dot begins what is being made."""
    for file in sorted(parent.glob(f"[!.]*/{MANIFEST}"), reverse=True):
        try:
            yield file.parent, dt.datetime.fromisoformat(parse_json(file.read_text("utf-8"))["cutoff"]).date()
        except (OSError, ValueError, KeyError, TypeError):
            # the next command fits it again
            continue


def _describe_trained(
    trained_folders: Sequence[TrainedFolder], settings: ShopSettings, today: dt.date
) -> tuple[TrainedModel, ...]:
    """The recommenders that learned from this shop."""
    return tuple(
        TrainedModel(trained.folder, trained.model, trained.cutoff.date(), (today - trained.cutoff.date()).days)
        for trained in trained_folders
        if trained.first_import == settings.first_import
    )
