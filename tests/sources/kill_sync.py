"""Kill a sync before its file operations, let it run again, and compare the shop with one that was never interrupted.

Usage: python kill_sync.py FOLDER URL POINTS [KIND SETTING]; prints JSON. The setting of a source of that kind takes the
address of the service.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "interruptions"))

from file_operations import count_operations, kill_before
from forked import KILLED, call, finish, import_what_a_child_imported, run_command, start_command
from paged_shop import add_connectors_of_tests


def describe(folder: Path) -> dict[str, Any]:
    """What a shop holds, the same for the same data; nothing where there is no shop."""
    from frontrow.shop.shop import Shop
    from frontrow.sources.sync_record import read_records

    if not (folder / "shop.json").exists():
        return {}
    shop = Shop.read(folder)
    lines = shop.orders.collect().sort("order_id", "line_number").rows()
    record = read_records(folder).get("main")
    return {
        "lines": [list(map(str, row)) for row in lines],
        "customers": [list(map(str, row)) for row in shop.customers.collect().rows()],
        "imports": len(shop.settings.imports),
        "counts": None if record is None else dict(record.counts),
    }


def main() -> None:
    """Kill at evenly spread points, then judge."""
    place, url, points = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    kind, setting = sys.argv[4:] or ("paged_orders", "url")
    add_connectors_of_tests()
    stated, folder, output = place / "stated", place / "shop", place / "output"
    place.mkdir(exist_ok=True)
    secret = ("--secret", "token=env:FRONTROW_TEST_TOKEN")
    finish(
        start_command(
            ["source", "add", str(stated), kind, "--source", "main", "--set", f"{setting}={url}", *secret], output
        )
    )
    line = ["sync", str(folder)]

    def restore() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(stated, folder)

    restore()
    # Polars works in children only, whose threads a fork would not copy
    import_what_a_child_imported(lambda: run_command(line, output))
    restore()
    counter = place / "operations"
    finish(start_command(line, output, lambda: count_operations(folder, counter)))
    operations = counter.stat().st_size
    expected = call(lambda: describe(folder))
    outcome: dict[str, Any] = {"operations": operations, "wrong": [], "without": 0, "with": 0, "left": []}
    for point in range(points):
        number = operations * point // points
        restore()
        code = finish(start_command(line, output, lambda number=number: kill_before(folder, number)))
        after_kill = call(lambda: describe(folder))
        if code != KILLED or after_kill not in ({}, expected):
            outcome["wrong"].append(f"killed before operation {number}: {code}, {output.read_text()}")
        outcome["with" if after_kill else "without"] += 1
        code = finish(start_command(line, output))
        again = call(lambda: describe(folder))
        # where the killed one had committed, the second fetches the last hour only
        again["counts"] = expected["counts"] if after_kill else again["counts"]
        if code or again != expected:
            outcome["wrong"].append(f"run again after operation {number}: {code}, {output.read_text()}")
        outcome["left"] += [path.name for path in folder.rglob("*") if "downloads" in path.parts]
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
