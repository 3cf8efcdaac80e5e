"""Interrupt every writing command wherever it can be, and judge what is left: before or after, and nothing else.

A kill before each file operation, kills at random, loss of power, full disks, and commands that meet. Needs Linux, and
for disks that are full the right to mount a file system.

python benchmarks/interrupted_commands.py [kills random power full pairs] [--seed 0] [--only NAME]...
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "interruptions"))

os.environ |= {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

from forked import import_everything
from kills import fill_disk_of_sizes, kill_at_any_time, kill_everywhere, may_mount
from pairs import PairOutcome, run_pairs
from power_loss import lose_power_everywhere
from trials import Expected, Ground, Outcome
from writing_commands import COMMANDS, NEWER, WINTER, WritingCommand

PARTS = ("kills", "random", "power", "full", "pairs")
RANDOM_KILLS = 250
PAIRS = 50
DISK_SIZES = 20
DISKS_AFTER_POWER_LOSS = 25
"""On so many of those that a loss of power can leave of a command both commands are run; all are opened."""

HEADER = f"{'command':26} {'points':>6} {'before':>6} {'after':>6} {'other failed':>13} {'again failed':>13}"


@dataclass(frozen=True)
class Campaign:
    """What is interrupted, and where.

    Attributes:
        ground: The folder of the trials.
        commands: What is interrupted.
        seed: Of everything that is drawn.
    """

    ground: Ground
    commands: tuple[WritingCommand, ...]
    seed: int

    def run(self, part: str) -> int:
        """Run a part and print its table; return the number of faults."""
        print(f"\n{part}, seed {self.seed}", flush=True)
        return self._run_pairs() if part == "pairs" else self._interrupt(part)

    def _interrupt(self, part: str) -> int:
        print(f"{HEADER} {'mixed':>6} {'left behind':>12} {'unclear':>8} {'seconds':>8}", flush=True)
        draw, faults = random.Random(self.seed), 0
        for number, command in enumerate(self.commands):
            began = time.monotonic()
            expected = self.ground.expect(command)
            times = RANDOM_KILLS * (number + 1) // len(self.commands) - RANDOM_KILLS * number // len(self.commands)
            outcome = self._interrupt_command(part, command, expected, draw, times)
            print(f"{_row(outcome)} {time.monotonic() - began:8.0f}", *outcome.examples, sep="\n    ", flush=True)
            faults += outcome.faults
        return faults

    def _interrupt_command(
        self, part: str, command: WritingCommand, expected: Expected, draw: random.Random, times: int
    ) -> Outcome:
        if part == "kills":
            return kill_everywhere(self.ground, command, expected)
        if part == "random":
            return kill_at_any_time(self.ground, command, expected, times, draw)
        if part == "power":
            return lose_power_everywhere(self.ground, command, expected, seed=self.seed, judged=DISKS_AFTER_POWER_LOSS)
        return fill_disk_of_sizes(self.ground, command, expected, DISK_SIZES)

    def _run_pairs(self) -> int:
        print(f"{'commands':50} {'wait':>4} {'times':>6} {'first':>6} {'second':>6} {'refused':>8} {'wrong':>6}")
        faults = 0
        for outcome, wait in self._meet():
            figures = (outcome.times, outcome.first, outcome.second, outcome.refused, outcome.wrong)
            columns = " ".join(f"{figure:6}" for figure in figures[:3])
            row = f"{outcome.commands:50} {wait:4} {columns} {figures[3]:8} {figures[4]:6}"
            print(row, *outcome.examples, sep="\n    ", flush=True)
            faults += outcome.wrong
        return faults

    def _meet(self) -> Iterator[tuple[PairOutcome, int]]:
        """Every two of the commands that change the same shop, waiting for each other and not."""
        meeting = [command for command in (*self.commands, NEWER, WINTER) if command.shop == "shop" and command.locks]
        pairs = list(combinations_with_replacement(meeting, 2))
        for number, (one, two) in enumerate(pairs):
            times = PAIRS * (number + 1) // len(pairs) - PAIRS * number // len(pairs)
            yield run_pairs(self.ground, one, two, max(times, 1)), 120
            yield run_pairs(self.ground, one, two, 1, wait=0), 0


def _row(outcome: Outcome) -> str:
    return (
        f"{outcome.command:26} {outcome.points:6} {outcome.before:6} {outcome.after:6} {outcome.other_failed:13} "
        f"{outcome.again_failed:13} {outcome.mixed:6} {outcome.left_behind:12} {outcome.unclear:8}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", metavar="NAME", help="Name of a command; may be repeated.")
    arguments = parser.parse_args()
    import_everything()
    commands = tuple(command for command in COMMANDS if not arguments.only or command.name in arguments.only)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        campaign = Campaign(Ground(Path(folder).resolve() / "ground"), commands, arguments.seed)
        faults = 0
        for part in arguments.parts:
            if part == "full" and not may_mount(campaign.ground.place):
                print("full: no right to mount a file system", flush=True)
            else:
                faults += campaign.run(part)
    print(f"\n{faults} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
