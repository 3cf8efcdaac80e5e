"""Walk through the pages with a real browser, from exports to what a campaign earned, and look at every page.

Chromium drops the exports of a shop on the first page, describes a product, and goes on to the file for Klaviyo in at
most six clicks; then it says that the campaign was sent, and measures it with later orders. On every page it notes
errors of the console and of scripts, requests that leave this machine, what axe finds in light and in dark, and what
is wider than the window. Every page is kept as a picture in light and in dark; three are printed.

The shop is a made-up one, or that of a folder of exports:

python benchmarks/browser_walk.py OUTPUT [--customers 8000] [--width 1280]
python benchmarks/browser_walk.py OUTPUT --exports FOLDER --product title="Red Pot" --product type=Pots
    [--later-orders "COMMAND that writes FOLDER/orders_export_later.csv; it is given the file of those contacted"]

The pictures of the docs are parts of these pages, of the made-up shop:

python benchmarks/browser_walk.py OUTPUT --contact-cost 0.05 --pictures docs/images
"""

from __future__ import annotations

import argparse
import datetime as dt
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic

from browser_exports import Exports, write_exports
from browser_road import Files, look_around, walk_to_proof_and_lists, walk_to_the_file, walk_to_the_verdict
from browser_walker import HEIGHT, SCHEMES, Walker, find_chromium, open_chromium, run_server
from PIL import Image

SHOP = "garden"
LATER = "orders_export_later.csv"
PRINTED = ("audience", "how many", "earned")

PICTURES = {
    "shops with files": ("browser-exports", 870),
    "new product": ("browser-new-product", 990),
    "audience": ("browser-audience", 860),
    "how many": ("browser-how-many", 925),
    "campaign": ("browser-campaign", 960),
    "earned": ("browser-earned", 840),
}
"""By the page: name of the picture in the docs, and how many pixels from the top it shows."""

COLOURS = 64
MARGIN_SHARE = 0.5
"""Of the price, what a unit of the made-up product earns."""

CAUSED = 0.15
"""Share of those contacted who order the made-up product because of the campaign."""


class Camera:
    """Keeps each page that a walker looks at.

    Attributes:
        walker: Whose pages.
        folder: Where the pictures are written.
        pictures: Where those of the docs are written; None for none.
    """

    def __init__(self, walker: Walker, folder: Path, pictures: Path | None) -> None:
        self.walker, self.folder, self.pictures = walker, folder, pictures
        self.number = 0
        self.start = monotonic()
        folder.mkdir(parents=True, exist_ok=True)

    def look(self, name: str) -> None:
        """Take a page in light and in dark, and examine it.

        Args:
            name: What the page is called.
        """
        self.number += 1
        print(f"{monotonic() - self.start:6.0f} s  {name}", flush=True)
        page, place = self.walker.page, f"{self.number:02d}-{name.replace(', ', '-').replace(' ', '-')}"
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=self.folder / f"{place}-{scheme}.png", full_page=True)
        if name in PRINTED:
            page.pdf(path=self.folder / f"{place}.pdf", format="A4")
        if self.pictures is not None and name in PICTURES:
            self._crop(self.folder / f"{place}-light.png", *PICTURES[name])
        self.walker.look(name)

    def _crop(self, taken: Path, name: str, height: int) -> None:
        assert self.pictures is not None
        with Image.open(taken) as picture:
            shown = picture.convert("RGB").crop((0, 0, picture.width, min(height, picture.height)))
        few = shown.quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(self.pictures / f"{name}.png", optimize=True)


def read_exports(folder: Path, values: list[str], time_zone: str) -> Exports:
    """The exports of a folder, and a product as the command line describes it."""
    files = tuple(sorted(file for file in folder.glob("*.csv") if file.name != LATER))
    product = dict(value.split("=", 1) for value in values)
    return Exports(files, folder / LATER, dt.date.today(), product, time_zone)


def make_later_orders(command: str, files: Files) -> None:
    """Run the command that writes the orders since, with the file of those contacted."""
    subprocess.run([*shlex.split(command), str(files.contacted)], check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--customers", type=int, default=8_000)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--exports", type=Path)
    parser.add_argument("--product", action="append", default=[], metavar="FIELD=TEXT")
    parser.add_argument("--time-zone", default="America/New_York")
    parser.add_argument("--later-orders", metavar="COMMAND", default="")
    parser.add_argument("--sent-on", type=dt.date.fromisoformat)
    parser.add_argument("--contact-cost", default="", help="typed on the page of the list's length; a click more")
    parser.add_argument("--pictures", type=Path)
    settings = parser.parse_args()
    program = find_chromium()
    if program is None:
        print("There is no chromium here.")
        return 1
    settings.output.mkdir(parents=True)
    if settings.exports is None:
        exports = write_exports(settings.output / "exports", customers=settings.customers)
        margin = f"{float(exports.product['price']) * MARGIN_SHARE:.2f}"
        exports = replace(exports, product={**exports.product, "margin": margin})
    else:
        exports = read_exports(settings.exports, settings.product, settings.time_zone)
        exports = replace(exports, launch_day=settings.sent_on or exports.launch_day)
    with run_server(settings.output / "shops") as address, open_chromium(program) as browser:
        walker = Walker(browser.new_page(viewport={"width": settings.width, "height": HEIGHT}))
        camera = Camera(walker, settings.output / "pages", settings.pictures)
        walker.page.goto(address)
        try:
            files = walk_to_the_file(walker, exports, SHOP, settings.output, camera.look, cost=settings.contact_cost)
            seconds = dict(files.seconds)
            print(f"{len(files.clicks)} clicks to {files.contacted.name}: {', '.join(files.clicks)}")
            if settings.later_orders:
                make_later_orders(settings.later_orders, files)
            if settings.later_orders or settings.exports is None:
                caused = 0.0 if settings.later_orders else CAUSED
                seconds["measurement"] = walk_to_the_verdict(walker, exports, files, camera.look, caused)
                print(walker.page.locator(".answer").inner_text())
            look_around(walker, SHOP, camera.look)
            if settings.pictures is None:
                walk_to_proof_and_lists(walker, SHOP, camera.look)
        except Exception:
            walker.page.screenshot(path=settings.output / "pages" / "failed.png", full_page=True)
            raise
        finally:
            print("\n".join(walker.problems) or "Nothing was wrong.")
        print(", ".join(f"{part} {value:.1f} s" for part, value in seconds.items()))
        print(f"{len(walker.visited)} pages at {settings.width} px")
    return 1 if walker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
