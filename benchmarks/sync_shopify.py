"""Sync a shop of 100,000 orders from a server that plays Shopify, and compare it with the import of its CSV exports.

1. The first sync gives the shop that the exports give, row for row: orders, products, customers.
2. 1 % of the orders change; the second sync takes under a tenth of the first, in CPU time and by the clock. It gives
   the shop that importing the export of the changed shop gives.
3. First and second syncs are killed with SIGKILL at random moments and run again: the shop that is left is always the
   one before or the one after, and in the end the same as without a kill.

Every sync is a process of its own. Told apart are: starting Python and importing what a sync needs, which every command
does and no shop makes longer; the sync itself; and of it the time that the server, another process, works on its
answers. The server's operations are complete as soon as they are asked about: no time is spent on waiting for Shopify's
own work. A second sync is judged by the sync itself, in CPU time, by the clock, and by the clock without the server.
Of several measurements the least counts, because other work on the machine only adds to it.

python benchmarks/sync_shopify.py [--orders 100000] [--kills 50] [--kill-orders 100000]
    [--repeats 3] [--seed 0]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    import polars as pl

CHANGED: Final = 0.01
ORDERS_A_CUSTOMER: Final = 2.4
TABLES: Final = ("orders", "products", "customers")
SECRET: Final = "FRONTROW_BENCHMARK_SECRET"
SHARE_OF_FIRST: Final = 0.1
"""What a second sync may take of the first one's time."""


@dataclass(frozen=True)
class Exports:
    """The exports of a shop, before and after some of its orders changed."""

    before: Path
    after: Path
    products: Path
    customers: Path
    after_of_server: Path
    changed: int
    orders: int


@dataclass(frozen=True)
class Run:
    """A sync that ended; all in seconds but its peak of memory and what it brought.

    Attributes:
        start_cpu: CPU time of the start of its process.
        cpu: CPU time of the sync itself.
        wall: The same by the clock.
        server: Of these those in which the server worked on its answers.
        own_wall: The others.
        peak_mib: The most memory of its process.
        counts: What came, by kind.
    """

    start_cpu: float
    cpu: float
    wall: float
    server: float
    own_wall: float
    peak_mib: float
    counts: dict[str, int]


def make_exports(folder: Path, orders: int, seed: int) -> Exports:
    """Write the exports of a synthetic shop with exactly so many orders."""
    import polars as pl

    from frontrow.synthetic import SyntheticShop
    from frontrow.testing.loopback.shopify_changes import change_orders
    from frontrow.testing.loopback.shopify_nodes import read_export

    shop = SyntheticShop(customers=max(50, round(orders / ORDERS_A_CUSTOMER)), seed=seed)
    files = shop.write_shopify(folder / "whole")
    rows = read_export(files[:2])
    names = rows["Name"].unique(maintain_order=True).head(orders)
    rows = rows.filter(pl.col("Name").is_in(names.implode()))
    header = rows.columns
    # the server's clock stands after every order, so that changes come later
    after, changed = change_orders(rows, CHANGED, dt.datetime.now(dt.UTC) + dt.timedelta(days=2), seed)
    paths = {name: folder / f"{name}.csv" for name in ("before", "after", "after_of_server")}
    rows.write_csv(paths["before"])
    after.select(header).write_csv(paths["after"])
    after.write_csv(paths["after_of_server"])
    return Exports(products=files[2], customers=files[3], changed=len(changed), orders=names.len(), **paths)


def serve(pipe: Connection, exports: Exports) -> None:
    """Play Shopify until told to end; the process of the server."""
    from frontrow.testing.loopback.shopify import LoopbackShopify
    from frontrow.testing.loopback.shopify_nodes import customer_nodes, order_nodes, product_nodes, read_export

    states = {name: order_nodes(read_export([getattr(exports, name)])) for name in ("before", "after_of_server")}
    changed = [new for new, old in zip(states["after_of_server"], states["before"], strict=True) if new != old]
    original = {node.id: node for node in states["before"]}
    nodes = {
        "orders": states.pop("before"),
        "products": product_nodes(read_export([exports.products])),
        "customers": customer_nodes(read_export([exports.customers])),
    }
    with LoopbackShopify(nodes) as server:
        pipe.send(server.url)
        while (message := pipe.recv()) != "end":
            if message == "change":
                server.put("orders", changed)
            elif message == "change back":
                server.put("orders", [original[node.id] for node in changed])
            pipe.send({"busy": server.busy_seconds, "started": server.started, "requests": len(server.requests)})


class Server:
    """The server's process, as the benchmark speaks to it."""

    def __init__(self, exports: Exports) -> None:
        """Start it."""
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other, exports), daemon=True)
        self.process.start()
        self.url: str = self.pipe.recv()

    def tell(self, message: str) -> dict[str, Any]:
        """Send a message; return what it says of itself."""
        self.pipe.send(message)
        answer: dict[str, Any] = self.pipe.recv()
        return answer


@contextmanager
def running_server(exports: Exports) -> Iterator[Server]:
    """A server until the block ends."""
    server = Server(exports)
    try:
        yield server
    finally:
        server.pipe.send("end")
        server.process.join()


