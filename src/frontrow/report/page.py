"""The page: what was found, what it rests on, why to believe it, what it does not say."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

from frontrow.launch.audience import Audience
from frontrow.launch.backtest import LAUNCH_MODEL, Backtest
from frontrow.launch.classification import Classification
from frontrow.launch.classify_past import PastClassification
from frontrow.launch.life_cycle import LaunchDays, life_cycles
from frontrow.launch.model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.report import answer, asked, charts, evidence, timeline, wording
from frontrow.report.classified_section import section
from frontrow.shop.folder import write_text
from frontrow.shop.shop import History


def write_report(
    file: str | Path,
    history: History,
    *,
    backtest: Backtest | None = None,
    audience: Audience | None = None,
    model: LaunchModel | None = None,
    classification: Classification | PastClassification | None = None,
    launch_days: LaunchDays | None = None,
) -> None:
    """Write one HTML file that opens with no network; sections with nothing to say are left out.

    It holds no personal data: customers stand in it by their number in the shop, never by e-mail or source id. The
    same figures give the same file, to the byte. It is written in one step: the old file or the new, never a part.

    Args:
        file: Where to; its folder is made if need be.
        history: What the figures were made from.
        backtest: Why to believe them.
        audience: Who is expected to buy.
        model: What the audience was scored with.
        classification: What classifiers make of one launch, or of every past launch.
        launch_days: Stated launch days by product id, as the figures were made with.
    """
    settings = asked.settings_of(backtest, model, classification)
    facts = asked.facts(history, settings, audience, model)
    if classification is not None and audience is None and backtest is None:
        # Who was compared at a launch of the past are not those who are active now.
        facts = [fact for fact in facts if fact[0] != asked.CONSIDERED]
    shown = {
        "as_of": wording.instant(history.cutoff),
        "version": version("frontrow"),
        "horizon": settings.horizon_days if model is not None or backtest is not None else None,
        "facts": facts,
        "answers": _answers(audience, history),
        "evidence": _evidence(backtest),
        "classified": None if classification is None else section(classification),
        "timeline": _timeline(history, settings, launch_days),
    }
    write_text(_templates().get_template("report.html").render(shown), Path(file))


def _templates() -> jinja2.Environment:
    """Everything put into a template is escaped; a name that is not given is an error."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("frontrow.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters.update(count=wording.count, percent=wording.percent, decimal=wording.decimal)
    return found


def _answers(audience: Audience | None, history: History) -> dict[str, Any] | None:
    if audience is None:
        return None
    products = answer.answers(audience)
    return {
        "products": products,
        "unshown": audience.rows["product_id"].n_unique() - len(products),
        "columns": answer.columns(history.shop.settings.currency),
        "message": audience.message,
        "charts": [
            charts.reach(product, name=f"reach{place}") if product.curve else None
            for place, product in enumerate(products)
        ],
    }


def _evidence(backtest: Backtest | None) -> dict[str, Any] | None:
    if backtest is None:
        return None
    summary, launches = backtest.summary(), evidence.launches(backtest)
    forecast = backtest.forecasts.launches
    predicted, actual = backtest.buyers()
    lift = {row["metric"]: row["mean"] for row in summary.iter_rows(named=True) if row["model"] == LAUNCH_MODEL}
    return {
        "launch_model": LAUNCH_MODEL,
        "launches": backtest.launches,
        "settings": backtest.settings,
        "tested": backtest.tested,
        "predicted": predicted,
        "actual": actual,
        "ratio": evidence.buyers_ratio(backtest),
        "spread": evidence.spread(backtest),
        "gain": evidence.gain(backtest),
        "lift_1": lift["lift_1"],
        "columns": [name for name, _ in evidence.FORMS.values()],
        "measures": evidence.measures(summary),
        "precision_chart": charts.average_precision(summary),
        "buyers_chart": charts.predicted_against_actual(forecast) if forecast.height else None,
        "forecasts": backtest.forecasts.summary(),
        "launch_rows": evidence.launch_rows(launches),
        "unshown": max(0, launches.height - evidence.LATEST),
    }


def _timeline(history: History, settings: LaunchSettings, launch_days: LaunchDays | None) -> dict[str, Any]:
    cycles = life_cycles(history, settings, launch_days=launch_days)
    table = timeline.first_sales(cycles)
    # Two drawings: one chart cannot be read both across a desk and on a telephone.
    drawn = [] if table.height == 0 else [("wide", 940), ("narrow", 400)]
    return {
        "counts": timeline.verdict_counts(cycles),
        "settings": settings,
        "charts": [(kind, charts.first_sales(table, name=f"months-{kind}", width=width)) for kind, width in drawn],
    }
