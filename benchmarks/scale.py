"""Seconds and peak memory of the commands at 1, 10 and 100 million order lines: one table.

    python benchmarks/scale.py [--lines 1000000,10000000] [--steps import,launches,audience,backtest,recommend]
                               [--layout parquet|csv|shopify] [--work FOLDER] [--make-shop] [--engine ENGINE] [--json]

Made-up shops (`scale_shops.py`), the same for the same size and seed. Each step is the real command in a process of its
own, with every model fitted anew: `audience` ranks the customers for one new product and writes them all, `backtest`
tests the 50 launches of the last months, `recommend` writes ten products for each active customer with each of the
models that take about a second (a single one: `recommend:bm25`). A step that takes more memory than `--most-megabytes`
is stopped and says so.

A shop that the work folder has is used again, and then `import` is no row of the table; delete it to import anew.
`--make-shop` writes the shop's folder directly, with the tables that the import would have written: for steps after the
import at sizes that take long to import. Linux only.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from measure_tree import Run, run_limited

from frontrow.storage.folder import MODELS
from frontrow.storage.folder import RECOMMENDERS as FITTED_RECOMMENDERS

STEPS: Final = ("import", "launches", "audience", "backtest", "recommend")
RECOMMENDERS: Final = ("popular", "item_to_item", "bm25", "tifu_knn")
LAYOUTS: Final = {"parquet": "parquet", "csv": "csv", "shopify": "shopify.csv"}
FITTED: Final = (MODELS, FITTED_RECOMMENDERS)
"""Folders of a shop, of what was fitted before."""
HERE: Final = Path(__file__).parent
COLUMNS: Final = f"{'step':24} {'lines':>12} {'CPU s':>9} {'clock s':>9} {'peak MB':>9}"


@dataclass(frozen=True)
class Work:
    """Where the table is made, and how.

    Attributes:
        folder: For exports, shops and results; what it has is used again.
        lines: Order lines of the shop.
        layout: One of `LAYOUTS`.
        seed: Of the shop.
        engine: Passed on to the commands; empty for none.
        most_megabytes: A step is stopped above it.
    """

    folder: Path
    lines: int
    layout: str = "parquet"
    seed: int = 0
    engine: str = ""
    most_megabytes: float = 8_000

    @property
    def name(self) -> str:
        """Of the files of this size."""
        return f"{self.lines}-{self.seed}"

    @property
    def shop(self) -> Path:
        """The shop's folder."""
        return self.folder / f"shop-{self.layout}-{self.name}"

    @property
    def export(self) -> Path:
        """The file that is imported."""
        return self.folder / f"orders-{self.name}.{LAYOUTS[self.layout]}"

    def write(self, what: str, target: Path) -> Run:
        """Make an export or a shop in another process, since this one has to stay small."""
        command = (str(HERE / "scale_folders.py"), what, str(self.lines), str(self.seed), str(target))
        return run_limited(*command, most_megabytes=self.most_megabytes)

    def frontrow(self, *arguments: str) -> Run:
        """Run a command on the shop, with no fitted model left from before."""
        for fitted in FITTED:
            shutil.rmtree(self.shop / fitted, ignore_errors=True)
        engine = ("--engine", self.engine) if self.engine else ()
        command = ("-m", "frontrow.cli", *arguments, "--quiet", *engine)
        return run_limited(*command, most_megabytes=self.most_megabytes)


def import_shop(work: Work) -> Iterator[tuple[str, Run]]:
    """Write the export, where there is none, and import it."""
    if not work.export.exists():
        yield f"write {work.layout}", work.write(work.layout, work.export)
    stated = ("--time-zone", "UTC", "--currency", "GBP")
    yield f"import {work.layout}", work.frontrow("import", str(work.shop), str(work.export), *stated)


def run_step(step: str, work: Work) -> Iterator[tuple[str, Run]]:
    """Run a step on a shop that is there.

    Args:
        step: One of `STEPS`, or `recommend:` and a model.
        work: Where.
    """
    shop, output = str(work.shop), work.folder / f"{step.replace(':', '-')}-{work.name}.parquet"
    output.unlink(missing_ok=True)
    if step == "launches":
        yield step, work.frontrow("launches", shop, "--output", str(output))
    elif step == "audience":
        products = work.folder / "products.csv"
        products.write_text("title,price\nGlazed Teapot 90001,24.90\n")
        yield step, work.frontrow("audience", shop, "--products", str(products), "--output", str(output))
    elif step == "backtest":
        yield step, work.frontrow("backtest", shop, "--output", str(output))
    else:
        _, _, model = step.partition(":")
        for name in [model] if model else RECOMMENDERS:
            output.unlink(missing_ok=True)
            yield f"recommend {name}", work.frontrow("recommend", shop, "--model", name, "--output", str(output))


def measure(work: Work, steps: Sequence[str], *, make_shop: bool) -> Iterator[tuple[str, Run]]:
    """Run the steps of one size, the shop's import first where there is no shop.

    Args:
        work: Where.
        steps: Which.
        make_shop: Write the shop's folder directly instead of importing it.
    """
    work.folder.mkdir(parents=True, exist_ok=True)
    if not (work.shop / "shop.json").exists():
        rows = [("make shop", work.write("shop", work.shop))] if make_shop else import_shop(work)
        for name, run in rows:
            yield name, run
            if run.outcome != "done":
                return
    for step in steps:
        if step != "import":
            yield from run_step(step, work)


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", default="1000000,10000000")
    parser.add_argument("--steps", default=",".join(STEPS))
    parser.add_argument("--layout", choices=LAYOUTS, default="parquet")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path("scale-work"))
    parser.add_argument("--make-shop", action="store_true", help="write the shop's folder directly")
    parser.add_argument("--engine", default="", help="passed on to the commands")
    parser.add_argument("--most-megabytes", type=float, default=8_000)
    parser.add_argument("--json", action="store_true", help="print one object a row")
    arguments = parser.parse_args()
    steps = arguments.steps.split(",")
    unknown = [step for step in steps if step.partition(":")[0] not in STEPS]
    if unknown:
        parser.error(f"There is no step {unknown[0]}. Available: {', '.join(STEPS)}.")
    if not arguments.json:
        print(COLUMNS)
    for lines in map(int, arguments.lines.split(",")):
        work = Work(
            *(arguments.work.absolute(), lines, arguments.layout, arguments.seed),
            *(arguments.engine, arguments.most_megabytes),
        )
        for step, run in measure(work, steps, make_shop=arguments.make_shop):
            print(to_json(step, lines, run) if arguments.json else to_row(step, lines, run), flush=True)


def to_row(step: str, lines: int, run: Run) -> str:
    """A row of the table."""
    cost = run.cost
    row = f"{step:24} {lines:12,} {cost.cpu:9,.1f} {cost.wall:9,.1f} {cost.peak_megabytes:9,.0f}"
    return row if run.outcome == "done" else f"{row}  {run.outcome} {run.message}".rstrip()


def to_json(step: str, lines: int, run: Run) -> str:
    """A row for a program."""
    cost = {"cpu_seconds": run.cost.cpu, "clock_seconds": run.cost.wall, "peak_megabytes": run.cost.peak_megabytes}
    return json.dumps({"step": step, "lines": lines, **cost, "outcome": run.outcome, "message": run.message})


if __name__ == "__main__":
    main()