def environment() -> dict[str, str]:
    """Of every command: the secret, and two threads."""
    from frontrow.testing.loopback.shopify import LoopbackShopify

    threads = {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
    return {**os.environ, **threads, SECRET: LoopbackShopify.client_secret}


def state_source(folder: Path, server: Server) -> None:
    """State the source of a shop that does not exist yet."""
    from frontrow.testing.loopback.shopify import LoopbackShopify

    line = ["source", "add", str(folder), "shopify", "--set", f"shop={server.url}"]
    line += ["--set", f"client_id={LoopbackShopify.client_id}", "--secret", f"client_secret=env:{SECRET}"]
    subprocess.run([sys.executable, "-m", "frontrow.cli", *line], env=environment(), check=True, capture_output=True)


def start_sync(folder: Path, output: Path) -> subprocess.Popen[bytes]:
    """Start `frontrow sync` in a process of its own."""
    with output.open("wb") as file:
        command = [sys.executable, "-m", "frontrow.cli", "sync", str(folder), "--json"]
        return subprocess.Popen(command, env=environment(), stdout=file, stderr=file)


def time_command(folder: Path, output: Path) -> float:
    """Run `frontrow sync` to its end; return its seconds by the clock."""
    began = time.perf_counter()
    if start_sync(folder, output).wait():
        raise RuntimeError(output.read_text())
    return time.perf_counter() - began


def measure_sync(folder: Path, server: Server, *, fresh: Path | None = None) -> Run:
    """Sync in a process of its own, and measure it.

    Args:
        folder: The shop.
        server: Of its source.
        fresh: A copy of the shop as it was before, made the first time and put back each further time.
    """
    if fresh is not None and fresh.exists():
        shutil.rmtree(folder)
        shutil.copytree(fresh, folder)
    elif fresh is not None:
        shutil.copytree(folder, fresh)
    busy = server.tell("status")["busy"]
    command = [sys.executable, __file__, "--measure", str(folder)]
    done = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    values = json.loads(done.stdout)
    server_seconds = server.tell("status")["busy"] - busy
    return Run(**values, server=server_seconds, own_wall=values["wall"] - server_seconds)


def find_least(runs: list[Run]) -> Run:
    """The least of each figure: other work on the machine only ever adds to it."""
    names = ("start_cpu", "cpu", "wall", "server", "peak_mib")
    least = {name: min(getattr(run, name) for run in runs) for name in names}
    return Run(**least, own_wall=min(run.own_wall for run in runs), counts=runs[0].counts)


def sync_and_print(folder: Path) -> None:
    """Sync and print what it took: what the process of `measure_sync` does."""
    import httpx  # noqa: F401
    import polars as pl

    from frontrow.service.sync import sync_shop
    from frontrow.sources.connector import list_connectors

    list_connectors()
    pl.DataFrame({"threads": [1]}).lazy().collect(engine="streaming")
    start_cpu, began = time.process_time(), time.perf_counter()
    result = sync_shop(folder)
    cpu, wall = time.process_time() - start_cpu, time.perf_counter() - began
    # of this process alone: what the operating system adds up over processes has the parent's in it
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peak = int(status["VmHWM"].split()[0]) / 1024
    counts = dict(result.sources[0].counts)
    print(json.dumps({"start_cpu": start_cpu, "cpu": cpu, "wall": wall, "peak_mib": peak, "counts": counts}))


def read_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """The tables of a shop."""
    from frontrow.shop.shop import Shop

    shop = Shop.read(folder)
    return {name: getattr(shop, name).lazy().collect() for name in TABLES}


def find_differences(left: dict[str, pl.DataFrame], right: dict[str, pl.DataFrame]) -> list[str]:
    """The tables in which two shops differ, row for row and column for column."""
    return [name for name in TABLES if not left[name].equals(right[name])]


def import_states(folder: Path, exports: Exports) -> list[dict[str, pl.DataFrame]]:
    """The shop by the road of the files, before and after the changes."""
    from frontrow.shop.update import import_files

    import_files([exports.before, exports.products, exports.customers], folder)
    states = [read_tables(folder)]
    import_files([exports.after], folder)
    return [*states, read_tables(folder)]


def compare_and_time(place: Path, exports: Exports, repeats: int) -> list[str]:
    """Print whether both roads give the same shop, and what each sync takes; return what is wrong."""
    expected = import_states(place / "by_files", exports)
    folder, problems = place / "synced", []
    with running_server(exports) as server:
        state_source(folder, server)
        first = [measure_sync(folder, server, fresh=place / "stated") for _ in range(repeats)]
        differences = [find_differences(expected[0], read_tables(folder))]
        server.tell("change")
        second = [measure_sync(folder, server, fresh=place / "after_first") for _ in range(repeats)]
        differences.append(find_differences(expected[1], read_tables(folder)))
        third = [measure_sync(folder, server)]
        differences.append(find_differences(expected[1], read_tables(folder)))
    runs = [find_least(several) for several in (first, second, third)]
    lines = expected[0]["orders"].height
    print(f"{exports.orders:,} orders, {lines:,} order lines that are purchases; {exports.changed:,} orders change")
    print(
        f"{'sync':30} {'start CPU':>10} {'CPU':>7} {'clock':>7} {'server':>7} {'without':>8} {'peak MiB':>9} "
        f"{'orders':>8}"
    )
    names = ("first", f"second, {exports.changed:,} orders changed", "third, within the overlap")
    for name, run, wrong in zip(names, runs, differences, strict=True):
        print(
            f"{name:30} {run.start_cpu:10.2f} {run.cpu:7.2f} {run.wall:7.2f} {run.server:7.2f} {run.own_wall:8.2f} "
            f"{run.peak_mib:9.0f} {run.counts['orders']:8,}"
        )
        if wrong:
            problems.append(f"after the sync ({name}) {', '.join(wrong)} differ from the exports'")
    shares = {
        "CPU": runs[1].cpu / runs[0].cpu,
        "clock": runs[1].wall / runs[0].wall,
        "clock without the server": runs[1].own_wall / runs[0].own_wall,
    }
    whole = (runs[1].cpu + runs[1].start_cpu) / (runs[0].cpu + runs[0].start_cpu)
    print(
        "second of first: "
        + ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
        + f"; CPU with the start of the process {whole:.1%}"
    )
    problems += [
        f"{name} of the second sync is {share:.1%}" for name, share in shares.items() if share >= SHARE_OF_FIRST
    ]
    same = "the same, row for row" if not any(differences) else "NOT THE SAME"
    print(f"orders, products and customers by both roads: {same}")
    return problems


def kill_and_compare(place: Path, exports: Exports, kills: int, seed: int) -> list[str]:
    """Kill syncs at random moments, run them again, and print what is left; return what is wrong."""
    expected = import_states(place / "by_files", exports)
    rng, counts, problems = random.Random(seed), Counter[str](), []
    with running_server(exports) as server:
        folder = place / "shop"
        state_source(folder, server)
        shutil.copytree(folder, place / "stated")
        # as long as an undisturbed command takes
        spans = [time_command(folder, place / "output")]
        server.tell("change")
        spans.append(time_command(folder, place / "output"))
        while counts["killed"] < kills:
            shutil.rmtree(folder)
            shutil.copytree(place / "stated", folder)
            server.tell("change back")
            for step, span in enumerate(spans):
                if step:
                    server.tell("change")
                before = {} if step == 0 else expected[0]
                problems += _kill_until_done(folder, place / "output", span, before, expected[step], rng, counts, kills)
            counts["rounds"] += 1
        started = server.tell("status")["started"]
    syncs = 2 * (counts["rounds"] + 1)
    print(
        f"{counts['killed']} kills in {counts['rounds']} rounds of two syncs ({exports.orders:,} orders): "
        f"{counts['before']} left the shop before, {counts['after']} the shop after; {syncs} finished syncs started "
        f"{started} bulk operations, 3 a sync are {3 * syncs}"
    )
    print(f"wrong: {len(problems)}")
    return problems


def _kill_until_done(
    folder: Path,
    output: Path,
    span: float,
    before: dict[str, pl.DataFrame],
    after: dict[str, pl.DataFrame],
    rng: random.Random,
    counts: Counter[str],
    kills: int,
) -> list[str]:
    """Kill one sync again and again, at another moment each time, until it finishes."""
    problems = []
    while True:
        process = start_sync(folder, output)
        try:
            # once enough were killed, it may finish
            process.wait(rng.uniform(0.0, span) if counts["killed"] < kills else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            counts["killed"] += 1
            left = read_tables(folder) if (folder / "shop.json").exists() else {}
            if left and not find_differences(after, left):
                counts["after"] += 1
            elif (not left and not before) or (left and before and not find_differences(before, left)):
                counts["before"] += 1
            else:
                problems.append(f"kill {counts['killed']} left neither the shop before nor the one after")
            continue
        if process.returncode:
            return [*problems, f"a sync after a kill ended with {process.returncode}: {output.read_text()[-500:]}"]
        if wrong := find_differences(after, read_tables(folder)):
            problems.append(f"after the kills {', '.join(wrong)} differ from the exports'")
        if left := [path.name for path in folder.rglob("*") if "downloads" in path.parts]:
            problems.append(f"a finished sync left {', '.join(left)}")
        return problems


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--kill-orders", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3, help="of a measured sync; the least counts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--measure", type=Path, help="sync this shop and print what it took")
    arguments = parser.parse_args()
    if arguments.measure:
        sync_and_print(arguments.measure)
        return
    problems = []
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        exports = make_exports(place, arguments.orders, arguments.seed)
        problems += compare_and_time(place, exports, arguments.repeats)
    if arguments.kills:
        with tempfile.TemporaryDirectory() as temporary:
            place = Path(temporary)
            exports = make_exports(place, arguments.kill_orders, arguments.seed)
            problems += kill_and_compare(place, exports, arguments.kills, arguments.seed)
    print(json.dumps({"problems": problems}, indent=2))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
