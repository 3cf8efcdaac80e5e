"""Counters for Prometheus."""

from __future__ import annotations

import ipaddress
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse

from frontrow.web.api.access import ServerState
from frontrow.web.api.metrics import label
from frontrow.web.api.responses import document_problems
from frontrow.web.security.hosts import LOCAL_NAMES, strip_port
from frontrow.web.security.visitor import LoginRequired, ScopeRequired, get_visitor

router = APIRouter(tags=["server"])

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@router.get(
    "/metrics",
    operation_id="get_metrics",
    response_class=PlainTextResponse,
    responses={
        **document_problems(),
        200: {
            "description": "Counters in Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
    },
)
def get_metrics(request: Request, server: ServerState) -> PlainTextResponse:
    """Requests by address and status, how long answers took, and jobs by state, for Prometheus.

    It needs the scope "read", or a request from this machine itself.
    """
    visitor = get_visitor(request)
    if visitor is None and not _is_loopback(request):
        raise LoginRequired
    if visitor is not None and not visitor.may("read"):
        raise ScopeRequired("read")
    jobs = [(label(state=state), count) for state, count in server.jobs.count_by_state().items()]
    text = server.metrics.write({"frontrow_jobs": ("Jobs by state.", jobs)})
    return PlainTextResponse(text, media_type=MEDIA_TYPE)


def _is_loopback(request: Request) -> bool:
    """Whether it comes from this machine, and not through a proxy on it."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers or request.client is None:
        return False
    if strip_port(request.headers.get("host", "")) not in LOCAL_NAMES:
        # a proxy that says nothing of itself still passes on the name that it was called by
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
