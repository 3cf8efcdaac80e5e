"""Make a list of products for each customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, NaiveDatetime

from frontrow.web.jobs.kind import Work
from frontrow.web.jobs.requests import (
    PRODUCTS,
    Days,
    JobRequest,
    NewProduct,
    RecommenderName,
    RulesText,
    Seed,
    Text,
    write_products,
)

if TYPE_CHECKING:
    from pathlib import Path

    from frontrow.service.recommendations import RecommendationsResult

CUSTOMERS = "customers.csv"
RULES = "rules.toml"


class Request(JobRequest):
    """Whom lists are for, their length, and the shop's rules."""

    customers: Literal["returning", "all", "new"] | Annotated[list[int], Field(min_length=1, max_length=100_000)] = (
        "returning"
    )
    """Everyone active, everyone, those who have not ordered yet, or customers by their number."""

    active_days: Days | None = None
    """Returning customers ordered within so many days; by default the shop's, else 365."""

    basket: list[Text] = Field(default_factory=list, max_length=100)
    """Of new customers: products in the basket, by id."""

    k: Annotated[int, Field(ge=1, le=1_000)] = 10
    """Length of each list."""

    mode: Literal["all", "new"] | None = None
    """List all products, or only those that the customer never bought; by default as the rules say."""

    rules: RulesText | None = None
    """Rules in TOML, as in the file of the command line; stock is named by `out_of_stock`."""

    launches: list[NewProduct] = Field(default_factory=list, max_length=200)
    """Products that are not on sale yet."""

    strict: bool = False
    """What looks like a slip in the launches is an error."""

    model: RecommenderName = "two_stage"
    """Name of the recommender."""

    trained: bool = False
    """Use the recommender of that name that was trained before."""

    as_of: NaiveDatetime | None = None
    """Use only what came before this instant, in the shop's time zone; by default, the end of the history."""

    seed: Seed = 0
    """The same seed gives the same result."""


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Recommend products"
    request = Request
    changes_shop = False
    makes_shop = False

    def run(self, request: Request, work: Work) -> RecommendationsResult:
        """Make the lists; all of them are the job's table."""
        from frontrow.recommend.settings import RecommendSettings
        from frontrow.service.opening import RunSettings
        from frontrow.service.recommendations import recommend

        if request.launches:
            write_products(request.launches, work.output / PRODUCTS)
        settings = RecommendSettings(
            customers=_write_customers(request, work.output),
            basket=tuple(request.basket),
            k=request.k,
            mode=request.mode,
            rules=_write_rules(request, work.output),
            launches=work.output / PRODUCTS if request.launches else None,
            seed=request.seed,
            strict=request.strict,
        )
        run = RunSettings(as_of=request.as_of, active_days=request.active_days, seed=request.seed)
        model = str(work.trained / request.model) if request.trained else request.model
        return recommend(work.shop, settings, run, model=model, progress=work.progress)


def _write_customers(request: Request, folder: Path) -> str:
    """The word for whom lists are for, or a file of their numbers, as the command line reads it."""
    from frontrow.storage.folder import write_text

    if isinstance(request.customers, str):
        return request.customers
    lines = ["customer_id", *(str(number) for number in request.customers)]
    write_text("\n".join(lines) + "\n", folder / CUSTOMERS)
    return str(folder / CUSTOMERS)


def _write_rules(request: Request, folder: Path) -> Path | None:
    from frontrow.storage.folder import write_text

    if request.rules is None:
        return None
    write_text(request.rules, folder / RULES)
    return folder / RULES
