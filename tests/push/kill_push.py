"""Kill a push before its file operations, let the same command run again, and say what is in the shop each time.

Usage: python kill_push.py FOLDER URL POINTS; FOLDER holds `shop` and `vases` (`push_shops`). Prints JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "interruptions"))

from file_operations import count_operations, kill_before

from forked import KILLED, call, finish, import_what_a_child_imported, run_command, start_command
from frontrow.push.platforms.klaviyo import Klaviyo


def describe(place: Path) -> dict[str, Any]:
    """Whom the contact log and the journal have, and how the journal adds up."""
    from frontrow.campaign.record.contact_log import ContactLog
    from frontrow.push.journal import Journal, journal_file
    from frontrow.push.reconciliation import reconcile

    journal = Journal.read(journal_file(place / "vases", "klaviyo", "contacted"))
    return {
        "logged": ContactLog.read(place / "shop").rows["customer_id"].sort().to_list(),
        "accepted": sorted(journal.accepted_ids) if journal else [],
        "outcome": reconcile(journal).to_dict() if journal else {},
    }


def main() -> None:
    """Kill at evenly spread points, then run again."""
    place, url, points = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    Klaviyo.batch_rows, Klaviyo.requests_per_second, Klaviyo.poll_seconds = 3, 10_000.0, 0.01
    before, output = place.with_name("before"), place.with_name("output")
    shutil.copytree(place, before)
    line = [
        "push",
        str(place / "shop"),
        str(place / "vases"),
        "--to",
        "klaviyo",
        "--set",
        f"url={url}",
        "--confirm",
        "8",
    ]

    def restore() -> None:
        shutil.rmtree(place)
        shutil.copytree(before, place)

    # Polars works in children only, whose threads a fork would not copy
    import_what_a_child_imported(lambda: run_command(line, output))
    restore()
    counter = place.with_name("operations")
    finish(start_command(line, output, lambda: count_operations(place, counter)))
    operations = counter.stat().st_size
    states = {"expected": call(lambda: describe(place)), "killed": [], "again": [], "problems": []}
    for point in range(points):
        number = operations * point // points
        restore()
        code = finish(start_command(line, output, lambda number=number: kill_before(place, number)))
        if code != KILLED:
            states["problems"].append(f"operation {number}: {code}, {output.read_text()}")
        states["killed"].append(call(lambda: describe(place)))
        code = finish(start_command(line, output))
        if code:
            states["problems"].append(f"again after {number}: {code}, {output.read_text()}")
        states["again"].append(call(lambda: describe(place)))
    print(json.dumps({"operations": operations, **states}))


if __name__ == "__main__":
    main()
