"""Files that jobs read: exports, orders since, lists of addresses."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import contextmanager_in_threadpool
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from frontrow.web.api.access import Planner, ServerState
from frontrow.web.api.responses import document_problems
from frontrow.web.store.uploads import new_upload

router = APIRouter(tags=["shops"])

EXAMPLE: Final = {"upload_id": "3f6c0a9d2b7e4c1f8a5d6e70", "name": "orders_export_1.csv", "bytes": 1_048_576}

BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is.",
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "example": "Name,Created at,Lineitem name\n#1001,2026-05-01 10:00:00 +0000,Clay pot\n",
            }
        },
    }
}


class UploadDocument(BaseModel):
    """A file that was uploaded; it is removed after a week."""

    upload_id: str = Field(description="Its id, for `uploads` of a request.")
    name: str = Field(description="What it is called.")
    bytes: int = Field(description="Its size.")


@router.put(
    "/v1/uploads",
    operation_id="upload_file",
    status_code=201,
    responses={
        **document_problems(507),
        201: {"description": "The file is there.", "content": {"application/json": {"example": EXAMPLE}}},
    },
    openapi_extra=BODY,
)
async def upload_file(
    request: Request,
    visitor: Planner,
    server: ServerState,
    name: Annotated[
        str,
        Query(
            description="What the file is called; .xlsx, .parquet, .gz and .zip say what it is, else it is CSV.",
            min_length=1,
            max_length=500,
            examples=["orders_export_1.csv"],
        ),
    ],
) -> UploadDocument:
    """Upload a file as the body of the request: an export, orders since a campaign, a list of addresses.

    It is written to the disk as it arrives, and is there when the answer comes. Files are removed after a week.
    """
    del visitor
    size = 0
    async with contextmanager_in_threadpool(new_upload(server.runner.places.uploads, name)) as (upload_id, file):
        async for chunk in request.stream():
            size += len(chunk)
            await run_in_threadpool(file.write, chunk)
    return UploadDocument(upload_id=upload_id, name=name, bytes=size)
