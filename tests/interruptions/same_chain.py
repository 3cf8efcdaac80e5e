"""A chain of commands, and digests of everything that it wrote: to be run in different places and compared."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Final

from forked import call, finish, import_everything, start_command
from shop_states import State, read_state
from writing_commands import fill

THREADS: Final = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    "one thread, London, C": {**dict.fromkeys(THREADS, "1"), "TZ": "Europe/London", "LC_ALL": "C"},
    "four threads, Auckland, Turkish": {
        **dict.fromkeys(THREADS, "4"),
        "TZ": "Pacific/Auckland",
        "LC_ALL": "tr_TR.UTF-8",
    },
}

QUICK_OPTION: Final = "--quick"
QUICK: Final = (
    "import {place}/shop {inputs}/orders_export_1.csv {inputs}/customers_export.csv --time-zone UTC",
    "import {place}/shop {inputs}/orders_export_2.csv {inputs}/products_export.csv",
    "config {place}/shop margin 12",
    "launches {place}/shop --output {place}/launches.csv",
    "train {place}/shop --model item_to_item --output {place}/neighbours",
    "recommend {place}/shop --model {place}/neighbours --output {place}/neighbour_lists.csv",
    "audience {place}/shop --products {inputs}/new.csv --output {place}/audience.csv",
    "campaign {place}/shop --products {inputs}/new.csv --model order_lines --length 40 --export klaviyo --contacted "
    "--output {place}/spring",
)
COMMANDS: Final = (
    *QUICK,
    "train {place}/shop --output {place}/trained",
    "recommend {place}/shop --model {place}/trained --output {place}/lists.csv",
    "recommend {place}/shop --model {place}/trained --customers new --output {place}/new_lists.csv",
    "campaign {place}/shop --products {inputs}/new.csv --length 40 --export mailchimp --output {place}/summer",
    "backtest {place}/shop --output {place}/backtest.csv",
    "report {place}/shop --products {inputs}/new.csv --no-backtest --output {place}/report.html",
)


class Clock(dt.datetime):
    """A clock that stands still: a shop notes when each file was imported."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Clock:
        """The same instant always."""
        return cls(2026, 3, 1, 12, tzinfo=dt.UTC).astimezone(tz)


def stop_clock() -> None:
    """Let imports be at the same instant in every run."""
    from frontrow.shop import update

    setattr(update, "dt", SimpleNamespace(**{**vars(dt), "datetime": Clock}))  # noqa: B010 - a module for a namespace


def run_chain(root: Path, customers: int, commands: Sequence[str] = COMMANDS) -> State:
    """Make a shop up and run every command on it; return the digest of each file."""
    shutil.rmtree(root, ignore_errors=True)
    place, inputs = root / "place", root / "inputs"
    place.mkdir(parents=True)
    call(lambda: _write_inputs(inputs, customers))
    for arguments in commands:
        output = root / "printed.txt"
        if finish(start_command(fill(arguments, place, inputs), output, stop_clock)):
            raise AssertionError(f"{arguments}: {output.read_text()}")
    return read_state(root)


def _write_inputs(inputs: Path, customers: int) -> None:
    from frontrow.synthetic import SyntheticShop

    garden = SyntheticShop(customers=customers, seed=5, lines_a_year=8.0, days=500)
    garden.write_shopify(inputs)
    garden.write_upcoming(inputs / "new.csv")


def run_in(place: str, root: Path, customers: int, *, quick: bool = False) -> State:
    """Run the chain in a process of its own, in one of `PLACES`."""
    command = [sys.executable, __file__, str(root), str(customers), *([QUICK_OPTION] if quick else [])]
    done = subprocess.run(command, env={**os.environ, **PLACES[place]}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    state: State = json.loads(done.stdout)
    return state


if __name__ == "__main__":
    import_everything()
    chain = QUICK if QUICK_OPTION in sys.argv else COMMANDS
    print(json.dumps(run_chain(Path(sys.argv[1]), int(sys.argv[2]), chain)))
