"""The page of a campaign that was measured: what it earned, how sure that is, and what may be concluded."""

from __future__ import annotations

from pathlib import Path

from frontrow.campaign import verdict
from frontrow.campaign.effect import Effect
from frontrow.campaign.measurement import Measurement
from frontrow.campaign.plan import Campaign
from frontrow.report import conclusions, measured
from frontrow.report.earned import earned
from frontrow.report.next_steps import NOWHERE, Places
from frontrow.report.rendering import rendered
from frontrow.report.wording import instant, minus
from frontrow.shop.folder import write_text


def write_measured(file: str | Path, found: Measurement, campaign: Campaign, *, places: Places = NOWHERE) -> None:
    """Write one HTML file that opens with no network, in one step; the same figures give the same file, to the byte.

    It holds no personal data and no customer's number either: groups only.

    Args:
        file: Where to; its folder is made if need be.
        found: What was measured.
        campaign: What was planned.
        places: Where the shop and the campaign are that the next steps name.
    """
    bought = next(one for one in found.overall if one.outcome == "conversion")
    shown = {
        "campaign": found.campaign,
        "as_of": instant(found.as_of),
        "titles": [one.title for one in found.products],
        "verdict": minus(verdict.verdict(bought)),
        "tone": _tone(bought),
        "money": _money(found),
        "open": [f"{one.title} until {one.window.end:%Y-%m-%d}" for one in found.products if not one.closed],
        "facts": measured.facts(found, campaign),
        "earned": earned(found),
        "compared": measured.compared(found),
        "deciles": measured.along_the_lists(found),
        "may": conclusions.may_be_concluded(bought),
        "may_not": conclusions.may_not_be_concluded(found, bought),
        "steps": conclusions.steps(found, bought, places),
    }
    write_text(rendered("measured_page.html", shown), Path(file))


def _tone(bought: Effect) -> str:
    """Whether it sold more, less, or nobody can tell."""
    if not bought.seen:
        return "open"
    return "better" if bought.difference > 0 else "worse"


def _money(found: Measurement) -> str | None:
    margin = found.overall_of("margin")
    return None if margin is None else minus(verdict.earned(margin, found.contact_cost, found.currency))
