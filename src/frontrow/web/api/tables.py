"""Tables over HTTP: a page of rows as JSON, CSV or Parquet."""

from __future__ import annotations

import io
import json
from typing import Any, Final

import polars as pl
from starlette.requests import Request
from starlette.responses import Response

from frontrow.tables.csv_output import write_csv
from frontrow.web.api.cursors import make_cursor, read_cursor
from frontrow.web.api.negotiation import CSV, JSON, TABLE_TYPES, choose_type
from frontrow.web.api.unchanged import answer_unchanged, cache_headers, is_current, make_etag

MOST_ROWS: Final = 10_000
"""Of one page."""


def answer_page(request: Request, rows: pl.DataFrame, *listed: object, limit: int, cursor: str | None) -> Response:
    """A page of a table.

    Args:
        request: Says the format, and what the client has already.
        rows: The whole table.
        listed: What the table depends on: its resource, its state and every filter.
        limit: Most rows.
        cursor: Where the page begins; None for the first.

    Raises:
        ProblemError: The cursor is of another list, or no format is acceptable.
    """
    media_type = choose_type(request.headers.get("accept"), TABLE_TYPES)
    position = read_cursor(cursor, *listed)
    etag = make_etag(listed, limit, position, media_type)
    if is_current(request, etag):
        return answer_unchanged(etag)
    end = position + limit
    following = make_cursor(end, *listed) if end < rows.height else None
    headers = {**cache_headers(etag), "Vary": "Accept"}
    if following is not None:
        address = request.url.include_query_params(cursor=following)
        headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    page = rows.slice(position, limit)
    if media_type == JSON:
        body = to_json({"items": page.to_dicts(), "total": rows.height, "next": following})
    else:
        body = to_bytes(page, media_type)
    return Response(body, 200, headers, media_type)


def to_bytes(rows: pl.DataFrame, media_type: str) -> bytes:
    """A table as CSV or Parquet.

    Args:
        rows: The table.
        media_type: Which of them.
    """
    file = io.BytesIO()
    if media_type == CSV:
        write_csv(rows, file)
    else:
        rows.write_parquet(file)
    return file.getvalue()


def to_json(values: Any) -> bytes:
    """Values as JSON; days and instants as ISO 8601 writes them.

    Args:
        values: What a result's `to_dict` returns, or rows of a table.
    """
    return json.dumps(values, default=str, allow_nan=False, ensure_ascii=False).encode()
