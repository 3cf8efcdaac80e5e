"""One attempt to send a file to a place that a service named for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from frontrow.remote.download import Transfer
from frontrow.remote.failures import describe_failure
from frontrow.remote.retries import TRY_LATER

if TYPE_CHECKING:
    import httpx

TAKEN: Final = (200, 201, 204)
FILE_NAME: Final = "variables.jsonl"
FILE_TYPE: Final = "text/jsonl"


def upload_file(client: httpx.Client, url: str, fields: Mapping[str, str], content: bytes) -> Transfer:
    """Send a form whose last field is a file.

    Args:
        client: Sends it, without any secret.
        url: The place.
        fields: The other fields.
        content: The file.
    """
    import httpx

    try:
        response = client.post(url, data=dict(fields), files={"file": (FILE_NAME, content, FILE_TYPE)})
    except httpx.HTTPError as error:
        return Transfer(False, describe_failure(error))
    status = response.status_code
    if status in TAKEN:
        return Transfer(True)
    return Transfer(False, f"status {status}", status in TRY_LATER, response.headers.get("retry-after"))
