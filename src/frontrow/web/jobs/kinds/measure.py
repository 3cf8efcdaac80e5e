"""Measure what a campaign caused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, NaiveDatetime

from frontrow.web.jobs.campaigns import resolve_campaign
from frontrow.web.jobs.kind import Work
from frontrow.web.jobs.requests import Amount, JobRequest, Name, Seed, Text, UploadId, read_uploads

if TYPE_CHECKING:
    from frontrow.service.measurement import MeasurementResult


class Request(JobRequest):
    """A campaign whose contacted and held-out customers are compared."""

    campaign: Name
    """Id of the campaign."""

    uploads: Annotated[list[UploadId], Field(max_length=100)] = Field(default_factory=list)
    """Ids of uploaded exports with the orders since; the shop itself is left as it is."""

    sold_as: list[Text] = Field(default_factory=list, max_length=200)
    """What the shop calls the product: PRODUCT, or NEW_PRODUCT=PRODUCT where there are several."""

    margin: Amount | None = None
    """Earned per unit at its full price; by default the campaign's, else from the catalogue's cost."""

    cost: Amount | None = None
    """What a unit costs the shop, instead of a margin."""

    as_of: NaiveDatetime | None = None
    """Use only what came before this instant, in the shop's time zone; by default, the end of the history."""

    seed: Seed = 0
    """The same seed gives the same result."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Measure a campaign"
    request = Request
    changes_shop = False
    makes_shop = False

    def run(self, request: Request, work: Work) -> MeasurementResult:
        """Measure the campaign; measured again, it gives the same."""
        from frontrow.campaign.uplift.outcomes import Margin
        from frontrow.service.measurement import MeasureSettings, measure_campaign
        from frontrow.service.opening import RunSettings

        campaign = resolve_campaign(work.shop, request.campaign)
        orders = tuple(upload.path for upload in read_uploads(work.uploads, request.uploads))
        margin = Margin(cost=request.cost, per_unit=request.margin)
        settings = MeasureSettings(orders, tuple(request.sold_as), margin)
        return measure_campaign(work.shop, campaign, settings, RunSettings(as_of=request.as_of, seed=request.seed))
