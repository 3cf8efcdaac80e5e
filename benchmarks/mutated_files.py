"""Mutated inputs, and a shop's own files and models, mutated: no traceback, no crash, no person in a message.

python benchmarks/mutated_files.py [--inputs 10500] [--own 2000] [--seed 0] [--workers 1]

Each case changes one file and runs the function of a command on it, in a process of its own that serves many cases:
when it ends, or does not answer, that case has crashed or hung and the next process goes on. Persons that nobody can
mistake are planted in all files and looked for in every message. Models and tables are also changed and signed anew, as
somebody who sends a shop a model could.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from select import select

CRASH, HANG = "CRASH", "HANG"
GOOD = ("fine", "frontrow error", "re-signed, other values")
MEMORY = 6 << 30
SECONDS = 120
SHOWN = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_500, help="Number of mutated inputs.")
    parser.add_argument("--own", type=int, default=2_000, help="Number of mutated files of a shop and its models.")
    parser.add_argument("--seed", default="0", help="Another seed gives other cases.")
    parser.add_argument("--first", type=int, default=0, help="Number of the first case of each kind.")
    parser.add_argument("--only", default="", help="Kinds whose name begins like this.")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="A smaller shop, and two kinds of recommenders.")
    parser.add_argument("--world", type=Path, help="Folder of an earlier run, or to keep for a later one.")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        serve(options.child)
        return
    with tempfile.TemporaryDirectory() as temporary:
        world = options.world or Path(temporary) / "world"
        if not world.exists():
            from mutated_world import build_world

            build_world(world, small=options.small)
        cases = list_cases(options)
        bundles = [cases[start :: options.workers] for start in range(options.workers)]
        with ThreadPoolExecutor(options.workers) as pool:
            outcomes = [
                outcome for results in pool.map(lambda part: run_all(world, part), bundles) for outcome in results
            ]
    sys.exit(print_table(outcomes))


def list_cases(options: argparse.Namespace) -> list[dict[str, object]]:
    """The cases, by turns of their kind."""
    from mutated_cases import INPUTS, OWN
    from mutated_world import models

    left_out = {f"model {name}" for name in models(small=False)} - {f"model {name}" for name in models(options.small)}
    cases: list[dict[str, object]] = []
    for kinds, count in ((INPUTS, options.inputs), (OWN, options.own)):
        names = [name for name in kinds if name.startswith(options.only) and name not in left_out]
        for number in range(count if names else 0):
            seed = f"{options.seed}-{options.first + number // len(names)}"
            cases.append({"kind": names[number % len(names)], "seed": seed})
    return cases


def run_all(world: Path, cases: Sequence[dict[str, object]]) -> list[dict[str, str]]:
    """Run cases one after the other, in a new process after each crash."""
    outcomes: list[dict[str, str]] = []
    while len(outcomes) < len(cases):
        outcomes += run_until_crash(world, cases[len(outcomes) :])
    return outcomes


def run_until_crash(world: Path, cases: Sequence[dict[str, object]]) -> Iterator[dict[str, str]]:
    """Give the outcomes of one process, up to the case that ended it."""
    command = [sys.executable, __file__, "--child", str(world)]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        assert process.stdin is not None
        assert process.stdout is not None
        for case in cases:
            start = time.monotonic()
            answer = b""
            try:
                process.stdin.write(json.dumps(case).encode() + b"\n")
                process.stdin.flush()
                ready = select([process.stdout], [], [], SECONDS)[0]
                answer = process.stdout.readline() if ready else b"hang"
            except BrokenPipeError:
                pass
            if answer.startswith(b"{"):
                yield {**case, **json.loads(answer), "seconds": f"{time.monotonic() - start:.2f}"}  # type: ignore[dict-item]
                continue
            process.kill()
            process.wait()
            verdict = HANG if answer else CRASH
            yield {**case, "verdict": verdict, "message": f"exit code {process.returncode}"}  # type: ignore[dict-item]
            return
        process.stdin.close()
        process.wait()


def serve(world: Path) -> None:
    """Run the cases that come on standard input, and answer each on standard output."""
    from mutated_cases import Case, run_case

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers = sys.stdout
    sys.stdout = sys.stderr
    with tempfile.TemporaryDirectory() as folder:
        for number, line in enumerate(sys.stdin):
            outcome = run_case(world, Path(folder) / str(number), Case(**json.loads(line)))
            print(json.dumps(asdict(outcome)), file=answers, flush=True)


def print_table(outcomes: Sequence[dict[str, str]]) -> int:
    """Print what came of each kind, and every case that should not be; return 1 where there is one."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        counts[outcome["kind"]][outcome["verdict"]] += 1
    verdicts = [*GOOD, "other data", "person shown", "TRACEBACK", CRASH, HANG]
    width = max(map(len, counts), default=3)
    print(" " * width, *(f"{verdict:>{max(len(verdict), 6)}}" for verdict in verdicts), sep="  ")
    for kind, of_kind in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        cells = (f"{of_kind[verdict]:>{max(len(verdict), 6)},}" for verdict in verdicts)
        print(f"{kind:<{width}}", *cells, sep="  ")
    bad = [outcome for outcome in outcomes if outcome["verdict"] not in GOOD]
    for (verdict, _, end), alike in list(group_alike(bad).items())[:SHOWN]:
        first = alike[0]
        message = first["message"] if verdict != "TRACEBACK" else end
        print(f"\n{verdict}, {len(alike)} times, first {first['kind']}, seed {first['seed']}\n{message}")
    slowest = max(outcomes, key=lambda outcome: float(outcome.get("seconds", 0)))
    print(
        f"\n{len(outcomes):,} cases, {len(bad)} bad; the slowest took {slowest.get('seconds')} s ({slowest['kind']})."
    )
    return 1 if bad else 0


def group_alike(outcomes: Sequence[dict[str, str]]) -> dict[tuple[str, str, str], list[dict[str, str]]]:
    """Bad cases that end in the same line of the source with the same kind of error."""
    groups: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    for outcome in outcomes:
        lines = outcome["message"].strip().splitlines() or [""]
        if outcome["verdict"] == "TRACEBACK":
            own = [line.strip() for line in lines if "/frontrow/" in line]
            key = own[-1] if own else ""
            end = "\n".join([*own[-3:], lines[-1]])
        else:
            key, end = outcome["kind"], ""
        groups[outcome["verdict"], key, end if not key else lines[-1][:40] + "\n" + end].append(outcome)
    return groups


if __name__ == "__main__":
    main()
