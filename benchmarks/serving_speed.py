"""How fast `GET /v1/customers/{id}/recommendations` answers, beside a route that returns a constant.

Both servers run in a process of their own, one after the other in turns, and are asked over 50 connections, each of
which sends its next request when it has its answer. The route that returns a constant is Starlette alone on the same
uvicorn: what no answer can be faster than. Then the memory of the server is looked at over many requests: a shorter
version of an hour.

    python benchmarks/serving_speed.py SHOPS SHOP --model two_stage [--requests 10000] [--rounds 3] [--memory 30000]

SHOPS is a folder of shops in which a recommender was trained by `POST /v1/trainings`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

IN_FLIGHT = 50

CONSTANT = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

BODY = b"x" * int(sys.argv[2])

async def answer(request):
    return Response(BODY, media_type="application/json")

app = Starlette(routes=[Route("/{path:path}", answer)])
uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, http="h11")
"""

OURS = """
import sys
from pathlib import Path
from frontrow.web.server import serve
from frontrow.web.settings import ServeSettings

serve(ServeSettings(Path(sys.argv[2]), port=int(sys.argv[1])), when_ready=lambda address, opening: None)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shops", type=Path)
    parser.add_argument("shop")
    parser.add_argument("--model", default="two_stage")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=30_000, help="Requests over which memory is looked at.")
    arguments = parser.parse_args()
    asyncio.run(measure(arguments))


async def measure(arguments: argparse.Namespace) -> None:
    token = make_token(arguments.shops)
    addresses = list_addresses(arguments.shops / arguments.shop, arguments.shop, arguments.model)
    ours, port = start(OURS, str(arguments.shops))
    try:
        await wait_for(port)
        _, size = await ask(port, addresses[:1], token, 1)
        constant, other_port = start(CONSTANT, str(size))
        try:
            await wait_for(other_port)
            for number in range(1, arguments.rounds + 1):
                picked = random.Random(number).choices(addresses, k=arguments.requests)
                print(f"round {number}, load of the machine {os.getloadavg()[0]:.1f}")
                report("  constant", await ask_timed(other_port, picked, token))
                report("  recommendations", await ask_timed(port, picked, token))
        finally:
            constant.terminate()
        await watch_memory(ours.pid, port, addresses, token, arguments.memory)
    finally:
        ours.terminate()
        ours.wait()


async def watch_memory(pid: int, port: int, addresses: Sequence[str], token: str, requests: int) -> None:
    parts = 6
    for part in range(parts + 1):
        print(f"memory after {part * requests // parts:,} requests: {read_megabytes(pid):.1f} MB")
        if part < parts:
            await ask(port, random.Random(part).choices(addresses, k=requests // parts), token, IN_FLIGHT)


async def ask_timed(port: int, addresses: Sequence[str], token: str) -> tuple[list[float], float]:
    begin = time.perf_counter()
    seconds, _ = await ask(port, addresses, token, IN_FLIGHT)
    return seconds, time.perf_counter() - begin


async def ask(port: int, addresses: Sequence[str], token: str, in_flight: int) -> tuple[list[float], int]:
    """Seconds of each request, and the bytes of the last body."""
    seconds: list[float] = []
    rest = iter(addresses)
    size = 0

    async def use_connection() -> None:
        nonlocal size
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for address in rest:
            begin = time.perf_counter()
            head = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
            writer.write(head.encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            status = answer.split(b" ", 2)[1]
            if status != b"200":
                raise SystemExit(f"{address} answers {status.decode()}")
            length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            size = int(length.split(b":")[1])
            await reader.readexactly(size)
            seconds.append(time.perf_counter() - begin)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(use_connection() for _ in range(in_flight)))
    return seconds, size


def report(name: str, timed: tuple[list[float], float]) -> None:
    seconds, total = timed
    cuts = statistics.quantiles(seconds, n=100)
    print(
        f"{name:20} {len(seconds) / total:7,.0f} a second   p50 {1000 * cuts[49]:6.1f} ms   "
        f"p95 {1000 * cuts[94]:6.1f} ms   p99 {1000 * cuts[98]:6.1f} ms"
    )


def make_token(shops: Path) -> str:
    from frontrow.web.settings import ServeSettings
    from frontrow.web.store.database import Database
    from frontrow.web.store.tokens import TokenStore

    store = TokenStore(Database(ServeSettings(shops).state))
    store.remove("benchmark")
    return store.add("benchmark", ["read"])


def list_addresses(folder: Path, shop: str, model: str) -> list[str]:
    from frontrow.recommend.customers import read_customer_ids

    customer_ids = read_customer_ids(folder)["customer_id"].to_list()
    return [f"/v1/customers/{number}/recommendations?shop={shop}&model={model}" for number in customer_ids]


def start(program: str, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    port = random.randint(20_000, 40_000)
    return subprocess.Popen([sys.executable, "-c", program, str(port), *arguments]), port


async def wait_for(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise SystemExit("the server did not begin to answer within a minute")


def read_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


if __name__ == "__main__":
    main()
