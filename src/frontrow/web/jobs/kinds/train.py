"""Train a recommender that the server answers from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import NaiveDatetime

from frontrow.web.jobs.kind import SHOP_WAIT, Work
from frontrow.web.jobs.requests import JobRequest, RecommenderName, Seed

if TYPE_CHECKING:
    from frontrow.service.recommendations import TrainResult


class Request(JobRequest):
    """A recommender, trained on the shop's orders."""

    model: RecommenderName = "two_stage"
    """Name of the recommender."""

    as_of: NaiveDatetime | None = None
    """Use only what came before this instant, in the shop's time zone; by default, the end of the history."""

    seed: Seed = 0
    """The same seed gives the same result."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Train a recommender"
    request = Request
    changes_shop = True
    makes_shop = False

    def run(self, request: Request, work: Work) -> TrainResult:
        """Train the recommender in the place of an earlier one of that name."""
        from frontrow.service.opening import RunSettings
        from frontrow.service.recommendations import train
        from frontrow.service.serving import prepare_rankings
        from frontrow.storage.durable import make_private_folder

        make_private_folder(work.trained.parent)
        make_private_folder(work.trained)
        run = RunSettings(as_of=request.as_of, seed=request.seed)
        output = work.trained / request.model
        result = train(work.shop, output, run, model=request.model, progress=work.progress, wait=SHOP_WAIT)
        # so that the server answers for a customer at once, without computing anything
        prepare_rankings(output, progress=work.progress)
        return result
