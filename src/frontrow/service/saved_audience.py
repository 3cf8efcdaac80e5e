"""An audience on disk, so that lists, filters, searches and profit curves need no new fit."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from frontrow.errors import ArtifactError
from frontrow.launch.audience.audience import Audience
from frontrow.launch.calibration.calibration import Calibration, SimpleRule, TooFewLaunches
from frontrow.launch.new_products.finding import Finding
from frontrow.recommend.customers import read_customer_ids
from frontrow.service.audience import AudienceResult
from frontrow.service.opening import RunSettings
from frontrow.storage.artifact import read_manifest, write_artifact

KIND: Final = "audience"
ROWS: Final = "rows.parquet"
SALES: Final = "sales_so_far.parquet"
SOLD: Final = "sold.parquet"
PRODUCTS: Final = "products.parquet"
SIMILAR: Final = "similar_launches.parquet"
NO_DECISIONS: Final = RunSettings()


@dataclass(frozen=True)
class SavedAudience:
    """An audience that was saved, and what it was made of.

    Attributes:
        audience: The same as was saved. Without the shop's folder, `source_id` is null, because it may be an address,
            and addresses are in the shop alone.
        products: The new products; one that the shop sells already under the shop's id.
        shop: Name of the shop.
        as_of: The history's cutoff, in the shop's time zone.
        horizon_days: A purchase within so many days counts.
        launches: Past launches that the model learned from.
        model: Name of the simple rule that ranked the customers; None for the shop's own launch model.
        run: What the run decided, so that a campaign is planned by the same.
        currency: The shop's.
        findings: What a person should look at in the products.
        similar_launches: What similar products of the past sold.
        sales_so_far: Whether all products had to be on sale.
    """

    audience: Audience
    products: pl.DataFrame
    shop: str
    as_of: dt.datetime
    horizon_days: int
    launches: int
    model: str | None
    run: RunSettings
    currency: str
    findings: tuple[Finding, ...]
    similar_launches: pl.DataFrame
    sales_so_far: bool


def save_audience(result: AudienceResult, folder: Path, run: RunSettings = NO_DECISIONS) -> None:
    """Write an audience; one that was saved there before is replaced.

    Args:
        result: What ranking the customers returned.
        folder: Made if it does not exist.
        run: What the run decided.
    """
    audience, history = result.audience, result.shop.history
    tables = {
        ROWS: audience.rows.drop("source_id"),
        SALES: audience.sales_so_far,
        SOLD: audience.sold,
        PRODUCTS: result.products,
        SIMILAR: result.similar_launches,
    }
    about = {
        "customers": audience.customers,
        "undiscriminating": audience.undiscriminating,
        "calibration": _calibration_to_dict(audience.calibration),
        "shop": result.shop.folder.resolve().name,
        "as_of": history.cutoff.replace(tzinfo=None).isoformat(),
        "time_zone": history.settings.time_zone,
        "horizon_days": result.model.settings.horizon_days,
        "launches": result.model.launches,
        "model": result.settings.model,
        "run": _run_to_dict(run),
        "currency": history.settings.currency,
        "findings": [asdict(finding) for finding in result.findings],
        "sales_so_far_required": result.settings.sales_so_far,
    }
    write_artifact(folder, KIND, {name: _to_parquet(table) for name, table in tables.items()}, about)


def read_saved_audience(folder: Path, shop: Path | None = None) -> SavedAudience:
    """Read an audience back.

    Args:
        folder: What `save_audience` wrote to.
        shop: The shop's folder, for the customers' `source_id`; whoever was forgotten since is left out then.

    Raises:
        ArtifactError: The folder holds no audience, or a damaged one.
        ShopError: The shop cannot be read.
    """
    about = read_manifest(folder, KIND)
    try:
        tables = {name: pl.read_parquet(folder / name, glob=False) for name in (ROWS, SALES, SOLD, PRODUCTS, SIMILAR)}
        audience = Audience(
            _with_source_ids(tables[ROWS], shop),
            about["customers"],
            _calibration_from_dict(about["calibration"]),
            tables[SALES],
            tables[SOLD],
            about["undiscriminating"],
        )
        return SavedAudience(
            audience=audience,
            products=tables[PRODUCTS],
            shop=about["shop"],
            as_of=dt.datetime.fromisoformat(about["as_of"]).replace(tzinfo=ZoneInfo(about["time_zone"])),
            horizon_days=about["horizon_days"],
            launches=about["launches"],
            model=about["model"],
            run=_run_from_dict(about["run"]),
            currency=about["currency"],
            findings=tuple(Finding(**finding) for finding in about["findings"]),
            similar_launches=tables[SIMILAR],
            sales_so_far=about["sales_so_far_required"],
        )
    except (KeyError, TypeError, ValueError, OSError, pl.exceptions.PolarsError) as error:
        raise ArtifactError(f"{folder} holds a damaged audience. Rank the customers again.") from error


def _with_source_ids(rows: pl.DataFrame, shop: Path | None) -> pl.DataFrame:
    """The rows with the column `source_id` in its place."""
    if shop is None:
        complete = rows.with_columns(source_id=pl.lit(None, pl.String))
    else:
        customers = read_customer_ids(shop).select("customer_id", "source_id")
        complete = rows.join(customers, on="customer_id", how="inner", maintain_order="left")
    place = rows.columns.index("customer_id") + 1
    return complete.select(*rows.columns[:place], "source_id", *rows.columns[place:])


def _calibration_to_dict(calibration: Calibration | TooFewLaunches | SimpleRule | None) -> dict[str, Any] | None:
    if calibration is None:
        return None
    return asdict(calibration) if isinstance(calibration, SimpleRule) else calibration.to_dict()


def _calibration_from_dict(
    values: Mapping[str, Any] | None,
) -> Calibration | TooFewLaunches | SimpleRule | None:
    if values is None:
        return None
    return SimpleRule(**values) if "name" in values else Calibration.from_dict(values)


def _run_to_dict(run: RunSettings) -> dict[str, Any]:
    values = {field.name: getattr(run, field.name) for field in fields(run)}
    return {**values, "as_of": None if run.as_of is None else run.as_of.isoformat()}


def _run_from_dict(values: Mapping[str, Any]) -> RunSettings:
    paths = {name: None if values[name] is None else Path(values[name]) for name in ("launch_dates", "vectors")}
    as_of = None if values["as_of"] is None else dt.datetime.fromisoformat(values["as_of"])
    return RunSettings(**{**values, **paths, "as_of": as_of})


def _to_parquet(table: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    table.write_parquet(content)
    return content.getvalue()
