"""Test the launch model on a shop's past launches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from frontrow.web.jobs.kind import Work
from frontrow.web.jobs.requests import Days, LaunchRunRequest

if TYPE_CHECKING:
    from frontrow.service.backtest import BacktestResult


class Request(LaunchRunRequest):
    """Which past launches are tested, and how; what is left out has the default of the command line."""

    test_days: Annotated[int, Field(ge=31, le=3_650)] | None = None
    """Number of days before the cutoff whose launches are tested."""

    refit_days: Days | None = None
    """Days after which the model is fitted again."""

    min_buyers: Annotated[int, Field(ge=1)] | None = None
    """Test launches with at least this many scored buyers."""

    sales_days: list[Days] = Field(default_factory=list, max_length=30)
    """Forecast launches again after so many days of sales."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Test past launches"
    request = Request
    changes_shop = False
    makes_shop = False

    def run(self, request: Request, work: Work) -> BacktestResult:
        """Test the launches."""
        from frontrow.launch.backtest.backtest import BacktestSettings
        from frontrow.service.backtest import run_backtest

        values = {name: getattr(request, name) for name in ("test_days", "refit_days", "min_buyers")}
        stated = {name: value for name, value in values.items() if value is not None}
        settings = BacktestSettings(**stated, sales_days=tuple(sorted({*request.sales_days})))
        return run_backtest(work.shop, settings, request.to_run(), progress=work.progress)
