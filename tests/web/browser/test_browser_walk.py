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
SHOP = "garden"

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


def look_at_each_width(walker: Walker, name: str) -> None:
    """Look at the page in a wide window and in a narrow one, which stays."""
    for width, schemes in SCHEMES.items():
        walker.resize(width)
        walker.look(f"{name}, {width} wide", schemes, colors=width == WIDE)


@pytest.fixture(scope="module")
def walked(
    sign_in: Window, exports: Exports, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Walker, tuple[str, ...]]:
    """A narrow window in which the whole road was walked, and what was wrong on the way."""
    walker = sign_in(NARROW)
    look = partial(look_at_each_width, walker)
    files = walk_to_the_file(walker, exports, SHOP, tmp_path_factory.mktemp(SHOP), look, LENGTH)
    assert len(files.clicks) <= MOST_CLICKS, files.clicks
    contacted, held_out = read_addresses(files.contacted), read_addresses(files.held_out)
    assert len(contacted) + len(held_out) == int(LENGTH)
    assert held_out
    assert contacted.isdisjoint(held_out)
    walk_to_the_verdict(walker, exports, files, look)
    return walker, tuple(walker.problems)


@pytest.fixture(params=[WIDE, NARROW])
def window(request: pytest.FixtureRequest, walked: tuple[Walker, tuple[str, ...]]) -> Walker:
    """The same window, of a width."""
    walker, _ = walked
    walker.resize(request.param)
    return walker


def test_the_road_is_walked_and_nothing_is_wrong_on_the_way(walked: tuple[Walker, tuple[str, ...]]) -> None:
    walker, problems = walked
    assert walker.visited[-2:] == [f"earned, {width} wide" for width in SCHEMES]
    assert walker.page.locator(".answer").inner_text()
    assert problems == ()


def test_nothing_is_wrong_on_the_pages_beside_the_road(walked: tuple[Walker, tuple[str, ...]]) -> None:
    walker, _ = walked
    walker.problems.clear()
    look_around(walker, SHOP, partial(look_at_each_width, walker))
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


def test_the_keyboard_alone_reaches_what_to_do_next(window: Walker) -> None:
    for path, button in {
        f"/shops/{SHOP}": "Describe a new product",
        f"/shops/{SHOP}/new": "Rank the customers",
        f"/shops/{SHOP}/next": "Make the lists",
    }.items():
        window.page.goto(window.root + path)
        stops = stop_at_each(window)
        assert stops[0] == "Skip to the page"
        assert stops[-1] == button


def test_the_skip_link_leads_past_the_menu(window: Walker) -> None:
    window.page.goto(f"{window.root}/shops/{SHOP}")
    window.page.keyboard.press("Tab")
    window.page.keyboard.press("Enter")
    assert window.page.evaluate("() => document.activeElement.id") == "page"
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("() => Boolean(document.activeElement.closest('main'))")
