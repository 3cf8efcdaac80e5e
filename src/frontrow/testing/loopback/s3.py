"""A bucket on this machine that plays Amazon S3 as its API reference states it (2006-03-01; read in December 2026).

ListObjectsV2 in pages, GetObject with ranges and If-Match, HeadObject, PutObject with If-Match and If-None-Match,
DeleteObjects. Every request has to carry a signature (AWS Signature Version 4), which this server computes again by
itself.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape, unescape

from frontrow.testing.loopback.exchange import Reply, Request
from frontrow.testing.loopback.server import LoopbackServer

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<scope>[^,]+), ?SignedHeaders=(?P<names>[^,]+), "
    r"?Signature=(?P<signature>\w+)"
)


class Bucket:
    """A bucket with objects.

    Args:
        name: Its name.
        key_id: Of the key that may read it.
        key: That key.
        page: Keys of one page of a list.

    Attributes:
        objects: Content by key.
    """

    def __init__(self, name: str = "garden", key_id: str = "AKIDTEST", key: str = "s3cr3t/key+", page: int = 3) -> None:
        self.name, self.key_id, self.key, self.page = name, key_id, key, page
        self.objects: dict[str, bytes] = {}

    def add_routes(self, server: LoopbackServer) -> None:
        """Answer at a server's address, by path as with https://s3.REGION.amazonaws.com/BUCKET/KEY."""
        for method, of_bucket, of_object in (
            ("GET", self._list, self._get),
            ("HEAD", self._list, self._get),
            ("POST", self._delete, self._get),
            ("PUT", self._list, self._put),
        ):
            server.add_route(method, f"/{self.name}", of_bucket)
            for depth in range(1, 5):
                places = "/".join(f"{{part{number}}}" for number in range(depth))
                server.add_route(method, f"/{self.name}/{places}", of_object)

    def variables(self, server: LoopbackServer) -> dict[str, str]:
        """The variables of a process that reads it without encryption.

        Args:
            server: Where it answers.
        """
        return {
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.key,
            "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": server.url,
            "AWS_ALLOW_HTTP": "true",
        }

    def etag(self, key: str) -> str:
        """The e-tag of an object."""
        return f'"{hashlib.md5(self.objects[key], usedforsecurity=False).hexdigest()}"'

    def _list(self, request: Request) -> Reply:
        if problem := self._refuse(request):
            return problem
        prefix, after = request.params.get("prefix", ""), request.params.get("continuation-token", "")
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        page, more = keys[: self.page], len(keys) > self.page
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-05-14T10:00:00.000Z</LastModified>"
            f"<ETag>{escape(self.etag(key))}</ETag><Size>{len(self.objects[key])}</Size></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        body = (
            f"<?xml version='1.0' encoding='UTF-8'?><ListBucketResult><Name>{self.name}</Name><KeyCount>{len(page)}"
            f"</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>{contents}{token}</ListBucketResult>"
        )
        return Reply(body.encode(), headers={"Content-Type": "application/xml"})

    def _get(self, request: Request) -> Reply:
        if problem := self._refuse(request):
            return problem
        key = unquote(request.path.removeprefix(f"/{self.name}/"))
        if key not in self.objects:
            return _error("NoSuchKey", 404)
        content, etag = self.objects[key], self.etag(key)
        if request.headers.get("if-match", etag) != etag:
            return _error("PreconditionFailed", 412)
        headers = {"ETag": etag, "Last-Modified": "Thu, 14 May 2026 10:00:00 GMT"}
        if (match := re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))) is None:
            return Reply(content, headers=headers)
        start, end = int(match[1]), min(int(match[2]), len(content) - 1)
        return Reply(content[start : end + 1], 206, headers | {"Content-Range": f"bytes {start}-{end}/{len(content)}"})

    def _put(self, request: Request) -> Reply:
        if problem := self._refuse(request):
            return problem
        key = unquote(request.path.removeprefix(f"/{self.name}/"))
        before = self.etag(key) if key in self.objects else None
        if request.headers.get("if-match", before) != before or (before and request.headers.get("if-none-match")):
            return _error("PreconditionFailed", 412)
        self.objects[key] = request.body
        return Reply(b"", headers={"ETag": self.etag(key)})

    def _delete(self, request: Request) -> Reply:
        if problem := self._refuse(request):
            return problem
        keys = [unescape(key) for key in re.findall(r"<Key>(.*?)</Key>", request.body.decode())]
        for key in keys:
            self.objects.pop(key, None)
        deleted = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        body = f"<?xml version='1.0' encoding='UTF-8'?><DeleteResult>{deleted}</DeleteResult>"
        return Reply(body.encode(), headers={"Content-Type": "application/xml"})

    def _refuse(self, request: Request) -> Reply | None:
        match = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if match is None or match["id"] != self.key_id:
            return _error("AccessDenied", 403)
        signature = sign(request, self.key, match["scope"], match["names"].split(";"))
        return None if hmac.compare_digest(signature, match["signature"]) else _error("SignatureDoesNotMatch", 403)


def sign(request: Request, key: str, scope: str, names: list[str]) -> str:
    """The signature that a request should carry.

    Args:
        request: What came.
        key: The secret key.
        scope: Day, region, service and the closing word.
        names: The headers that are signed.
    """
    headers: Mapping[str, str] = request.headers
    pairs = sorted(part.partition("=")[::2] for part in request.query.split("&") if part)
    query = "&".join(
        f"{quote(unquote(name), safe='-_.~')}={quote(unquote(value), safe='-_.~')}" for name, value in pairs
    )
    signed = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    path = quote(unquote(request.path), safe="/-_.~")
    canonical = "\n".join(
        (request.method, path, query, signed, ";".join(names), headers.get("x-amz-content-sha256", ""))
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", headers["x-amz-date"], scope, digest))
    signing_key = f"AWS4{key}".encode()
    for part in scope.split("/"):
        signing_key = hmac.new(signing_key, part.encode(), hashlib.sha256).digest()
    return hmac.new(signing_key, text.encode(), hashlib.sha256).hexdigest()


def _error(code: str, status: int) -> Reply:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>no</Message></Error>"
    return Reply(body.encode(), status, {"Content-Type": "application/xml"})
