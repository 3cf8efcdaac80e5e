"""Images from the addresses of a catalogue: each once, one at a time, with pauses, and kept in a folder."""

from __future__ import annotations

import hashlib
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from frontrow.embed.images.decoding import MOST_BYTES, UnusableImageError
from frontrow.embed.images.sources import WEB_ADDRESS
from frontrow.storage.folder import replace_file

PAUSE: Final = 0.2
"""Seconds between two requests of one server."""

TIMEOUT: Final = 20.0
"""Seconds after which a server that says nothing is given up."""

LONGEST_WAIT: Final = 30.0
"""Most seconds that a server may make us wait before we ask it again (Retry-After)."""

PATIENCE: Final = 5
"""A server that failed so often in a row is not asked again."""

BUSY: Final = (429, 503)


@dataclass
class Downloads:
    """A folder of downloaded images, and how each server behaves.

    Attributes:
        folder: Where they are kept, made when the first one comes.
        pause: Seconds between two requests of one server.
        downloaded: Images that were downloaded by this object.
        read_back: Images that were in the folder already.
    """

    folder: Path
    pause: float = PAUSE
    downloaded: int = 0
    read_back: int = 0
    _failures: Counter[str] = field(default_factory=Counter)
    _last_request: dict[str, float] = field(default_factory=dict)

    def fetch(self, address: str) -> bytes:
        """The content of an image, from the folder or else from its server.

        Args:
            address: Begins with http or https.

        Raises:
            UnusableImageError: It cannot be downloaded, or is too large.
            OSError: The folder cannot be written to.
        """
        file = self.folder / hashlib.sha256(address.encode()).hexdigest()[:32]
        if file.is_file():
            self.read_back += 1
            return file.read_bytes()
        server = _find_server(address)
        if self._failures[server] >= PATIENCE:
            raise UnusableImageError("server not answering")
        try:
            content = self._request(address, server)
        except UnusableImageError:
            self._failures[server] += 1
            raise
        self._failures[server] = 0
        with replace_file(file) as staged:
            staged.write_bytes(content)
        self.downloaded += 1
        return content

    def _request(self, address: str, server: str) -> bytes:
        for is_last in (False, True):
            since = time.monotonic() - self._last_request.get(server, -self.pause)
            time.sleep(max(self.pause - since, 0.0))
            try:
                return _read(address)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in BUSY or is_last:
                        raise UnusableImageError(f"not downloaded: the server said {error.code}") from error
                    time.sleep(_read_wait(error.headers.get("Retry-After"), self.pause))
            except (OSError, HTTPException, ValueError) as error:
                raise UnusableImageError("not downloaded: no answer") from error
            finally:
                self._last_request[server] = time.monotonic()
        raise AssertionError  # the last attempt returns or raises


class _SameKindOfAddress(urllib.request.HTTPRedirectHandler):
    """Follows a server to another web address, and to nothing else, such as a file."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not WEB_ADDRESS.match(newurl):
            raise urllib.error.HTTPError(newurl, code, "another kind of address", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _find_server(address: str) -> str:
    """The server's name in a web address; other kinds of address could be read too, such as that of a file."""
    with suppress(ValueError):
        if WEB_ADDRESS.match(address) and urlsplit(address).hostname:
            return urlsplit(address).netloc.lower()
    raise UnusableImageError("not downloaded: no web address")


def _read(address: str) -> bytes:
    request = urllib.request.Request(
        address, headers={"User-Agent": f"frontrow/{version('frontrow')} (product images of a shop's own catalogue)"}
    )
    opener = urllib.request.build_opener(_SameKindOfAddress)
    with opener.open(request, timeout=TIMEOUT) as response:
        content: bytes = response.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnusableImageError("too large")
    return content


def _read_wait(text: str | None, default: float) -> float:
    """Seconds that a server asks us to wait; it may also give a date, which counts as the longest wait."""
    if not text:
        return default
    return min(float(text), LONGEST_WAIT) if text.strip().isdigit() else LONGEST_WAIT
