"""Style and scripts: a fixed set of files, which anybody may have, since the page to sign in needs them."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from frontrow.web.pages.drawing import STATIC

TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""An address holds a digest of the content: another content has another address."""

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
def get_static_file(name: str) -> Response:
    """One file of `static/`; the name is compared with the names that are there."""
    for file in STATIC.iterdir():
        if file.name == name and file.suffix in TYPES:
            return Response(file.read_bytes(), media_type=TYPES[file.suffix], headers={"Cache-Control": FOR_EVER})
    raise HTTPException(404)
