"""Measure the campaigns of a pool together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import NaiveDatetime

from frontrow.web.jobs.kind import Work
from frontrow.web.jobs.requests import Amount, JobRequest, Name, Seed

if TYPE_CHECKING:
    from frontrow.service.pooled_measurement import PooledResult


class Request(JobRequest):
    """Campaigns that were planned to be measured together."""

    pool: Name
    """Name of the pool, as the campaigns were planned with."""

    margin: Amount | None = None
    """Earned per unit at its full price; by default each campaign's, else from the catalogue's cost."""

    as_of: NaiveDatetime | None = None
    """Use only what came before this instant, in the shop's time zone; by default, the end of the history."""

    seed: Seed = 0
    """The same seed gives the same result."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Measure campaigns together"
    request = Request
    changes_shop = False
    makes_shop = False

    def run(self, request: Request, work: Work) -> PooledResult:
        """Measure them by the shop's own orders; measured again, they give the same."""
        from frontrow.campaign.uplift.outcomes import Margin
        from frontrow.service.measurement import MeasureSettings
        from frontrow.service.opening import RunSettings
        from frontrow.service.pooled_measurement import measure_pool

        settings = MeasureSettings((), (), Margin(cost=None, per_unit=request.margin))
        return measure_pool(work.shop, request.pool, settings, RunSettings(as_of=request.as_of, seed=request.seed))
