"""Our two-tower network against one of TensorFlow Recommenders: training rows a second, seconds to its NDCG@10, memory.

    python benchmarks/two_tower.py SHOP [--peer-python PATH] [--log-q] [--cutoffs 2011-05-01,2011-07-01] [--repeats 2]

SHOP is a folder made by `frontrow import`. Without `--peer-python` an environment for the peer is made in the user's
cache folder. Both learn from the order lines before the cutoff that have a customer and rank every product sold in the
180 days before it, for those who buy in the 30 days after. They run in turn, each as a separate process, on
as many threads as their libraries take, another seed each time; best times of each side are compared, as is right on
a machine that others use too. `--log-q` adds the peer with the correction for popular products, apart.

What counts: the rows of whole epochs after the first; for the seconds to a quality, everything of ours from the
tables on, and of the peer everything but its import, the coding of the fields and its first batch, which compiles;
then, for both, what comes after the first step alone.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from two_tower_task import Task

HERE = Path(__file__).parent
PEER = ("tensorflow==2.21.0", "tensorflow-recommenders==0.7.7", "tf-keras==2.21.0", "numpy")
ROWS_BAR, QUALITY_BAR = 3, 10
PLAIN, LOG_Q, OURS = "peer", "peer, log-Q", "ours"


@dataclass(frozen=True)
class Point:
    """A point of a training: rows read, wall and CPU seconds so far, NDCG@10 by kind."""

    rows: int
    wall: float
    cpu: float
    quality: dict[str, float]


@dataclass(frozen=True)
class Run:
    """One training: its points, and the other results of its process."""

    points: list[Point]
    figures: dict[str, float]

    @classmethod
    def read(cls, folder: Path, task: Task) -> Run:
        """Read the results of a side from its folder."""
        points = []
        for file in sorted(folder.glob("point-*.npz")):
            with np.load(file) as arrays:
                quality = task.quality(arrays["customers"] @ arrays["products"].T)
                points.append(Point(int(arrays["rows"]), float(arrays["wall"]), float(arrays["cpu"]), quality))
        return cls(points, json.loads((folder / "figures.json").read_text()))

    def epochs(self, rows: int) -> list[tuple[float, float]]:
        """Wall and CPU seconds of each whole epoch after the first."""
        ends = [point for point in self.points if point.rows % rows == 0]
        return [(b.wall - a.wall, b.cpu - a.cpu) for a, b in pairwise(ends)]

    def reached(self, kind: str, quality: float) -> Point:
        """The first point of at least a quality; a point at infinity if there is none."""
        never = Point(0, float("inf"), float("inf"), {})
        return next((point for point in self.points if point.quality[kind] >= quality), never)


def peer_python() -> Path:
    """The interpreter of the peer's environment, created in the user's cache folder if needed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "frontrow" / "-".join(name.replace("==", "-") for name in PEER[:2])
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not (folder / "complete").is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER], check=True)
        (folder / "complete").touch()
    return python


def commands(options: argparse.Namespace, arrays_file: Path, cutoff: dt.date) -> dict[str, Callable[[Path, int], list]]:
    """The command of each side, given its folder and its seed."""
    python = options.peer_python or peer_python()
    epochs = ["--epochs", str(options.epochs), "--seed"]

    def peer(*more: str) -> Callable[[Path, int], list]:
        return lambda folder, seed: [python, HERE / "two_tower_peer.py", arrays_file, folder, *epochs, str(seed), *more]

    def ours(folder: Path, seed: int) -> list:
        arguments = [sys.executable, HERE / "two_tower_ours.py", options.shop, cutoff.isoformat(), folder]
        return [*arguments, *epochs, str(seed), "--threads", str(options.threads)]

    return {PLAIN: peer()} | ({LOG_Q: peer("--log-q")} if options.log_q else {}) | {OURS: ours}


def trained(command: list, task: Task, folder: Path) -> Run:
    folder.mkdir()
    result = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{result.stderr}\n{Path(command[1]).name} failed")
    return Run.read(folder, task)


def best_epoch(runs: list[Run], rows: int) -> np.ndarray:
    """Wall and CPU seconds of the quickest epoch after the first, each minimum on its own."""
    return np.min([epoch for run in runs for epoch in run.epochs(rows)], axis=0)


def best_reach(runs: list[Run], peers: list[Run], kind: str, after_first: bool = False) -> np.ndarray:
    """Best wall and CPU seconds to the NDCG@10 that the peer of the same turn ended with.

    The peer's points never count its first step; with `after_first`, ours do not either.
    """
    seconds = []
    for run, peer in zip(runs, peers, strict=True):
        point = run.reached(kind, peer.points[-1].quality[kind])
        first = (run.figures["first_step_wall"], run.figures["first_step"]) if after_first else (0.0, 0.0)
        seconds.append((point.wall - first[0], point.cpu - first[1]))
    return np.min(seconds, axis=0)


