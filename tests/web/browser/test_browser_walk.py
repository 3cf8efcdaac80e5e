"""What a shop owner does in a browser, from the exports to what the campaign earned, on wide and narrow screens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")
pytest.importorskip("playwright", reason="playwright drives the browser")

from browser_exports import Exports
from browser_road import look_around, walk_to_the_file, walk_to_the_verdict
from browser_walker import Walker

MOST_CLICKS = 6
WIDE, NARROW = 1280, 360
LENGTH = "60"

SCHEMES = {WIDE: ("light", "dark"), NARROW: ("light",)}
"""By the width of the window, where axe examines a page: contrast is the same at every width."""

DESCRIBE_FOCUS = """
() => {
  const element = document.activeElement;
  const shown = element.matches("input.unseen") ? element.labels[0] : element;
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  return {
    name: (element.labels?.[0] ?? element).textContent.trim().slice(0, 80),
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 1 && box.right > 0,
    large: element.matches(".primary"),
  };
}
"""
"""A field for files is hidden, and its label shows the focus."""

Window = Callable[[int], Walker]


def read_addresses(file: Path) -> set[str]:
    header, *addresses = file.read_text("utf-8").splitlines()
    assert header == "Email Address"
    return set(addresses)


@pytest.fixture(scope="module", params=[WIDE, NARROW])
def walked(
    request: pytest.FixtureRequest, sign_in: Window, exports: Exports, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Walker, str]:
    """A window in which the whole road was walked, and the shop's name."""
    width = request.param
    walker, shop = sign_in(width), f"garden-{width}"
    folder = tmp_path_factory.mktemp(shop)
    look = partial(walker.look, schemes=SCHEMES[width])
    files = walk_to_the_file(walker, exports, shop, folder, look, LENGTH)
    assert len(files.clicks) <= MOST_CLICKS, files.clicks
    contacted, held_out = read_addresses(files.contacted), read_addresses(files.held_out)
    assert len(contacted) + len(held_out) == int(LENGTH)
    assert held_out
    assert contacted.isdisjoint(held_out)
    walk_to_the_verdict(walker, exports, files, look)
    return walker, shop


def test_the_road_is_walked_and_nothing_is_wrong_on_the_way(walked: tuple[Walker, str]) -> None:
    walker, _ = walked
    assert walker.page.locator(".answer").inner_text()
    assert walker.visited[-1] == "earned"
    assert walker.problems == []


def test_nothing_is_wrong_on_the_pages_beside_the_road(walked: tuple[Walker, str]) -> None:
    walker, shop = walked
    walker.problems.clear()
    look_around(walker, shop, partial(walker.look, schemes=SCHEMES[int(shop.rpartition("-")[2])]))
    assert walker.problems == []


def test_what_is_wrong_is_written_down(sign_in: Window) -> None:
    """A page with each fault there is: what the other tests would see."""
    walker = sign_in(NARROW)
    page = walker.page
    page.route("https://elsewhere.example/**", lambda route: route.abort())
    page.evaluate("""() => {
      const image = new Image();
      image.src = "https://elsewhere.example/x.png";
      document.querySelector("main").append(image);
      const block = document.createElement("div");
      block.textContent = "wide";
      document.querySelector("main").append(block);
      document.querySelector("h1").remove();
      block.style.width = "900px";
      console.error("wrong");
      return new Promise((done) => setTimeout(() => { setTimeout(done); throw new Error("a defect"); }));
    }""")
    page.goto(page.url + "no-such-page")
    page.go_back()
    page.evaluate("() => { const box = document.createElement('input'); document.querySelector('main').append(box); }")
    page.evaluate("""() => {
      const sheet = document.styleSheets[0], dark = "@media (prefers-color-scheme: dark)";
      sheet.insertRule(`${dark} { main p { color: #333; background: #000 } }`, sheet.cssRules.length);
    }""")
    walker.look("faults")
    text = "\n".join(walker.problems)
    for part in ("asked elsewhere: https://elsewhere.example/x.png", "console: wrong", "a defect", "404 for GET"):
        assert part in text
    assert "faults, light: label" in text
    assert "faults, light: color-contrast" not in text
    assert "faults, dark: color-contrast" in text


def stop_at_each(walker: Walker, most: int = 60) -> list[str]:
    """Press Tab up to the page's first large button; the focus must be seen at each stop, whose names are returned."""
    stops: list[str] = []
    while len(stops) < most:
        walker.page.keyboard.press("Tab")
        stop = walker.page.evaluate(DESCRIBE_FOCUS)
        assert stop["seen"], f"the focus cannot be seen on: {stop['name']}"
        stops.append(stop["name"])
        if stop["large"]:
            return stops
    raise AssertionError(f"no large button among {stops}")


def test_the_keyboard_alone_reaches_what_to_do_next(walked: tuple[Walker, str]) -> None:
    walker, shop = walked
    for path, button in {
        f"/shops/{shop}": "Describe a new product",
        f"/shops/{shop}/new": "Rank the customers",
        f"/shops/{shop}/next": "Make the lists",
    }.items():
        walker.page.goto(walker.root + path)
        stops = stop_at_each(walker)
        assert stops[0] == "Skip to the page"
        assert stops[-1] == button


def test_the_skip_link_leads_past_the_menu(walked: tuple[Walker, str]) -> None:
    walker, shop = walked
    walker.page.goto(f"{walker.root}/shops/{shop}")
    walker.page.keyboard.press("Tab")
    walker.page.keyboard.press("Enter")
    assert walker.page.evaluate("() => document.activeElement.id") == "page"
    walker.page.keyboard.press("Tab")
    assert walker.page.evaluate("() => Boolean(document.activeElement.closest('main'))")
