"""A real browser that walks through the pages, counts its clicks, and writes down whatever is wrong on the way."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

AXE = Path(__file__).parents[1] / "tests" / "web" / "browser" / "vendor" / "axe.min.js"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
LOOPBACK = "127.0.0.1"
HEIGHT = 900
SCHEMES = {"light": "axe.run()", "dark": "axe.run({runOnly: ['color-contrast']})"}
"""How axe examines a page: nothing but colors differs in the dark."""

WITHOUT_COLORS = "axe.run({rules: {'color-contrast': {enabled: false}}})"
"""How axe examines a page whose colors were examined at another width."""

LONGEST_JOB = 600_000
"""Milliseconds that a job may take."""

QUIET = (
    "--disable-gpu",
    # whatever a page or the browser itself would ask for elsewhere finds no address
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}",
)

OVERFLOW = """
() => [...document.querySelectorAll("body *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1
    && !element.closest(".scroll, .unseen, .skip, [hidden], svg"))
  .map((element) => `${element.tagName.toLowerCase()}.${element.className}`).slice(0, 5)
"""


def find_chromium() -> str | None:
    """The program of the browser; None where there is none."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@contextmanager
def open_chromium(program: str) -> Iterator[Browser]:
    """A browser without a window.

    Args:
        program: Its program.
    """
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def run_server(shops: Path) -> Iterator[str]:
    """`frontrow serve` on a folder; gives the address that lets in whoever opens it.

    Args:
        shops: The folder.
    """
    command = [sys.executable, "-m", "frontrow.cli", "serve", str(shops), "--port", "0", "--no-browser", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            text = ""
            while not text.rstrip().endswith("}"):
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError(f"The server ended: {text}")
                text += line
            yield json.loads(text)["opening"]
        finally:
            process.terminate()
            process.wait(timeout=30)


@dataclass
class Walker:
    """One page of a browser, and what was wrong on it.

    Attributes:
        page: The page.
        problems: Errors of the console and of scripts, requests to elsewhere, answers of 400 and above, what axe says,
            and what is wider than the page.
        visited: Names of the pages that were looked at.
        clicks: What was clicked on.
    """

    page: Page
    problems: list[str] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    clicks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(60_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self._watch)
        self.page.on("response", self._check)

    @property
    def root(self) -> str:
        """Address of the server, without a slash at its end."""
        address = urlsplit(self.page.url)
        return f"{address.scheme}://{address.netloc}"

    def resize(self, width: int) -> None:
        """Make the window as wide as a telephone, a tablet or a screen.

        Args:
            width: In pixels.
        """
        self.page.set_viewport_size({"width": width, "height": HEIGHT})

    def click(self, name: str, role: str = "link") -> None:
        """Click on what a reader sees by its name.

        Args:
            name: Its text.
            role: What it is.
        """
        self.clicks.append(name)
        self.page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]

    def type(self, label: str, text: str) -> None:
        """Type into a field by its label.

        Args:
            label: Its label.
            text: What to type.
        """
        self.page.get_by_label(label, exact=True).fill(text)

    def drop(self, files: Sequence[Path]) -> None:
        """Drop files on the page's place for them, as the mouse of a person does.

        Args:
            files: The files.
        """
        area = self.page.locator(".drop")
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        assert box is not None
        mouse = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
        data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        session = self.page.context.new_cdp_session(self.page)
        for kind in ("dragEnter", "dragOver", "drop"):
            session.send("Input.dispatchDragEvent", {"type": kind, "data": data, **mouse})
        self.page.locator(".files li").nth(len(files) - 1).wait_for()

    def arrive(self, part: str) -> None:
        """Wait for the page that a job leads to.

        Args:
            part: A regular expression of its path.
        """
        self.page.wait_for_url(re.compile(part), timeout=LONGEST_JOB)

    def download(self, name: str, folder: Path) -> Path:
        """Click on a link to a file, and save the file under the name that the server gives it.

        Args:
            name: The link's text.
            folder: Where to save it.
        """
        with self.page.expect_download() as started:
            self.click(name)
        file = folder / started.value.suggested_filename
        started.value.save_as(file)
        return file

    def look(self, name: str, schemes: Iterable[str] = SCHEMES, *, colors: bool = True) -> None:
        """Examine the page as it is: its width, and by axe in light, and its colors in dark.

        Args:
            name: What to call it.
            schemes: Where axe examines it.
            colors: Whether axe examines colors.
        """
        self.visited.append(name)
        wide = self.page.evaluate(OVERFLOW)
        if wide:
            self.problems.append(f"{name}: wider than the page: {', '.join(wide)}")
        for scheme in schemes:
            self.page.evaluate(AXE.read_text("utf-8"))
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            result = self.page.evaluate(f"() => {SCHEMES[scheme] if colors else WITHOUT_COLORS}")
            self.problems += [f"{name}, {scheme}: {text}" for text in _describe(result["violations"])]
        self.page.emulate_media(color_scheme="light")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text}")

    def _watch(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != LOOPBACK:
            self.problems.append(f"asked elsewhere: {request.url}")

    def _check(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} for {response.request.method} {urlsplit(response.url).path}")


def _describe(violations: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:200]} {' '.join(node.get('failureSummary', '').split())[:300]}"
        for violation in violations
        for node in violation["nodes"][:3]
    ]
