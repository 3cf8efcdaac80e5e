"""What is answered when something was raised: a problem document for a program, a page for a person."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontrow.errors import FrontrowError
from frontrow.web.api.problems import ProblemError, answer_problem, describe_problem
from frontrow.web.pages.drawing import render
from frontrow.web.security.refusal import is_for_programs
from frontrow.web.security.stranger import answer_stranger
from frontrow.web.security.visitor import LoginRequired

EXPECTED: Final[tuple[type[Exception], ...]] = (FrontrowError, HTTPException, ProblemError, RequestValidationError)

HEADINGS: Final = {
    401: "Sign in first",
    403: "You may not do this",
    404: "There is nothing here",
    409: "Not now",
    413: "Too large",
    500: "frontrow has a defect",
    507: "The disk is full",
}
OTHER_HEADING: Final = "This did not work"
NOTHING_HERE: Final = "There is no page at this address. Go on from the list of shops."


def add_failures(app: FastAPI) -> None:
    """Answer everything that a route raises.

    Args:
        app: The application.
    """
    for kind in EXPECTED:
        app.add_exception_handler(kind, answer_failure)
    app.add_exception_handler(LoginRequired, _answer_stranger)


async def answer_failure(request: Request, error: Exception) -> Response:
    """The answer to a request for which something was raised.

    Args:
        request: The request.
        error: What was raised.
    """
    answer = await answer_problem(request, error)
    if is_for_programs(request.scope):
        return answer
    problem = describe_problem(error)
    sentence = NOTHING_HERE if problem.status == 404 and type(error) is HTTPException else problem.detail
    heading = HEADINGS.get(problem.status, OTHER_HEADING)
    page = render(request, "error.html", status=problem.status, heading=heading, sentence=sentence)
    page.headers.update(problem.headers)
    return page


async def _answer_stranger(request: Request, error: Exception) -> Response:
    del error
    return answer_stranger(request.scope)


class CutOffError(Exception):
    """An answer that had begun was not finished."""


class Defects:
    """ASGI middleware that answers what nobody planned for, so that the server's log never shows the text of an error.

    Such a text may hold a row of a customer; the place in the source may not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def watch(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            # a person went on to another page while this one was asking; nobody is left to answer
            return
        except Exception as error:
            answer = await answer_failure(Request(scope), error)
            if has_begun:
                # the connection is closed, so that nobody takes the part for the whole
                raise CutOffError from None
            await answer(scope, receive, send)
