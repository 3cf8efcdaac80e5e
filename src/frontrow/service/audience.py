"""Rank a shop's customers for products that nobody has bought yet."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.errors import SettingError
from frontrow.launch.audience.audience import Audience, score_audience
from frontrow.launch.audience.reasons import TOP_WITH_REASONS, add_reasons
from frontrow.launch.audience.similar_launches import SIMILAR_LAUNCH_SCHEMA, find_similar_launches
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.model.calibrated_model import load_or_fit_launch_model
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.new_products.checked_products import read_checked_products
from frontrow.launch.new_products.finding import Finding
from frontrow.models.baseline import baselines
from frontrow.present.section import Section, Sentence
from frontrow.present.sections.audience import build_sections, describe_expected_buyers
from frontrow.present.sections.new_products import build_similar_launches_section, describe_findings
from frontrow.progress import Progress, no_progress
from frontrow.service.opening import OpenedShop, RunSettings, open_shop
from frontrow.service.vectors import describe_new_products
from frontrow.storage.table_output import TableFile


@dataclass(frozen=True)
class AudienceSettings:
    """What an audience is made of.

    Attributes:
        products: File of new products.
        sales_so_far: All products are on sale: rank those who have not bought by the first days of sales.
        strict: What looks like a slip in the file of new products is an error.
        model: Name of a baseline, or folder of a saved launch model; None for the shop's own launch model.
        reasons: Number of customers of each product that get reasons; 0 for none.
        top: Number of customers of each product that are shown.
        output: Where everyone scored is written; None for nowhere.
    """

    products: Path
    sales_so_far: bool = False
    model: str | None = None
    reasons: int = TOP_WITH_REASONS
    top: int = 10
    output: TableFile | None = None
    strict: bool = False


@dataclass(frozen=True)
class AudienceResult:
    """Everyone scored for each new product.

    Attributes:
        audience: The customers, most likely buyer first.
        shop: The shop as this run sees it.
        products: The new products; one that the shop sells already under the shop's id.
        model: What scored the customers.
        settings: What was asked for.
        findings: What a person should look at in the file of new products.
        similar_launches: `similar_launches.SIMILAR_LAUNCH_SCHEMA`: what similar products of the past sold.
    """

    audience: Audience
    shop: OpenedShop
    products: pl.DataFrame
    model: LaunchModel | BaselineModel
    settings: AudienceSettings
    findings: tuple[Finding, ...] = ()
    similar_launches: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SIMILAR_LAUNCH_SCHEMA))

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what this run does differently from what was asked or stated, and about the new products."""
        return (
            *self.shop.notices,
            *describe_new_products(self.products, self.shop.history.vectors),
            *describe_findings(self.findings, self.settings.products),
        )

    @property
    def table(self) -> pl.DataFrame:
        """One row for each product and customer."""
        return self.audience.rows

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; customers by number only."""
        return {
            "as_of": str(self.shop.history.cutoff),
            "launches_learned_from": self.model.launches,
            "customers_scored": self.audience.customers,
            "message": self.audience.message,
            "products": self.audience.expected_buyers().to_dicts(),
            "top": self.audience.top(self.settings.top).to_dicts(),
            "sold_already": self.audience.sold.to_dicts(),
            "similar_launches": self.similar_launches.to_dicts(),
            "findings": [asdict(finding) for finding in self.findings],
            "notices": list(self.notices),
            "output": None if self.settings.output is None else str(self.settings.output.path),
        }

    def sections(self) -> list[Section]:
        """The first customers of each product."""
        history = self.shop.history
        sections = build_sections(
            self.audience,
            launches=self.model.launches,
            as_of=f"{history.cutoff:%Y-%m-%d %H:%M}",
            horizon_days=self.model.settings.horizon_days,
            top=self.settings.top,
            currency=history.settings.currency,
        )
        similar = build_similar_launches_section(
            self.similar_launches, self.model.settings.horizon_days, history.settings.currency
        )
        sections += [] if similar is None else [similar]
        if self.settings.output is None:
            return sections
        reasons = ", and reasons beside the first of each product" if "reasons" in self.table.columns else ""
        sentence = f"Everyone scored, with the ids to reach them{reasons}: {self.settings.output.path}"
        return [*sections, Section("output", "", (Sentence(sentence),))]

    def summary_sections(self) -> list[Section]:
        """How many buyers each product is expected to have, without the customers."""
        state = "nobody has bought one yet" if self.audience.sold.is_empty() else "some on sale already"
        start = f"New products, {state}; learned from {self.model.launches} past launches:"
        expected = self.audience.expected_buyers().iter_rows(named=True)
        horizon_days = self.model.settings.horizon_days
        lines = [Sentence(f"   {describe_expected_buyers(product, horizon_days)}") for product in expected]
        return [Section("summary", "", (Sentence(start), *lines))]


def rank_audience(
    folder: Path, settings: AudienceSettings, run: RunSettings, *, progress: Progress = no_progress
) -> AudienceResult:
    """Score every active customer for each new product, and write them where that is asked for.

    Args:
        folder: The shop's folder.
        settings: What the audience is made of.
        run: What this run decides.
        progress: Called with (done, total) steps.

    Raises:
        InputError: The file of new products cannot be used, or something in it looks like a slip and `strict` is set.
        LaunchError: There is too little history to learn from.
        ShopError: The folder holds no shop.
    """
    shop = open_shop(folder, run)
    # a saved model has a horizon of its own, and says which products are within it
    stated = None if settings.model is None else load_model(shop, settings.model)
    launch_settings = shop.settings if stated is None else stated.settings
    checked = read_checked_products(settings.products, shop.history, launch_settings, strict=settings.strict)
    products = checked.products
    progress(0, 3)
    model = load_model(shop) if stated is None else stated
    progress(1, 3)
    result = score_audience(shop.history, products, model, sales_so_far=settings.sales_so_far)
    progress(2, 3)
    if settings.reasons and isinstance(model, LaunchModel):
        result = add_reasons(result, shop.history, products, model, result.top(settings.reasons))
    progress(3, 3)
    if settings.output is not None:
        settings.output.write(result.rows)
    similar_launches = find_similar_launches(shop.history, products, launch_settings)
    return AudienceResult(result, shop, products, model, settings, checked.findings, similar_launches)


def load_model(shop: OpenedShop, model: str | None = None) -> LaunchModel | BaselineModel:
    """The model that scores an audience: a baseline by name, a saved model by folder, else the shop's own.

    Args:
        shop: The shop as this run sees it.
        model: Name of a baseline, or folder of a saved launch model; None for the shop's own launch model.

    Raises:
        SettingError: The name is neither a baseline nor a folder.
    """
    if model in baselines():
        return BaselineModel.from_name(str(model), shop.history, shop.settings, seed=shop.seed)
    if model is not None:
        if not Path(model).is_dir():
            problem = f'"{model}" is neither a baseline nor a folder. Baselines: {", ".join(baselines())}.'
            raise SettingError("model", problem)
        return LaunchModel.load(Path(model))
    return load_or_fit_launch_model(shop.history, shop.settings, folder=shop.folder, seed=shop.seed)
