"""What a customer will want next, from a trained recommender in memory."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from frontrow.web.api.access import Reader, ReaderClaim, ServerState, ShopQuery, find_shop
from frontrow.web.api.bodies.recommendations import (
    DEFAULT_MODEL,
    LARGEST_ID,
    ListsDocument,
    RecommendationsDocument,
    RecommendationsRequest,
    SimilarDocument,
)
from frontrow.web.api.idempotency import RepeatableRoute
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.problems import ProblemError
from frontrow.web.api.responses import document_problems, document_unchanged
from frontrow.web.api.tables import to_json
from frontrow.web.api.unchanged import answer_unchanged, cache_headers, is_current, make_etag
from frontrow.web.jobs.requests import RecommenderName, RulesText
from frontrow.web.server_state import Server
from frontrow.web.serving.lists import UnknownCustomerError, find_similar, make_list, make_lists
from frontrow.web.serving.recommenders import Loaded, NotTrainedError

router = APIRouter(tags=["recommendations"], route_class=RepeatableRoute)

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
    try:
        lists = await server.recommenders.run(make_lists, loaded, body, find_shop(server, body.shop))
    except UnknownCustomerError as error:
        raise _unknown_customer(error.field, status=422) from None
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
    similar = await server.recommenders.run(find_similar, loaded, product_id, k)
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
    return to_json({**make_list(loaded, customer_id, k, rules), **loaded.facts})


def _unknown_customer(field: str, status: int = 404) -> ProblemError:
    return ProblemError(status, "no-such-customer", "The shop has no customer of that number or id.", field=field)
