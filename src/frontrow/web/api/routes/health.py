"""Whether the server lives, and whether it can do its work."""

from __future__ import annotations

import sqlite3
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from frontrow.web.api.access import ServerState
from frontrow.web.api.problems import ProblemError
from frontrow.web.api.responses import document_open_problems

router = APIRouter(tags=["server"])


class Health(BaseModel):
    """The server answers."""

    status: Literal["ok"] = Field(default="ok", examples=["ok"])


@router.get("/healthz", operation_id="get_health", responses=document_open_problems())
async def get_health() -> Health:
    """Whether the server lives. Anybody may ask; use it to decide whether to start the server again."""
    return Health()


@router.get("/readyz", operation_id="get_readiness", responses=document_open_problems(503))
def get_readiness(server: ServerState) -> Health:
    """Whether the server can do its work: its database takes writes, and the shops can be read.

    Anybody may ask; use it to decide whether to send requests here.
    """
    try:
        with server.database.write() as connection:
            connection.execute("SELECT 1")
        readable = server.settings.folder.is_dir()
    except (OSError, sqlite3.Error):
        readable = False
    if not readable:
        raise ProblemError(503, "not-ready", "The folder of the shops cannot be read at the moment.")
    return Health()
