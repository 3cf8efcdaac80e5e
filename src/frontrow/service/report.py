"""Gather what the report of new products shows: the audience with reasons, what lists earn, and the back-test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.plan import CampaignPlan
from frontrow.errors import LaunchError, SettingError
from frontrow.launch.audience.reasons import add_reasons
from frontrow.launch.backtest.backtest import Backtest, backtest
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.present.report_content import ReportContent
from frontrow.present.sections.audience import select_examples
from frontrow.present.sections.new_products import describe_findings
from frontrow.present.sections.next_steps import Places
from frontrow.progress import Progress, no_progress
from frontrow.service.audience import AudienceResult, AudienceSettings, rank_audience
from frontrow.service.defaults import MoneySettings
from frontrow.service.opening import RunSettings, list_overrides, open_shop
from frontrow.shop.config import ShopConfig

LEFT_OUT = "The back-test over past launches was left out. Make it with: frontrow backtest {shop}"


@dataclass(frozen=True)
class ReportSettings:
    """What a report shows.

    Attributes:
        products: File of new products; None for the back-test alone.
        money: Margin, costs and limits.
        model: Name of a baseline, or folder of a saved launch model; None for the shop's own launch model.
        include_backtest: Whether past launches are tested for the report, which may take minutes.
        options: Other options as they are typed, repeated in the command of the next step.
        strict: What looks like a slip in the file of new products is an error.
    """

    products: Path | None = None
    money: MoneySettings = field(default_factory=MoneySettings)
    model: str | None = None
    include_backtest: bool = True
    options: str = ""
    strict: bool = False


@dataclass(frozen=True)
class ReportResult:
    """What the report shows.

    Attributes:
        content: The results the report is made from.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    content: ReportContent
    notices: tuple[str, ...]

    def report(self) -> ReportContent:
        """What the page is drawn from."""
        return self.content


def gather_report(
    folder: Path, settings: ReportSettings, run: RunSettings, *, progress: Progress = no_progress
) -> ReportResult:
    """Rank customers for new products and test past launches; without products, the back-test alone.

    Args:
        folder: The shop's folder.
        settings: What the report shows.
        run: What this run decides.
        progress: Called with (done, total) steps of the back-test.

    Raises:
        InputError: The file of new products cannot be used.
        LaunchError: There is too little history.
        SettingError: Money is named without new products, or nothing is left to report.
        ShopError: The folder holds no shop.
    """
    config = ShopConfig.read(folder)
    economics = settings.money.to_economics(config)
    if settings.products is None:
        if settings.money != MoneySettings() or not settings.include_backtest:
            raise SettingError("products", "Without new products there is only the back-test to report.")
        shop = open_shop(folder, run)
        tested = backtest(shop.history, shop.settings, seed=shop.seed, progress=progress)
        return ReportResult(ReportContent(shop.history, backtest=tested), shop.notices)
    audience_settings = AudienceSettings(settings.products, model=settings.model, reasons=0, strict=settings.strict)
    ranked = rank_audience(folder, audience_settings, run)
    economics = None if economics is None else economics.for_products(ranked.products)
    places = Places(str(folder), str(settings.products), options=settings.options)
    content = build_content(
        ranked, places, economics=economics, include_backtest=settings.include_backtest, progress=progress
    )
    return ReportResult(content, (*ranked.notices, *list_overrides(config, settings.money)))


def build_content(
    ranked: AudienceResult,
    places: Places,
    *,
    plan: CampaignPlan | None = None,
    economics: Economics | None = None,
    include_backtest: bool = True,
    progress: Progress = no_progress,
) -> ReportContent:
    """What the report of an audience or a campaign shows.

    Args:
        ranked: Everyone scored.
        places: Where the files are that the next steps name.
        plan: The campaign planned for the audience, if any.
        economics: Margin and costs, where no campaign was planned.
        include_backtest: Whether past launches are tested.
        progress: Called with (done, total) steps of the back-test.
    """
    history, model = ranked.shop.history, ranked.model
    audience = ranked.audience
    if isinstance(model, LaunchModel):
        shown = select_examples(audience, None if plan is None else plan.campaign)
        audience = add_reasons(audience, history, ranked.products, model, shown)
    content = ReportContent(
        history,
        untested=LEFT_OUT.format(shop=places.shop),
        audience=audience,
        model=model,
        campaign=plan,
        economics=economics,
        places=places,
        findings=tuple(describe_findings(ranked.findings, ranked.settings.products)),
        similar_launches=ranked.similar_launches,
    )
    if not include_backtest:
        return content
    tested, reason = _test_past_launches(ranked, progress)
    return replace(content, backtest=tested, untested=reason)


def _test_past_launches(ranked: AudienceResult, progress: Progress) -> tuple[Backtest | None, str]:
    """The back-test, or why there is none."""
    try:
        tested = backtest(ranked.shop.history, ranked.model.settings, seed=ranked.shop.seed, progress=progress)
    except LaunchError as error:
        return None, f"There are too few past launches for a back-test. {error}"
    return tested, ""
