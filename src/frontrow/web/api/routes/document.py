"""The OpenAPI document."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from frontrow.web.api.access import Reader
from frontrow.web.api.negotiation import JSON
from frontrow.web.api.unchanged import answer_unchanged, cache_headers, is_current, make_etag

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def get_document(request: Request, visitor: Reader) -> Response:
    """What the HTTP interface takes and answers, as an OpenAPI document."""
    del visitor
    app: FastAPI = request.app
    body, etag = _write(json.dumps(app.openapi()))
    return answer_unchanged(etag) if is_current(request, etag) else Response(body, 200, cache_headers(etag), JSON)


@cache
def _write(document: str) -> tuple[bytes, Any]:
    return document.encode(), make_etag(document)
