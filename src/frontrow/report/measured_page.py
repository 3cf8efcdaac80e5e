"""The page of a campaign that was measured: what it earned, how sure that is, and what may be concluded."""

from __future__ import annotations

from pathlib import Path

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.uplift import verdict
from frontrow.campaign.uplift.measurement import Measurement
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.present.sections import conclusions, measured
from frontrow.present.sections.earned import earned
from frontrow.present.sections.next_steps import NOWHERE, Places
from frontrow.present.wording import instant, minus
from frontrow.report.render import rendered
from frontrow.storage.folder import write_text


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
        "verdict": minus(verdict.describe_conversion(bought)),
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


def _tone(bought: Uplift) -> str:
    """Whether it sold more, less, or nobody can tell."""
    if not bought.significant:
        return "open"
    return "better" if bought.difference > 0 else "worse"


def _money(found: Measurement) -> str | None:
    margin = found.overall_of("margin")
    return None if margin is None else minus(verdict.describe_margin(margin, found.contact_cost, found.currency))
