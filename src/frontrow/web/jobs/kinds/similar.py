"""Find the products most like a given one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from frontrow.web.jobs.kind import Work
from frontrow.web.jobs.requests import JobRequest, Name, RecommenderName, Seed

if TYPE_CHECKING:
    from frontrow.service.recommendations import SimilarResult


class Request(JobRequest):
    """A product, whose most similar ones are found."""

    product: Name
    """Its id or its title."""

    model: RecommenderName = "item_to_item"
    """Name of a recommender that compares products."""

    top: Annotated[int, Field(ge=1, le=1_000)] = 10
    """Number of products."""

    seed: Seed = 0
    """The same seed gives the same result."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Find similar products"
    request = Request
    changes_shop = False
    makes_shop = False

    def run(self, request: Request, work: Work) -> SimilarResult:
        """Compare the products by what customers bought."""
        from frontrow.service.opening import RunSettings
        from frontrow.service.recommendations import find_similar

        run = RunSettings(seed=request.seed)
        return find_similar(
            work.shop, request.product, run, model=request.model, top=request.top, progress=work.progress
        )
