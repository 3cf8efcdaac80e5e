"""Fetch from a shop's sources what is new, and import it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frontrow.web.jobs.kind import SHOP_WAIT, Work
from frontrow.web.jobs.requests import JobRequest, Name

if TYPE_CHECKING:
    from frontrow.service.sync import SyncResult


class Request(JobRequest):
    """Sources that a shop states, to be fetched from and imported."""

    source: Name | None = None
    """Name of the only source; by default, all that the shop states."""

    from_start: bool = False
    """Fetch everything again, not only what is new since the last sync."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Sync"
    request = Request
    changes_shop = True
    makes_shop = False

    def run(self, request: Request, work: Work) -> SyncResult:
        """Fetch and import; what was fetched before a kill is not fetched again, and nothing is counted twice."""
        from frontrow.service.sync import SyncSettings, sync_shop

        settings = SyncSettings(source=request.source, from_start=request.from_start)
        return sync_shop(work.shop, settings, progress=work.progress, wait=SHOP_WAIT)
