"""What a customer will want next, from a trained recommender in memory."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from frontrow.web.api.access import Reader, ReaderClaim, ServerState, ShopQuery, find_shop
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.problems import ProblemError
from frontrow.web.api.responses import document_problems, document_unchanged
from frontrow.web.api.tables import to_json
from frontrow.web.api.unchanged import answer_unchanged, cache_headers, is_current, make_etag
from frontrow.web.jobs.requests import RecommenderName, RulesText, ShopName, Text
from frontrow.web.server_state import Server
from frontrow.web.serving.recommenders import Loaded, NotTrainedError

router = APIRouter(tags=["recommendations"], route_class=RepeatableRoute)

DEFAULT_MODEL: Final = "two_stage"
LARGEST_ID: Final = 2**63 - 1
MOST_CUSTOMERS: Final = 1_000

Length = Annotated[int, Query(ge=1, le=1_000, description="Length of the list.", examples=[10])]
ModelQuery = Annotated[
    RecommenderName, Query(description="Name of the recommender that was trained (`POST /v1/trainings`).")
]
RulesQuery = Annotated[
    RulesText | None,
    Query(
        description="The shop's rules in TOML, as in the file of `frontrow recommend --rules`.",
        examples=['already_bought = "hide"'],
    ),
]
CustomerId = Annotated[int, Field(ge=0, le=LARGEST_ID)]

LISTED: Final[list[dict[str, Any]]] = [
    {"rank": 1, "product_id": "clay-pot-20-cm", "title": "Clay Pot 20 cm", "score": 0.083, "source": "item_to_item"}
]
FACTS: Final[dict[str, Any]] = {
    "model": "two_stage",
    "as_of": "2026-05-31 00:00:00+01:00",
    "scores_are_probabilities": True,
}
ANSWER: Final = {"customer_id": 7, "has_orders": True, "recommendations": LISTED, **FACTS}
SIMILAR: Final[dict[str, Any]] = {
    "product_id": "clay-pot-20-cm",
    "title": "Clay Pot 20 cm",
    "model": "item_to_item",
    "similar": [{"product_id": "clay-pot-30-cm", "title": "Clay Pot 30 cm", "similarity": 0.41}],
}
BODY: Final[dict[str, Any]] = {"shop": "garden", "k": 5, "customers": [7, 12]}


class ListedProductDocument(BaseModel):
    """One product of a list."""

    rank: int = Field(description="From 1.")
    product_id: str
    title: str | None
    score: float | None = Field(
        description="The probability that a customer who orders buys it, where scores are probabilities; otherwise a "
        "number that only orders the products of one customer. null for a product that the model does not score."
    )
    source: str = Field(description="What put it there: one of the model's sources, pinned, or the basket.")


class ModelFacts(BaseModel):
    """What made the lists."""

    model: str = Field(description="Name of the recommender.")
    as_of: str = Field(description="It learned from orders before this instant.")
    scores_are_probabilities: bool = Field(description="Whether scores are probabilities to buy.")


class RecommendationsDocument(ModelFacts):
    """The products that a customer is likely to want next, the likeliest first."""

    customer_id: int
    has_orders: bool = Field(description="Whether the recommender learned from orders of this customer.")
    recommendations: list[ListedProductDocument]


class ListDocument(BaseModel):
    """The list of one customer of a request, or of one first order."""

    customer_id: int | None = Field(description="The customer; null for a new one.")
    has_orders: bool = Field(description="Whether the recommender learned from orders of this customer.")
    recommendations: list[ListedProductDocument]


class ListsDocument(ModelFacts):
    """One list for each customer that was asked about, in the same order."""

    lists: list[ListDocument]


class SimilarProductDocument(BaseModel):
    """A product like another one."""

    product_id: str
    title: str | None
    similarity: float = Field(description="Above 0; 1 is the same.")


class SimilarDocument(BaseModel):
    """A product, and those most like it."""

    product_id: str
    title: str | None
    model: str
    similar: list[SimilarProductDocument]


class FirstOrder(BaseModel):
    """What is known of the first order of a new customer."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    country: Text | None = None
    """Where it goes, as the shop writes countries."""

    province: Text | None = None
    """Where it goes."""

    city: Text | None = None
    """Where it goes."""

    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """Hour of the day at which it is placed."""

    month: Annotated[int, Field(ge=1, le=12)] | None = None
    """Month in which it is placed; by default, that of the recommender's last day."""


