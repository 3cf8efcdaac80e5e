"""A shop at an address and on an engine: the same bytes as from the folder, seconds and what was sent.

    python benchmarks/published_shops.py s3://BUCKET/PATH [--engine sc://HOST:PORT] [--customers 1500] [--work FOLDER]

The variables of the process say how the store is opened, such as those of moto's server, which plays Amazon S3, or of
Azurite, which plays Azure:

    moto_server -H 127.0.0.1 -p 5111 & curl -X PUT http://127.0.0.1:5111/garden
    export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION=us-east-1
    export AWS_ENDPOINT_URL=http://127.0.0.1:5111 AWS_ALLOW_HTTP=true

    azurite-blob --skipApiVersionCheck & (and a container, made with any client of Azure)
    export AZURE_STORAGE_USE_EMULATOR=true AZURE_ALLOW_HTTP=true

A Spark Connect server of this machine, whose workers read with its variables:

    spark-submit --class org.apache.spark.sql.connect.service.SparkConnectServer --master 'local[2]'
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop

NEW_PRODUCTS = "title,price\nRed Enamel Watering Can,19.50\n"


def main() -> None:
    """Publish, compare, forget, publish again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("--engine", default="")
    parser.add_argument("--customers", type=int, default=1_500)
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        work = arguments.work or Path(place)
        shop = work / "shop"
        if not shop.exists():
            SyntheticShop(customers=arguments.customers, seed=1).shop().write(shop)
        (work / "new.csv").write_text(NEW_PRODUCTS)
        for _ in range(2):
            publish(shop, arguments.address)
        engine = ["--engine", arguments.engine] if arguments.engine else []
        commands = (["launches"], ["audience", "--products", work / "new.csv"], ["recommend", "--model", "tifu_knn"])
        for command in commands:
            compare(command, shop, arguments.address, [], work)
            if engine:
                compare(command, shop, arguments.address, engine, work)
                compare(command, shop, shop, engine, work)
        person = Shop.read(shop).customers.collect()["source_id"][0]
        run("forget", [shop, person])
        publish(shop, arguments.address)
        left = Shop.read(arguments.address).customers.collect()["source_id"]
        print(f"forgotten person at the address: {'still there' if person in left else 'gone'}")


def publish(shop: Path, address: str) -> None:
    """Publish the shop, and say what was sent."""
    seconds, printed = run("publish", [shop, address, "--json"])
    done = json.loads(printed)
    tables = f"{done['sent']} tables sent, {done['unchanged']} there already, {done['removed']} removed"
    print(f"publish: {seconds:.1f} s, {tables}")


def compare(command: Sequence[object], shop: Path, other: object, engine: Sequence[str], work: Path) -> None:
    """Run a command on the folder and elsewhere, and compare what it writes byte by byte."""
    name, *options = command
    seconds, contents = [], []
    for place, where in ((shop, []), (other, engine)):
        output = work / f"{name}.csv"
        took, _ = run(str(name), [place, *options, "--output", output, "--quiet", *where])
        seconds.append(took)
        contents.append(output.read_bytes())
    same = "the same bytes" if contents[0] == contents[1] else "OTHER BYTES"
    place = f"{other} {' '.join(engine)}".rstrip()
    print(f"{name}: {seconds[0]:.1f} s from the folder, {seconds[1]:.1f} s from {place}: {same}")


def run(command: str, arguments: Sequence[object]) -> tuple[float, str]:
    """Seconds of a command, and what it printed."""
    start = time.monotonic()
    words = [sys.executable, "-m", "frontrow.cli", command, *map(str, arguments)]
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return time.monotonic() - start, printed


if __name__ == "__main__":
    main()
