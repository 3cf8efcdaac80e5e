"""A browser, a server, and the exports of a small shop, made once; without a browser the tests are skipped.

All are closed at the end of the module: while the browser's driver runs, no other test of the process could start an
event loop.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))

if TYPE_CHECKING:
    from browser_exports import Exports
    from browser_walker import Walker
    from playwright.sync_api import Browser

CUSTOMERS = 400


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from browser_walker import find_chromium, open_chromium

    program = find_chromium()
    if program is None:
        pytest.skip("there is no chromium here")
    with open_chromium(program) as browser:
        yield browser


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    from browser_exports import write_exports

    return write_exports(tmp_path_factory.mktemp("exports"), customers=CUSTOMERS)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from browser_walker import run_server

    with run_server(tmp_path_factory.mktemp("serve") / "shops") as address:
        yield address


@pytest.fixture(scope="module")
def sign_in(browser: Browser, address: str) -> Callable[[int], Walker]:
    """Opens a window of a width, and lets it in."""

    from browser_walker import Walker

    def open_window(width: int) -> Walker:
        context = browser.new_context(viewport={"width": width, "height": 900})
        walker = Walker(context.new_page())
        walker.page.goto(address)
        return walker

    return open_window
