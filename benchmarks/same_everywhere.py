"""The same chain of commands gives the same bytes with one thread and four, in another time zone and locale.

python benchmarks/same_everywhere.py [CUSTOMERS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "tests" / "interruptions"
sys.path.insert(0, str(FOLDER))

from same_chain import PLACES, run_in  # noqa: E402 - beside the tests
from shop_states import compare  # noqa: E402


def main() -> None:
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    states = {}
    with tempfile.TemporaryDirectory() as folder:
        for place in PLACES:
            # shops note paths, so the folder is the same each time
            states[place] = run_in(place, Path(folder).resolve() / "chain", customers)
            print(f"{place:40} {len(states[place])} files and folders", flush=True)
    first, *others = states.values()
    differences = sorted({name for other in others for name in compare(other, first)})
    print(*differences or ["every file is the same, to the byte"], sep="\n")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
