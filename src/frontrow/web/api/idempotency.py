"""`Idempotency-Key`: a POST that is sent twice with the same key is done once, and answered the same both times."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from anyio import CancelScope
from fastapi import Header, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from frontrow.web.api.problems import ProblemError, describe_problem
from frontrow.web.security.visitor import Visitor
from frontrow.web.store.idempotency import (
    Claim,
    IdempotencyStore,
    InFlightError,
    KeptAnswer,
    OtherRequestError,
)

REPLAYED: Final = "Idempotency-Replayed"
KEPT_HEADERS: Final = ("content-type", "location", "etag")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A text of your own, such as a UUID, that is new for each thing you ask for. The same request with "
        "the same key is done once within 24 hours: the second time you get the first answer again.",
        min_length=1,
        max_length=255,
        pattern="^[ -~]+$",
        examples=["6f1c1b0e-audience-spring"],
    ),
]


class ReplayError(Exception):
    """The request was answered before; raised where that is noticed, and answered by `RepeatableRoute`."""

    def __init__(self, answer: KeptAnswer) -> None:
        self.answer = answer
        super().__init__("answered before")


async def claim_key(request: Request, key: str | None, visitor: Visitor, store: IdempotencyStore) -> str | None:
    """Claim the key of a request before anything is done for it.

    Args:
        request: The request.
        key: Its idempotency key; None where it has none.
        visitor: Whose token it came with: keys of different tokens have nothing to do with each other.
        store: Keys and answers.

    Returns:
        The id of what the request is to make; None without a key.

    Raises:
        ProblemError: The key belongs to another request (422), or that request is being done at the moment (409).
        ReplayError: The request was answered before.
    """
    if key is None:
        return None
    digest = await _digest(request)
    try:
        claim = await run_in_threadpool(store.begin, visitor.name, key, digest)
    except OtherRequestError:
        raise ProblemError(
            422,
            "idempotency-key-reused",
            "This Idempotency-Key was sent with another request before. Use a new key for a new request.",
            field="Idempotency-Key",
        ) from None
    except InFlightError:
        raise ProblemError(
            409,
            "idempotency-key-in-flight",
            "The request with this Idempotency-Key is being done at the moment. Send it again in a moment.",
            field="Idempotency-Key",
            headers={"Retry-After": "1"},
        ) from None
    if isinstance(claim, KeptAnswer):
        raise ReplayError(claim)
    request.state.claim = (store, claim)
    return claim.claim_id


class RepeatableRoute(APIRoute):
    """A route whose answers are kept under the key that `claim_key` claimed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the framework, between claiming a key and keeping the answer."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
                await _keep(request, response)
            except ReplayError as replay:
                earlier = replay.answer
                return Response(earlier.body, earlier.status, {**earlier.headers, REPLAYED: "true"})
            except BaseException as error:
                await _let_go(request, error)
                raise
            return response

        return answer


async def _digest(request: Request) -> str:
    """SHA-256 of what the request asks for."""
    digest = hashlib.sha256()
    for part in (request.method.encode(), request.url.path.encode(), request.url.query.encode(), await request.body()):
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _claim_of(request: Request) -> tuple[IdempotencyStore, Claim] | None:
    claim: tuple[IdempotencyStore, Claim] | None = getattr(request.state, "claim", None)
    return claim


async def _keep(request: Request, response: Response) -> None:
    store_and_claim = _claim_of(request)
    if store_and_claim is None:
        return
    store, claim = store_and_claim
    headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
    answer = KeptAnswer(response.status_code, headers, bytes(response.body))
    await run_in_threadpool(store.finish, claim, answer)


async def _let_go(request: Request, error: BaseException) -> None:
    """Free the key of a request that was refused; one that broke off in the middle goes on under its id next time."""
    store_and_claim = _claim_of(request)
    if store_and_claim is None:
        return
    store, claim = store_and_claim
    is_refused = isinstance(error, Exception) and describe_problem(error).status < 500
    # a request that is cancelled waits for it, too; nothing else has to
    with CancelScope(shield=True):
        await run_in_threadpool(store.release if is_refused else store.abandon, claim)