class RecommendationsRequest(BaseModel):
    """Whom lists are for, and under which rules."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    shop: ShopName
    """Name of the shop."""

    model: RecommenderName = DEFAULT_MODEL
    """Name of the recommender that was trained."""

    k: Annotated[int, Field(ge=1, le=1_000)] = 10
    """Length of each list."""

    rules: RulesText | None = None
    """The shop's rules in TOML, as in the file of `frontrow recommend --rules`."""

    customers: Annotated[list[CustomerId], Field(max_length=MOST_CUSTOMERS)] = Field(default_factory=list)
    """Numbers of customers."""

    source_ids: Annotated[list[Text], Field(max_length=MOST_CUSTOMERS)] = Field(default_factory=list)
    """Customers by the id that the shop's own system has for them. They are in the body, and so in no log."""

    first_orders: Annotated[list[FirstOrder], Field(max_length=MOST_CUSTOMERS)] = Field(default_factory=list)
    """New customers, by what is known of their first order; an empty object for one of whom nothing is known."""

    basket: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    """Of new customers: ids of products in the basket; products like them are listed."""


@router.get(
    "/v1/customers/{customer_id}/recommendations",
    operation_id="get_recommendations",
    response_model=RecommendationsDocument,
    responses={**document_problems(404, 409), **document_unchanged(), 200: {"content": {JSON: {"example": ANSWER}}}},
)
async def get_recommendations(
    request: Request,
    visitor: Reader,
    server: ServerState,
    customer_id: Annotated[int, Path(ge=0, le=LARGEST_ID, description="Number of the customer.", examples=[7])],
    shop: ShopQuery,
    k: Length = 10,
    rules: RulesQuery = None,
    model: ModelQuery = DEFAULT_MODEL,
) -> Response:
    """The products that a customer is likely to want next, the likeliest first.

    The same as `frontrow recommend` with the trained model. A list without rules of up to 20 products is there already
    when it is asked for.
    """
    del visitor
    loaded = await find_recommender(server, shop, model)
    etag = make_etag(loaded.version, customer_id, k, rules)
    if is_current(request, etag):
        return answer_unchanged(etag)
    body = await _list_products(server, loaded, customer_id, k, rules or "")
    return Response(body, 200, cache_headers(etag), JSON)


@router.post(
    "/v1/recommendations",
    operation_id="recommend",
    response_model=ListsDocument,
    responses={
        **document_problems(404, 409),
        200: {
            "content": {
                JSON: {
                    "example": {
                        **FACTS,
                        "lists": [{"customer_id": 7, "has_orders": True, "recommendations": LISTED}],
                    }
                }
            }
        },
    },
    openapi_extra={"requestBody": {"content": {JSON: {"example": BODY}}}},
)
async def post_recommendations(
    body: RecommendationsRequest, visitor: Reader, server: ServerState, claim: ReaderClaim
) -> Response:
    """Lists for several customers, for new ones, and beside a basket.

    The lists stand in the order of `customers`, `source_ids`, `first_orders`.
    """
    del visitor, claim
    loaded = await find_recommender(server, body.shop, body.model)
    lists = await server.recommenders.run(_make_lists, loaded, body, find_shop(server, body.shop))
    return Response(to_json({**loaded.facts, "lists": lists}), 200, media_type=JSON)