def line(name: str, values: list[float], form: str) -> None:
    print(f"  {name:44}" + "".join(f"{format(value, form):>14}" for value in values))


def show(runs: dict[str, list[Run]], rows: int) -> None:
    """The table of one cutoff."""
    sides = list(runs.values())
    print(f"  {'':44}" + "".join(f"{name:>14}" for name in runs))
    for index, clock in enumerate(("second", "CPU second")):
        line(f"training rows a {clock}", [rows / best_epoch(side, rows)[index] for side in sides], ",.0f")
    for kind in sides[0][0].points[-1].quality:
        ends = [[run.points[-1].quality[kind] for run in side] for side in sides]
        line(f"NDCG@10 at the end, {kind}", [float(np.mean(end)) for end in ends], ".4f")
        if len(ends[0]) > 1:
            line("  highest less lowest, by seed", [max(end) - min(end) for end in ends], ".4f")
    for kind in ("all", "never bought"):
        for index, clock in enumerate(("seconds", "CPU seconds")):
            reached = [best_reach(side, runs[PLAIN], kind)[index] for side in sides]
            line(f"{clock} to the peer's NDCG@10, {kind}", reached, ".2f")
    line("peak memory, MB", [max(run.figures["peak_megabytes"] for run in side) for side in sides], ",.0f")


def compare(runs: dict[str, list[Run]], rows: int) -> None:
    """Ours over the peers, against the bars."""
    ours = best_epoch(runs[OURS], rows)
    for name in [name for name in runs if name != OURS]:
        wall, cpu = best_epoch(runs[name], rows) / ours
        print(f"  rows a second, ours over {name}: {wall:.1f}, by CPU seconds {cpu:.1f} (bar: {ROWS_BAR})")
        for kind in ("all", "never bought"):
            theirs = best_reach(runs[name], runs[name], kind)
            for suffix, without_first_step in (("", False), (", after the first step", True)):
                wall, cpu = theirs / best_reach(runs[OURS], runs[name], kind, after_first=without_first_step)
                print(
                    f"  seconds to the NDCG@10 it ends with ({kind}){suffix}, {name} over ours: "
                    f"{wall:.1f}, by CPU seconds {cpu:.1f} (bar: {QUALITY_BAR})"
                )
    figures = [run.figures for run in runs[OURS]]
    distinct, full = (min(run[name] for run in figures) for name in ("own_products", "line_by_line_products"))
    peer = best_epoch(runs[PLAIN], rows)
    print(
        f"  an epoch in CPU seconds: ours {ours[1]:.2f}, {ours[1] / distinct:.1f} times the {distinct:.2f} of its "
        f"matrix products alone;\n  peer {peer[1]:.2f}, {peer[1] / full:.1f} times the {full:.2f} of a step that takes "
        f"every line by itself, of which ours is {ours[1] / full:.1f} times"
    )
    first, compiling = (min(run.figures["first_step"] for run in runs[name]) for name in (OURS, PLAIN))
    print(
        f"  counted in ours: {first:.2f} CPU seconds to the end of its first step; "
        f"not counted in the peer's: {compiling:.2f} of its first batch"
    )


def measure(options: argparse.Namespace, cutoff: dt.date, temporary: Path) -> None:
    task = Task.read(options.shop, cutoff)
    rows = task.interactions.lines.height
    task.export(temporary / "data.npz")
    sides = commands(options, temporary / "data.npz", cutoff)
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    load = [os.getloadavg()[0]]
    for turn in range(options.repeats):
        for name, command in sides.items():
            folder = temporary / f"{name} {turn}"
            runs[name].append(trained(command(folder, turn), task, folder))
            load.append(os.getloadavg()[0])
    print(
        f"{cutoff}: {rows:,} order lines, {task.returning:,} returning and {len(task.queries) - task.returning:,} new "
        f"customers, {int(task.candidates.sum()):,} products; {options.epochs} epochs, {options.repeats} turns, "
        f"load {min(load):.1f} to {max(load):.1f} on {os.cpu_count()} cores"
    )
    show(runs, rows)
    compare(runs, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--peer-python", type=Path)
    parser.add_argument("--log-q", action="store_true")
    parser.add_argument("--cutoffs", default="2011-05-01,2011-07-01")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--threads", type=int, default=0, help="of ours; 0 for what torch takes by itself")
    options = parser.parse_args()
    for cutoff in options.cutoffs.split(","):
        with tempfile.TemporaryDirectory() as temporary:
            measure(options, dt.date.fromisoformat(cutoff), Path(temporary))


if __name__ == "__main__":
    main()
