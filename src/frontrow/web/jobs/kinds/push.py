"""Push a campaign's customers to a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from frontrow.web.jobs.campaigns import resolve_campaign
from frontrow.web.jobs.kind import SHOP_WAIT, Work
from frontrow.web.jobs.requests import JobRequest, Name

if TYPE_CHECKING:
    from frontrow.service.push import PushResult


class Request(JobRequest):
    """A campaign whose customers are brought into the account that mail is sent from."""

    campaign: Name
    """Id of the campaign."""

    to: Name
    """A destination that the shop states, or a platform such as klaviyo."""

    group: Literal["contacted", "held-out"] = "contacted"
    """Those to be contacted, or those held out, so that messages can leave them out."""

    confirm: Annotated[int, Field(ge=0)]
    """The number of customers that was counted just before."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Send to a platform"
    request = Request
    changes_shop = True
    makes_shop = False

    def run(self, request: Request, work: Work) -> PushResult:
        """Send them; a job that was killed goes on where it was, and nobody is sent twice."""
        from frontrow.service.push import PushSettings, push_campaign

        campaign = resolve_campaign(work.shop, request.campaign)
        settings = PushSettings(request.to, request.group, confirm=request.confirm)
        return push_campaign(work.shop, campaign, settings, progress=work.progress, wait=SHOP_WAIT)
