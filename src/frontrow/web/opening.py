"""The browser that `frontrow serve` opens."""

from __future__ import annotations

import html
import os
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from frontrow.storage.durable import PRIVATE_FILE

FILE: Final = "open-frontrow.html"
PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>frontrow</title>
<meta http-equiv="refresh" content="0; url={address}"><p><a href="{address}">Open frontrow</a></p></html>
"""


@contextmanager
def opening_page(folder: Path) -> Iterator[Path]:
    """A place for the page that leads a browser to the server, removed at the end of the block.

    Whatever a browser is started with, every user of the machine can read; a file of ours they cannot. It lies beside
    the shops and not in a hidden folder, because browsers in a sandbox open files of the home folder alone.

    Args:
        folder: Holds one folder a shop.
    """
    page = folder / FILE
    try:
        yield page
    finally:
        page.unlink(missing_ok=True)


def open_browser(address: str, page: Path) -> bool:
    """Open a browser on an address that lets in whoever has it.

    Args:
        address: The address.
        page: Where to write the page that leads there.

    Returns:
        Whether there is a browser.
    """
    page.unlink(missing_ok=True)
    descriptor = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(PAGE.format(address=html.escape(address)))
    return webbrowser.open(page.absolute().as_uri())
