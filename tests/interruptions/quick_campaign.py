"""A small part of `benchmarks/interrupted_commands.py`, for the tests; prints what became of it as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from forked import import_everything
from kills import fill_disk_everywhere, kill_everywhere
from pairs import run_pairs
from power_loss import lose_power_everywhere
from trials import Ground
from writing_commands import COMMANDS


def main(root: Path) -> None:
    """Interrupt a few commands below a folder."""
    import_everything()
    ground = Ground(root)
    named = {command.name: command for command in COMMANDS}
    campaign, forget = named["campaign"], named["forget"]
    expected = {command: ground.expect(command) for command in (campaign, forget)}
    results = {
        "kill campaign": kill_everywhere(ground, campaign, expected[campaign], most=12, judged=4),
        "full disk": fill_disk_everywhere(ground, campaign, expected[campaign], 3),
        "power loss": lose_power_everywhere(ground, forget, expected[forget], seed=1, mixtures=1, most=30, judged=4),
        "pair": run_pairs(ground, named["contacted"], forget, 2),
    }
    print(json.dumps({name: asdict(outcome) for name, outcome in results.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
