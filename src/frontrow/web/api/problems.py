"""What goes wrong, as `application/problem+json` (RFC 9457): one plain sentence, the field at fault, no stack trace."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from frontrow.errors import (
    ArtifactError,
    DiskFullError,
    FrameError,
    FrontrowError,
    InputError,
    MissingExtraError,
    SettingError,
    ShopError,
    ShopLockedError,
)
from frontrow.web.api.sentences import FieldProblem, describe_invalid

MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "urn:frontrow:problem:"
"""What the `type` of every problem begins with."""

DEFECT: Final = (
    "frontrow has a defect: something happened that nobody planned for. Nothing was changed by this request. "
    "The server's log says where; please report it."
)

STATUS: Final[tuple[tuple[type[FrontrowError], int], ...]] = (
    (DiskFullError, 507),
    (ShopLockedError, 409),
    (ShopError, 409),
    (ArtifactError, 409),
    (MissingExtraError, 501),
    (FrontrowError, 422),
)
"""The status of each kind of error; the first that fits counts."""

SENTENCES: Final[dict[int, str]] = {
    400: "The body cannot be read: it must be JSON in UTF-8.",
    404: "There is nothing at this address. The document at /openapi.json lists the addresses.",
    405: "This address does not take that method. The header Allow lists those it takes.",
}
"""What is said where the framework refuses a request by itself."""

log = logging.getLogger("frontrow.web")


class ProblemError(Exception):
    """A request that cannot be answered.

    Attributes:
        status: HTTP status.
        name: Last part of its `type`: the same for all problems of one kind.
        detail: What a person reads: what is wrong, and what to do.
        field: The part of the request at fault; empty where none is.
        errors: One entry a field, where several are at fault.
        headers: Of the answer.
    """

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        *,
        field: str = "",
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.name = name
        self.detail = detail
        self.field = field
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        super().__init__(detail)

    def to_dict(self) -> dict[str, Any]:
        """The document.

        Example:
            >>> ProblemError(404, "not-found", "There is no such job.").to_dict()["title"]
            'Not Found'
        """
        document: dict[str, Any] = {
            "type": f"{TYPE}{self.name}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.field:
            document["field"] = self.field
        if self.errors:
            document["errors"] = [{"field": error.field, "detail": error.detail} for error in self.errors]
        return document

    def response(self) -> Response:
        """The answer."""
        return Response(json.dumps(self.to_dict()), self.status, self.headers, MEDIA_TYPE)


def describe_problem(error: Exception) -> ProblemError:
    """Make the problem of anything that was raised.

    Args:
        error: What was raised.

    Example:
        >>> describe_problem(SettingError("horizon_days", "Give at least one day.")).field
        'horizon_days'
    """
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, FrontrowError):
        status = next(status for kind, status in STATUS if isinstance(error, kind))
        return ProblemError(status, _name(error), str(error), field=_field(error))
    if isinstance(error, RequestValidationError):
        problems = describe_invalid(error.errors())
        first = problems[0]
        detail = " ".join(problem.detail for problem in problems)
        return ProblemError(422, "invalid-request", detail, field=first.field, errors=problems)
    if isinstance(error, HTTPException):
        detail = SENTENCES.get(error.status_code) or str(error.detail).rstrip(".") + "."
        name = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return ProblemError(error.status_code, name, detail, headers=error.headers)
    return ProblemError(500, "defect", DEFECT)


async def answer_problem(request: Request, error: Exception) -> Response:
    """The answer to a request of a program that something was raised for; a defect goes to the log.

    Args:
        request: The request; nothing of it is written anywhere but its method and the pattern of its address.
        error: What was raised.
    """
    problem = describe_problem(error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        # the text of an unplanned error may hold anything; the places in the source hold nothing personal
        log.error("defect at %s %s: %s", request.method, _pattern(request), _places(error))
    return problem.response()


def _name(error: FrontrowError) -> str:
    """The name of a class of errors as the last part of a `type`, such as "shop-locked"."""
    words = type(error).__name__.removesuffix("Error")
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in words).lstrip("-")


def _field(error: FrontrowError) -> str:
    if isinstance(error, SettingError):
        return error.setting
    if isinstance(error, InputError | FrameError):
        return error.column or ""
    return ""


def _pattern(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "?"))


def _places(error: BaseException) -> str:
    """The files and lines that an error came through, without its text."""
    places, step = [], error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    return f"{type(error).__name__} at {', '.join(places[-8:])}"
