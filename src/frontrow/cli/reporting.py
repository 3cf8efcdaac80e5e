"""Write the report of an audience or a campaign: reasons, back-test, page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from frontrow.cli import terminal
from frontrow.cli.asking import Asking

if TYPE_CHECKING:
    from frontrow.campaign.economics.economics import Economics
    from frontrow.campaign.plan import CampaignPlan
    from frontrow.launch.backtest.backtest import Backtest
    from frontrow.present.sections.next_steps import Places

LEFT_OUT = "The back-test over past launches was left out. Make it with: frontrow backtest {shop}"


def write(
    asking: Asking,
    file: Path,
    *,
    places: Places,
    campaign: CampaignPlan | None = None,
    economics: Economics | None = None,
    tested: bool = True,
    quiet: bool = False,
) -> None:
    """Tell the reasons of the customers shown, go back to past launches, write the page."""
    from frontrow.launch.audience.explained import with_reasons
    from frontrow.present.sections.examples import wanted
    from frontrow.report.page import write_report

    shown = wanted(asking.audience, None if campaign is None else campaign.campaign)
    told = with_reasons(asking.audience, asking.history, asking.products, asking.model, shown)
    result, untested = None, LEFT_OUT.format(shop=places.shop)
    if tested:
        result, untested = _tested(asking, quiet=quiet)
    write_report(
        file,
        asking.history,
        backtest=result,
        untested=untested,
        audience=told,
        model=asking.model,
        campaign=campaign,
        economics=economics,
        places=places,
    )


def _tested(asking: Asking, *, quiet: bool) -> tuple[Backtest | None, str]:
    """The back-test, or why there is none."""
    from frontrow.errors import LaunchError
    from frontrow.launch.backtest.backtest import backtest

    with terminal.progress("Walking through past launches", quiet=quiet) as step:
        try:
            found = backtest(asking.history, asking.model.settings, seed=asking.seed, progress=step)
        except LaunchError as error:
            return None, f"There are too few past launches for a back-test. {error}"
    return found, ""
