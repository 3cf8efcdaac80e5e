"""Rank a shop's customers for new products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frontrow.web.jobs.kind import Work
from frontrow.web.jobs.requests import PRODUCTS, BaselineName, LaunchRunRequest, NewProducts, write_products

if TYPE_CHECKING:
    from frontrow.service.audience import AudienceResult


class Request(LaunchRunRequest):
    """New products, for which customers are ranked."""

    products: NewProducts
    """The products, which nobody has bought yet."""

    sales_so_far: bool = False
    """All products are on sale, and it is an error if one is not."""

    model: BaselineName | None = None
    """Name of a simple rule to rank by; by default the shop's own launch model."""

    strict: bool = False
    """What looks like a slip in the products is an error."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Rank customers"
    request = Request
    changes_shop = False
    makes_shop = False

    def run(self, request: Request, work: Work) -> AudienceResult:
        """Rank the customers, and save the audience beside the job's result."""
        from frontrow.service.audience import AudienceSettings, rank_audience
        from frontrow.service.saved_audience import save_audience

        write_products(request.products, work.output / PRODUCTS)
        settings = AudienceSettings(
            work.output / PRODUCTS, sales_so_far=request.sales_so_far, model=request.model, strict=request.strict
        )
        run = request.to_run()
        result = rank_audience(work.shop, settings, run, progress=work.progress)
        save_audience(result, work.output, run)
        return result
