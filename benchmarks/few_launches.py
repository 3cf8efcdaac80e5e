"""The learning curve: average precision of the launch model after 0, 1, 3, 5, 10, ... launches, beside every baseline.

    python benchmarks/few_launches.py [--shops demo,codes] [--imported SHOP ...] [--n 0,5,20] [--seeds 0,1]
                                      [--output CELLS.jsonl] [--json]

The last 30 % of a shop's launches are the test; the model learns from the last n launches before them. A ratio compares
with the baseline that is best on the same test, which nobody knows beforehand; its 95 % interval comes from resampling
launch weeks. With --output, each result is kept and not computed again as long as the code that made it is the same.
`python benchmarks/few_launches.py --shops few_products --n 0,5,all --seeds 0` takes less than two minutes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl
from few_launches_cells import ALL, BASELINES, Cell, CellFile
from few_launches_curve import (
    LaunchSplit,
    RankedLaunch,
    build_ranked_launches,
    build_split_pseudo_launches,
    build_split_training_rows,
    fit_on_last,
    launch_precision,
    split_launches,
)
from few_launches_shops import SHOPS, WITHOUT_SEED, NoDataError
from few_launches_table import print_counts, print_shop, summarize_counts, summarize_shop

from frontrow.errors import LaunchError
from frontrow.launch.backtest.scores import LAUNCH_MODEL
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.history import History
from frontrow.shop.shop import Shop

COUNTS = "0,1,3,5,10,20,40,80,all"


class PreparedShop:
    """A shop's split, test launches and training rows, each made when it is first needed."""

    def __init__(self, name: str, seed: int, shop: Shop) -> None:
        self.name, self.seed, self.settings = name, seed, LaunchSettings()
        self.history: History = shop.as_of()
        self.split: LaunchSplit = split_launches(self.history, self.settings)
        self._rows: tuple[pl.DataFrame, pl.DataFrame] | None = None
        self._test: list[RankedLaunch] | None = None

    @property
    def test(self) -> list[RankedLaunch]:
        """The test launches with everyone scored."""
        if self._test is None:
            self._test = build_ranked_launches(self.history, self.split, self.settings, seed=self.seed)
        return self._test

    def compute(self, n: str) -> Cell:
        """The result of one n, or of the baselines."""
        started = time.perf_counter()
        if n == BASELINES:
            names = list(self.test[0].baseline_precision) if self.test else []
            values = {name: [launch.baseline_precision[name] for launch in self.test] for name in names}
        else:
            values = {LAUNCH_MODEL: self._model_values(None if n == ALL else int(n))}
        return Cell(
            shop=self.name,
            seed=self.seed,
            n=n,
            training_launches=self.split.training.height,
            product_ids=[launch.product_id for launch in self.test],
            launch_days=[launch.launch_day for launch in self.test],
            values=values,
            seconds=round(time.perf_counter() - started, 1),
        )

    def _model_values(self, count: int | None) -> list[float]:
        if self._rows is None:
            self._rows = (
                build_split_training_rows(self.history, self.split, self.settings),
                build_split_pseudo_launches(self.history, self.split, self.settings, seed=self.seed),
            )
        model = fit_on_last(*self._rows, self.split, count, self.history, self.settings, seed=self.seed)
        return launch_precision(model, self.test)


def compute_shop(name: str, seed: int, counts: list[str], cells: CellFile) -> Iterator[Cell]:
    """Every result of one shop, the baselines first; an n of which the shop has not more launches is left out."""
    prepared = cache(lambda: PreparedShop(name, seed, make_shop(name, seed)))

    def compute(n: str) -> Cell:
        return cells.get(name, seed, n) or cells.add(prepared().compute(n))

    simple = compute(BASELINES)
    yield simple
    for n in counts:
        # With as many as there are, it is "all".
        if (n == ALL and simple.training_launches) or (n != ALL and int(n) < max(simple.training_launches, 1)):
            yield compute(n)


def make_shop(name: str, seed: int) -> Shop:
    """A shop of `SHOPS`, or one that `frontrow import` made."""
    return SHOPS[name](seed) if name in SHOPS else Shop.read(name)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shops", default=",".join(SHOPS), help="comma-separated; default: all")
    parser.add_argument("--imported", action="append", default=[], help="a folder that `frontrow import` made")
    parser.add_argument("--n", default=COUNTS, help=f"launches to learn from; default: {COUNTS}")
    parser.add_argument("--seeds", default="0,1,2", help="of the made-up shops; default: 0,1,2")
    parser.add_argument("--output", type=Path, help="JSON lines, one a result; what is there is not computed again")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    arguments.shops = [name for name in arguments.shops.split(",") if name]
    unknown = sorted(set(arguments.shops) - set(SHOPS))
    if unknown:
        parser.error(f"no shop is called {', '.join(unknown)}; there are {', '.join(SHOPS)}")
    arguments.n = arguments.n.split(",")
    if not all(n == ALL or n.isdecimal() for n in arguments.n):
        parser.error(f"--n takes numbers and 'all', such as {COUNTS}")
    arguments.seeds = [int(seed) for seed in arguments.seeds.split(",")]
    return arguments


def main() -> None:
    arguments = parse_arguments()
    cells = CellFile(arguments.output)
    shops, skipped = [], {}
    for name in (*arguments.shops, *arguments.imported):
        has_one_seed = name in WITHOUT_SEED or name not in SHOPS
        of_shop: list[Cell] = []
        for seed in arguments.seeds[:1] if has_one_seed else arguments.seeds:
            try:
                of_shop += compute_shop(name, seed, arguments.n, cells)
            except (NoDataError, LaunchError) as error:
                skipped[name if has_one_seed else f"{name}, seed {seed}"] = str(error)
        if of_shop:
            shops.append(summarize_shop(of_shop, arguments.n))
            if not arguments.json:
                print_shop(shops[-1])
    rows = summarize_counts(shops, arguments.n)
    if arguments.json:
        print(json.dumps({"shops": shops, "over_shops": rows, "skipped": skipped}, indent=1))
        return
    for name, reason in skipped.items():
        print(f"\n{name}: skipped, because {reason}")
    print_counts(rows)


if __name__ == "__main__":
    main()
