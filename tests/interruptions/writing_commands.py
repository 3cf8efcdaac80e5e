"""Every command that writes, on one small shop that has everything: campaigns, logs, kept and trained models."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from forked import run_command

CUSTOMERS = 60
WHO = "who.txt"
"""The e-mail address of somebody whom the campaign "autumn" contacted."""

SOLD_AS = "sold_as.txt"
"""What the shop calls the product of the campaign "spring"."""


@dataclass(frozen=True)
class WritingCommand:
    """A command that writes, and another that is run after it was interrupted.

    Attributes:
        name: What it is called in tables.
        shop: Name of the shop's folder.
        arguments: `{place}` stands for the folder with the shop, `{inputs}` for that with the files it reads.
        other: Arguments of the other command.
        locks: Whether it has the shop's lock, and waits for it with --wait.
    """

    name: str
    shop: str
    arguments: str
    other: str
    locks: bool = True

    def line(self, place: Path, inputs: Path) -> list[str]:
        """The command line."""
        return fill(self.arguments, place, inputs)

    def other_line(self, place: Path, inputs: Path) -> list[str]:
        """The command line of the other command."""
        return fill(self.other, place, inputs)


def fill(arguments: str, place: Path, inputs: Path) -> list[str]:
    """A command line for a place; other names stand for what a text file among the inputs says."""
    names = {"place": str(place), "inputs": str(inputs)}
    names |= {path.stem: path.read_text() for path in inputs.glob("*.txt")}
    return [part.format(**names) for part in arguments.split()]


CONFIG = "config {place}/shop margin 12"
LAUNCHES = "launches {place}/shop --output {place}/out/other.csv"
CAMPAIGN = (
    "campaign {place}/shop --products {inputs}/new.csv --model order_lines --length 12 --holdout 0.25 "
    "--export generic_csv"
)

COMMANDS = (
    WritingCommand(
        "import (new shop)",
        "new",
        "import {place}/new {inputs}/orders_1.csv {inputs}/customers.csv --time-zone UTC",
        "import {place}/new {inputs}/changed.csv --time-zone UTC",
    ),
    WritingCommand("import (changed orders)", "shop", "import {place}/shop {inputs}/changed.csv", CONFIG),
    WritingCommand("forget", "shop", "forget {place}/shop {who}", CONFIG),
    WritingCommand(
        "contacted",
        "shop",
        "contacted {place}/shop {place}/spring",
        "import {place}/shop {inputs}/changed.csv",
    ),
    WritingCommand(
        "campaign",
        "shop",
        CAMPAIGN + " --output {place}/summer --contacted --not-contacted-days 30 --export klaviyo",
        CONFIG,
    ),
    WritingCommand("config", "shop", "config {place}/shop horizon_days 21", "contacted {place}/shop {place}/spring"),
    WritingCommand("train", "shop", "train {place}/shop --model popular --output {place}/model", CONFIG),
    WritingCommand("train (again)", "shop", "train {place}/shop --model popular --output {place}/trained", CONFIG),
    WritingCommand("check --repair", "shop", "check {place}/shop --repair", CONFIG),
    WritingCommand(
        "launches", "shop", "launches {place}/shop --output {place}/out/launches.csv", LAUNCHES, locks=False
    ),
    WritingCommand(
        "audience",
        "shop",
        "audience {place}/shop --products {inputs}/new.csv --model order_lines --output {place}/out/audience.csv",
        LAUNCHES,
        locks=False,
    ),
    WritingCommand(
        "recommend",
        "shop",
        "recommend {place}/shop --model item_to_item --output {place}/out/lists.csv",
        CAMPAIGN + " --output {place}/summer --report {place}/out/campaign.html --no-backtest",
        locks=False,
    ),
    WritingCommand(
        "measure",
        "shop",
        "measure {place}/shop {place}/spring --orders {inputs}/orders_2.csv --sold-as {sold_as} "
        "--report {place}/spring/measured.html",
        CONFIG,
        locks=False,
    ),
    WritingCommand(
        "report",
        "shop",
        "report {place}/shop --products {inputs}/new.csv --model order_lines --no-backtest "
        "--output {place}/out/report.html",
        LAUNCHES,
        locks=False,
    ),
)

NEWER = WritingCommand("import (newer orders)", "shop", "import {place}/shop {inputs}/orders_2.csv", CONFIG)
WINTER = WritingCommand(
    "campaign (other)", "shop", CAMPAIGN + " --output {place}/winter --contacted --not-contacted-days 30", CONFIG
)
"""Further commands for pairs of the same command with another result."""


def write_inputs(inputs: Path) -> None:
    """Write the files that the commands read."""
    from frontrow.synthetic import SyntheticShop
    from frontrow.synthetic.garden import NEW_PRODUCT_COLUMNS
    from frontrow.tables.csv_output import write_csv

    garden = SyntheticShop(customers=CUSTOMERS, seed=5, products=24, lines_a_year=8.0, time_zone="UTC")
    older, newer, products, customers = garden.write_shopify(inputs)
    write_csv(garden.upcoming().head(1).select(NEW_PRODUCT_COLUMNS), inputs / "new.csv", decimals=2)
    for path, name in ((older, "orders_1.csv"), (newer, "orders_2.csv"), (customers, "customers.csv")):
        path.rename(inputs / name)
    products.rename(inputs / "products.csv")
    _write_changed(inputs)


def _write_changed(inputs: Path, orders: int = 5) -> None:
    """Write the newer export with some of the older orders, which were refunded meanwhile."""
    with (inputs / "orders_1.csv").open(encoding="utf-8-sig", newline="") as file:
        older = list(csv.DictReader(file))
    with (inputs / "orders_2.csv").open(encoding="utf-8-sig", newline="") as file:
        newer = list(csv.DictReader(file))
    paid = [row["Name"] for row in older if row["Financial Status"] == "paid"]
    refunded = set(paid[-orders:])
    changed = [row for row in older if row["Name"] in refunded]
    for row in changed:
        if row["Financial Status"]:
            row |= {"Financial Status": "refunded", "Refunded Amount": row["Total"]}
    with (inputs / "changed.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, newer[0].keys())
        writer.writeheader()
        writer.writerows([*newer, *changed])


def prepare_place(place: Path, inputs: Path, output: Path) -> None:
    """Make the shop that the commands change, with everything a shop can have."""
    (place / "out").mkdir(parents=True)
    lines = [
        "import {place}/shop {inputs}/orders_1.csv {inputs}/products.csv {inputs}/customers.csv --time-zone UTC",
        CAMPAIGN + " --output {place}/autumn --contacted --export klaviyo --name autumn --seed 3",
        CAMPAIGN + " --output {place}/spring --name spring",
        "train {place}/shop --model popular --output {place}/trained",
        "recommend {place}/shop --model popular --output {place}/out/lists.csv",
    ]
    for arguments in lines:
        if run_command(fill(arguments, place, inputs), output):
            raise AssertionError(f"{arguments}: {output.read_text()}")
    _write_names(place, inputs)


def _write_names(place: Path, inputs: Path) -> None:
    import polars as pl

    from frontrow.campaign.record.contact_log import ContactLog
    from frontrow.testing.shops import read_table

    number = ContactLog.read(place / "shop").rows["customer_id"][0]
    customers = read_table(place / "shop", "customers")
    somebody = customers.row(by_predicate=pl.col("customer_id") == number, named=True)
    (inputs / WHO).write_text(somebody["email"])
    (inputs / SOLD_AS).write_text(read_table(place / "shop", "orders")["product_id"][-1])