@router.get(
    "/v1/products/{product_id}/similar",
    operation_id="get_similar_products",
    response_model=SimilarDocument,
    responses={**document_problems(404, 409), **document_unchanged(), 200: {"content": {JSON: {"example": SIMILAR}}}},
)
async def get_similar(
    request: Request,
    visitor: Reader,
    server: ServerState,
    product_id: Annotated[
        str, Path(description="Id of the product, or its title.", max_length=500, examples=["clay-pot-20-cm"])
    ],
    shop: ShopQuery,
    k: Length = 10,
    model: ModelQuery = DEFAULT_MODEL,
) -> Response:
    """The products for sale that are most like one.

    The same as `frontrow similar`, as of the day the recommender was trained. A recommender that does not compare
    products has one beside it that does; `model` says which one it was.
    """
    del visitor
    loaded = await find_recommender(server, shop, model)
    etag = make_etag(loaded.version, "similar", product_id, k)
    if is_current(request, etag):
        return answer_unchanged(etag)
    similar = await server.recommenders.run(_find_similar, loaded, product_id, k)
    return Response(to_json(similar), 200, cache_headers(etag), JSON)


async def find_recommender(server: Server, shop: str, model: str) -> Loaded:
    """The recommender of a shop in memory.

    Args:
        server: Holds the recommenders.
        shop: Name of the shop.
        model: Name of the recommender.

    Raises:
        ProblemError: There is no such shop, or no such recommender was trained: 404.
    """
    folder = find_shop(server, shop)
    try:
        return await server.recommenders.find(folder, server.runner.places.trained(shop) / model)
    except NotTrainedError:
        detail = f'No recommender "{model}" was trained for this shop. Train it with POST /v1/trainings.'
        raise ProblemError(404, "not-trained", detail, field="model") from None


async def _list_products(server: Server, loaded: Loaded, customer_id: int, k: int, rules: str) -> bytes:
    if not loaded.served.has_customer(customer_id):
        raise _unknown_customer("customer_id")
    key = (customer_id, k, rules)
    answer = loaded.answers.get(key)
    if answer is None:
        if not rules and loaded.is_ready(customer_id, k):
            answer = _write_list(loaded, customer_id, k, rules)
        else:
            answer = await server.recommenders.run(_write_list, loaded, customer_id, k, rules)
        loaded.answers.put(key, answer)
    return answer


def _write_list(loaded: Loaded, customer_id: int, k: int, rules: str) -> bytes:
    return to_json({**_make_list(loaded, customer_id, k, rules), **loaded.facts})


def _make_list(loaded: Loaded, customer_id: int, k: int, rules: str) -> dict[str, Any]:
    from frontrow.service.serving import list_to_dicts, parse_rules

    served = loaded.served
    products = served.recommender.list_products(customer_id, k, parse_rules(rules, served))
    has_orders = served.recommender.has_orders(customer_id)
    return {"customer_id": customer_id, "has_orders": has_orders, "recommendations": list_to_dicts(products)}


def _make_lists(loaded: Loaded, body: RecommendationsRequest, folder: Any) -> list[dict[str, Any]]:
    from frontrow.service.serving import find_customers, list_for_first_orders, list_to_dicts, parse_rules

    served, rules = loaded.served, body.rules or ""
    numbers: list[int | None] = [*body.customers]
    numbers += find_customers(folder, body.source_ids) if body.source_ids else []
    lists = []
    for position, number in enumerate(numbers):
        if number is None or not served.has_customer(number):
            own = position < len(body.customers)
            raise _unknown_customer(
                f"customers.{position}" if own else f"source_ids.{position - len(body.customers)}", status=422
            )
        lists.append(_make_list(loaded, number, body.k, rules))
    if body.first_orders:
        orders = [order.model_dump() for order in body.first_orders]
        made = list_for_first_orders(served, orders, body.k, parse_rules(rules, served), body.basket)
        new = {"customer_id": None, "has_orders": False}
        lists += [{**new, "recommendations": list_to_dicts(products)} for products in made]
    return lists


def _find_similar(loaded: Loaded, product_id: str, k: int) -> dict[str, Any]:
    from frontrow.service.serving import find_similar_served

    return find_similar_served(loaded.served, product_id, k)


def _unknown_customer(field: str, status: int = 404) -> ProblemError:
    return ProblemError(status, "no-such-customer", "The shop has no customer of that number or id.", field=field)
