"""What every use case shares: a shop opened for one run, what the run overrides, and what a result can do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from frontrow.engines.choice import LOCAL_NAME, choose_engine
from frontrow.launch.launch_files import read_launch_dates
from frontrow.launch.settings import LaunchSettings
from frontrow.present.section import Section
from frontrow.service.vectors import describe_vectors
from frontrow.shop.config import KEYS, ShopConfig
from frontrow.shop.history import History
from frontrow.shop.shop import Shop
from frontrow.shop.vector_file import read_vector_file

if TYPE_CHECKING:
    from frontrow.present.report_content import ReportContent


@dataclass(frozen=True)
class RunSettings:
    """What one run decides; None leaves it to the shop's configuration, else to the defaults.

    Attributes:
        as_of: Use only what came before this instant; None for the end of the history.
        horizon_days: Days after a launch within which a purchase counts.
        active_days: Customers with an order within this many days before the cutoff are scored.
        launch_dates: CSV file with product_id and launch_date.
        seed: The same seed gives the same result.
        vectors: CSV or Parquet file of product vectors.
        engine: Where order lines are worked on, see `engines.choice.choose_engine`.
    """

    as_of: dt.datetime | None = None
    horizon_days: int | None = None
    active_days: int | None = None
    launch_dates: Path | None = None
    seed: int = 0
    vectors: Path | None = None
    engine: str | None = None


@dataclass(frozen=True)
class OpenedShop:
    """A shop as one run sees it.

    Attributes:
        folder: The shop's folder.
        history: What was known at the cutoff.
        settings: Settings of the launch model.
        config: What the shop has stated.
        notices: Sentences about what this run does differently from what was asked or stated.
        seed: Of every fit of the run.
    """

    folder: Path
    history: History
    settings: LaunchSettings
    config: ShopConfig
    notices: tuple[str, ...]
    seed: int


def open_shop(folder: Path, run: RunSettings) -> OpenedShop:
    """Read a shop and its configuration for one run.

    Args:
        folder: The shop's folder.
        run: What this run decides.

    Raises:
        ShopError: The folder holds no shop, or its configuration is damaged.
        InputError: The file of launch dates or that of product vectors cannot be used.
        SettingError: There is no such engine.
    """
    config = ShopConfig.read(folder)
    engine = choose_engine(run.engine or config.engine)
    # the machines of a cluster need not reach the folder
    shop = Shop.read(folder, published=not engine.shares_memory).with_engine(engine)
    launch_days = config.launch_dates if run.launch_dates is None else read_launch_dates(run.launch_dates)
    shop = shop.with_launch_days(launch_days)
    end = shop.end()
    history = shop.as_of(run.as_of)
    notices = list(list_overrides(config, run))
    if run.vectors is not None:
        vectors = read_vector_file(run.vectors)
        history = replace(history, vectors=vectors)
        notices.append(describe_vectors(vectors, history, run.vectors))
    if run.launch_dates is not None and config.launch_dates:
        notices.append("For this run --launch-dates replaces the launch dates of the shop (frontrow config).")
    if run.as_of is not None and history.cutoff == end and shop.instant(run.as_of) > end:
        notices.insert(0, f"The orders end before {end.date()}; taken as of that day.")
    settings = launch_settings(run, config)
    return OpenedShop(folder, history, settings, config, tuple(notices), run.seed)


def open_shop_here(folder: Path, run: RunSettings) -> OpenedShop:
    """Read a shop for a use case that works on this machine, whatever engine the shop states; a notice says so then.

    Networks of PyTorch, and recommenders that learn from all order lines at once, are trained on one machine.

    Args:
        folder: The shop's folder.
        run: What this run decides.

    Raises:
        ShopError: The folder holds no shop, or its configuration is damaged.
    """
    return open_shop(folder, replace(run, engine=LOCAL_NAME))


def launch_settings(run: RunSettings, config: ShopConfig) -> LaunchSettings:
    """The launch model's settings: what the run says, else the shop, else the defaults.

    Args:
        run: What this run decides.
        config: What the shop has stated.

    Example:
        >>> launch_settings(RunSettings(horizon_days=14), ShopConfig(horizon_days=45, active_days=200))
        ... # doctest: +ELLIPSIS
        LaunchSettings(horizon_days=14, active_days=200, ...)
    """
    defaults = LaunchSettings()
    return replace(
        defaults,
        horizon_days=run.horizon_days or config.horizon_days or defaults.horizon_days,
        active_days=run.active_days or config.active_days or defaults.active_days,
    )


def describe_override(name: str, stated: object, value: object) -> str:
    """Say that an option replaces what the shop has stated, for this run only.

    Args:
        name: Key of the configuration.
        stated: The shop's value.
        value: This run's value.

    Example:
        >>> describe_override("horizon_days", 45, 14)
        'For this run horizon_days is 14; the shop states 45 (frontrow config).'
    """
    return f"For this run {name} is {value}; the shop states {stated} (frontrow config)."


def list_overrides(config: ShopConfig, *settings: object) -> Iterator[str]:
    """One sentence for each stated fact of the shop that a run replaces.

    Args:
        config: What the shop has stated.
        settings: Dataclasses of the run; fields named like a key of the configuration are compared with it.

    Example:
        >>> list(list_overrides(ShopConfig(active_days=200), RunSettings(active_days=90)))
        ['For this run active_days is 90; the shop states 200 (frontrow config).']
    """
    for given in settings:
        values: dict[str, Any] = {field.name: getattr(given, field.name) for field in fields(given)}  # type: ignore[arg-type]
        for name in KEYS:
            value, stated = values.get(name), getattr(config, name)
            if None not in (value, stated) and value != stated and name != "launch_dates":
                yield describe_override(name, stated, value)


class Result(Protocol):
    """The result of one use case, drawn by the command line and by pages, and given to programs as JSON."""

    @property
    def notices(self) -> Sequence[str]:
        """Sentences about what this run does differently from what was asked or stated."""
        ...

    def to_dict(self) -> Any:
        """Plain values for JSON; no personal data."""
        ...

    def sections(self) -> Sequence[Section]:
        """What a person reads."""
        ...


class Reportable(Protocol):
    """A result that a report is drawn from."""

    def report(self) -> ReportContent:
        """What the report shows."""
        ...
