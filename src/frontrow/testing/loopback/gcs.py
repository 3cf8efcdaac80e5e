"""A bucket on this machine that plays Google Cloud Storage as its XML API states it (read in December 2026).

GetObject with ranges, HeadObject, ListObjects, PutObject if the generation is as stated, DeleteObject; nobody signs in.
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote
from xml.sax.saxutils import escape

from frontrow.testing.loopback.exchange import Reply, Request
from frontrow.testing.loopback.server import LoopbackServer


class GoogleBucket:
    """A bucket with objects.

    Args:
        name: Its name.

    Attributes:
        objects: Content and generation by key.
    """

    def __init__(self, name: str = "garden") -> None:
        self.name = name
        self.objects: dict[str, tuple[bytes, int]] = {}
        self._generation = 0

    def add_routes(self, server: LoopbackServer) -> None:
        """Answer at a server's address, by path as with https://storage.googleapis.com/BUCKET/KEY."""
        server.add_route("GET", f"/{self.name}", self._list)
        for method, handler in (("GET", self._get), ("HEAD", self._get), ("PUT", self._put), ("DELETE", self._delete)):
            server.add_route(method, f"/{self.name}/{{key}}", handler)

    def key_file(self, server: LoopbackServer) -> str:
        """The text of a service account's key that names the server and needs no signature.

        Args:
            server: Where it answers.
        """
        empty = {"client_email": "", "private_key": "", "private_key_id": ""}
        return json.dumps({"gcs_base_url": server.url, "disable_oauth": True, **empty})

    def _list(self, request: Request) -> Reply:
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-05-14T10:00:00.000Z</LastModified>"
            f'<ETag>"{generation}"</ETag><Size>{len(content)}</Size></Contents>'
            for key, (content, generation) in sorted(self.objects.items())
            if key.startswith(request.params.get("prefix", ""))
        )
        body = (
            f"<ListBucketResult><Name>{self.name}</Name><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
        )
        return Reply(body.encode(), headers={"Content-Type": "application/xml"})

    def _get(self, request: Request) -> Reply:
        if (stored := self.objects.get(_key_of(request))) is None:
            return _error("NoSuchKey", 404)
        content, generation = stored
        headers = {**_state(generation), "Last-Modified": "Thu, 14 May 2026 10:00:00 GMT"}
        if (match := re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))) is None:
            return Reply(content, headers=headers)
        last = len(content) - 1
        start = int(match[1]) if match[1] else max(0, len(content) - int(match[2]))
        end = min(int(match[2]), last) if match[1] and match[2] else last
        place = {"Content-Range": f"bytes {start}-{end}/{len(content)}"}
        return Reply(content[start : end + 1], 206, headers | place)

    def _put(self, request: Request) -> Reply:
        key = _key_of(request)
        _, before = self.objects.get(key, (b"", 0))
        if int(request.headers.get("x-goog-if-generation-match", before)) != before:
            return _error("PreconditionFailed", 412)
        self._generation += 1
        self.objects[key] = request.body, self._generation
        return Reply(b"", headers=_state(self._generation))

    def _delete(self, request: Request) -> Reply:
        return _error("NoSuchKey", 404) if self.objects.pop(_key_of(request), None) is None else Reply(b"", 204)


def _key_of(request: Request) -> str:
    return unquote(request.path.rpartition("/")[2])


def _state(generation: int) -> dict[str, str]:
    return {"ETag": f'"{generation}"', "x-goog-generation": str(generation)}


def _error(code: str, status: int) -> Reply:
    return Reply(f"<Error><Code>{code}</Code></Error>".encode(), status, {"Content-Type": "application/xml"})
