"""The answers that the OpenAPI document names beside the good one."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from frontrow.web.api.negotiation import CSV, JSON, PARQUET
from frontrow.web.api.problems import MEDIA_TYPE, TYPE

Responses = dict[int | str, dict[str, Any]]

PROBLEM_SCHEMA: Final = "Problem"
REFERENCE: Final = {"$ref": f"#/components/schemas/{PROBLEM_SCHEMA}"}


class InvalidField(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Its name; a dot between the parts of a path.", examples=["products.0.price"])
    detail: str = Field(description="A sentence.", examples=['"products.0.price" must be 0 or more.'])


class Problem(BaseModel):
    """Why a request was not answered, as RFC 9457 says it."""

    type: str = Field(description="The kind of problem: the same text for all of one kind.")
    title: str = Field(description="The name of the HTTP status.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong and what to do, for a person.")
    field: str = Field(default="", description="The part of the request at fault; left out where none is.")
    errors: list[InvalidField] = Field(default=[], description="One entry a field, where fields are at fault.")


EXAMPLES: Final[dict[int, tuple[str, str, str, str]]] = {
    400: ("bad-request", "Bad Request", "The body cannot be read: it must be JSON in UTF-8.", ""),
    401: ("unauthorized", "Unauthorized", "Sign in, or send a token as the header Authorization: Bearer TOKEN.", ""),
    403: ("forbidden", "Forbidden", 'This needs the scope "plan".', ""),
    404: ("not-found", "Not Found", "There is no job of that id here. It may have been removed since.", ""),
    406: ("not-acceptable", "Not Acceptable", "This address answers as application/json, text/csv.", "Accept"),
    408: ("request-timeout", "Request Timeout", "The request arrived too slowly. Send it again.", ""),
    409: ("not-done", "Conflict", "The job is still running. Ask again when its state is done.", ""),
    413: ("content-too-large", "Request Entity Too Large", "More was sent than is taken here.", ""),
    421: ("misdirected-request", "Misdirected Request", "The server is not called by this name.", ""),
    422: ("invalid-request", "Unprocessable Entity", '"limit" must be 1 or more.', "limit"),
    429: ("too-many-jobs", "Too Many Requests", "100 jobs wait already. Try again when some are done.", ""),
    501: ("missing-extra", "Not Implemented", "torch is not installed.", ""),
    503: ("not-ready", "Service Unavailable", "The recommender is being read. Ask again in a moment.", ""),
    507: ("disk-full", "Insufficient Storage", "There is no space left on the disk; nothing was changed.", ""),
}

EVERYWHERE: Final = (400, 401, 403, 408, 413, 422)
"""What any address may answer."""


def document_problems(*statuses: int) -> Responses:
    """The problems that an address may answer with, beside those that any may.

    Args:
        statuses: Their HTTP statuses.
    """
    return {status: _document(status) for status in sorted({*EVERYWHERE, *statuses})}


def document_open_problems(*statuses: int) -> Responses:
    """The problems of an address that anybody may ask for.

    Args:
        statuses: Their HTTP statuses.
    """
    return {status: _document(status) for status in sorted(statuses)}


def document_unchanged() -> Responses:
    """The answer to `If-None-Match` where nothing changed."""
    return {304: {"description": "What you have is current (`If-None-Match`).", "content": {}}}


def document_table(example: dict[str, Any], csv: str, kind: Literal["page", "table"] = "page") -> Responses:
    """A table by `Accept`: the rows in JSON are described by the route's model.

    Args:
        example: Of the JSON.
        csv: The same rows as CSV.
        kind: A page of a longer list, or all of it.
    """
    what = "A page of the list" if kind == "page" else "The table"
    headers = {
        "ETag": {"description": "Tag of this answer, for `If-None-Match`.", "schema": {"type": "string"}},
    }
    if kind == "page":
        headers["Link"] = {
            "description": 'Address of the next page, with `rel="next"`; missing on the last page.',
            "schema": {"type": "string"},
        }
    content = {
        JSON: {"example": example},
        CSV: {"schema": {"type": "string"}, "example": csv},
        PARQUET: {"schema": {"type": "string", "format": "binary"}},
    }
    return {
        200: {"description": f"{what}, in the format that `Accept` asks for.", "content": content, "headers": headers}
    }


def document_job(example: dict[str, Any]) -> Responses:
    """The answer that work began: 202.

    Args:
        example: The job.
    """
    headers = {
        "Location": {"description": "Address of the job.", "schema": {"type": "string"}},
        "Retry-After": {"description": "Seconds until it is worth asking.", "schema": {"type": "string"}},
        "Idempotency-Replayed": {
            "description": "true where this is the answer that the same request got before.",
            "schema": {"type": "string"},
        },
    }
    return {
        202: {
            "description": "The job was taken; `Location` says where to ask how far it is.",
            "content": {JSON: {"example": example}},
            "headers": headers,
        }
    }


def _document(status: int) -> dict[str, Any]:
    name, title, detail, field = EXAMPLES[status]
    example: dict[str, Any] = {"type": f"{TYPE}{name}", "title": title, "status": status, "detail": detail}
    if field:
        example["field"] = field
    return {"description": title, "content": {MEDIA_TYPE: {"schema": REFERENCE, "example": example}}}
