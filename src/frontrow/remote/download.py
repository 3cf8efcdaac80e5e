"""One attempt to download a file: what is there already is not downloaded twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from frontrow.remote.failures import describe_failure
from frontrow.remote.retries import TRY_LATER

if TYPE_CHECKING:
    import httpx

PRIVATE_FILE: Final = 0o600
WHOLE: Final = 200
PARTIAL: Final = 206
NOT_SATISFIABLE: Final = 416
RANGE: Final = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


@dataclass(frozen=True)
class Transfer:
    """How an attempt to transfer a file ended.

    Attributes:
        is_done: The file is whole.
        problem: What went wrong, for a message.
        may_repeat: Whether another attempt may help.
        retry_after: How long the service asks to wait, as it says it.
    """

    is_done: bool
    problem: str = ""
    may_repeat: bool = True
    retry_after: str | None = None


def download_file(client: httpx.Client, url: str, file: Path) -> Transfer:
    """Download a file, or the rest of it.

    Args:
        client: Sends the request, without any secret.
        url: The file's address.
        file: Where to write it. `.part` at the end of its name holds what has come so far, `.state` which state of the
            remote file that is: a part of another state is thrown away.
    """
    import httpx

    part, state = file.with_name(f"{file.name}.part"), file.with_name(f"{file.name}.state")
    try:
        with client.stream("GET", url, headers=_range_headers(part, state)) as response:
            if response.status_code == NOT_SATISFIABLE:
                part.unlink(missing_ok=True)
                return Transfer(False, "the file has changed")
            if response.status_code not in (WHOLE, PARTIAL):
                return _refused(response)
            if response.status_code == PARTIAL and not _goes_on(response, part):
                part.unlink(missing_ok=True)
                return Transfer(False, "the file has changed")
            if response.headers.get("content-encoding", "identity") != "identity":
                return Transfer(False, "it came packed, although it was asked for unpacked", may_repeat=False)
            _append(response, part, state)
    except httpx.HTTPError as error:
        return Transfer(False, describe_failure(error))
    part.replace(file)
    state.unlink(missing_ok=True)
    return Transfer(True)


def _range_headers(part: Path, state: Path) -> dict[str, str]:
    """Headers that ask for the rest, provided that the remote file is as it was."""
    # the bytes on disk are counted, so nothing may be packed on the way
    headers = {"Accept-Encoding": "identity"}
    size = part.stat().st_size if part.is_file() else 0
    if size and state.is_file():
        headers |= {"Range": f"bytes={size}-", "If-Range": state.read_text("utf-8")}
    return headers


def _goes_on(response: httpx.Response, part: Path) -> bool:
    match = RANGE.fullmatch(response.headers.get("content-range", ""))
    return match is not None and match[1] is not None and int(match[1]) == part.stat().st_size


def _append(response: httpx.Response, part: Path, state: Path) -> None:
    """Write what comes; a part without a known state is not gone on with later."""
    if response.status_code == WHOLE:
        part.unlink(missing_ok=True)
        state.unlink(missing_ok=True)
        etag = response.headers.get("etag", "")
        # a weak ETag does not promise the same bytes
        validator = etag if etag.startswith('"') else response.headers.get("last-modified", "")
        if validator:
            _touch_private(state)
            state.write_text(validator, "utf-8")
    _touch_private(part)
    with part.open("ab") as output:
        # as it comes: what waits for a whole chunk is lost when the connection is cut
        for chunk in response.iter_raw():
            output.write(chunk)


def _touch_private(file: Path) -> None:
    file.touch(mode=PRIVATE_FILE)
    file.chmod(PRIVATE_FILE)


def _refused(response: httpx.Response) -> Transfer:
    status = response.status_code
    return Transfer(False, f"status {status}", status in TRY_LATER, response.headers.get("retry-after"))
