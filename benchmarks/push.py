"""A push of 100,000 customers to servers that play the platforms, killed again and again: is everybody there once?

A shop and a campaign are made up. The command `frontrow push` runs against a loopback server that keeps the platform's
documented limits, answers slowly, throttles now and then and rejects some customers. It is killed (SIGKILL) at random
moments: half of them a random time after its start, half after a random number of its requests. Then the same command
runs again, until it ends. Such pushes are repeated until there were enough kills.

After each push both sides are compared: whom the platform has under the campaign's tag, whom the journal calls accepted
and rejected, whom the contact log has. A figure that is not as it must be is an error. Prints what happened, as JSON.

    python benchmarks/push.py klaviyo
    python benchmarks/push.py klaviyo --customers 2000 --kills 5
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA, Campaign
from frontrow.campaign.record.contact_log import ContactLog
from frontrow.push.journal import Journal, journal_file
from frontrow.push.reconciliation import reconcile
from frontrow.schema import CUSTOMER_SCHEMA, conform
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.testing.campaigns import hand_made_campaign
from frontrow.testing.loopback.exchange import Fault, throttle
from frontrow.testing.loopback.klaviyo import JOBS, KEY, KlaviyoServer
from frontrow.testing.loopback.mailchimp import AUDIENCE, MOST_AT_ONCE, MailchimpServer
from frontrow.testing.loopback.mailchimp import KEY as MAILCHIMP_KEY
from frontrow.testing.loopback.server import LoopbackServer
from frontrow.testing.shops import order_lines

SEGMENT: Final = f"/3.0/lists/{AUDIENCE}/segments/{{id}}"
EMAILS: Final = [f"c{number}@example.com" for number in range(1, 200_001)]
"""The contacts of an audience; campaigns are of the first of them."""

TAG: Final = "frontrow-vases-new"
REJECTED_OF: Final = 200
"""Every so manyth customer is rejected."""

LONGEST_START: Final = 12.0
"""Seconds after its start within which half of the kills come."""


@dataclass(frozen=True)
class Account:
    """A platform's server and how to read it.

    Attributes:
        open: Makes the server.
        arguments: What the command needs to reach it.
        environment: Where it finds its key.
        members: The addresses under a tag.
        too_fast: How many requests were above the documented limits.
        arrivals: How often an address reached the platform.
        faults: Adds what goes wrong in a push.
    """

    open: Callable[[], AbstractContextManager[Any]]
    arguments: Callable[[Any], list[str]]
    environment: Mapping[str, str]
    members: Callable[[Any, str], Collection[str]]
    too_fast: Callable[[Any], int]
    arrivals: Callable[[Any], Mapping[str, int]]
    faults: Callable[[LoopbackServer, random.Random], None]


@dataclass
class Counts:
    """What happened in all pushes.

    Attributes:
        pushes: Pushes that were carried to their end.
        kills: How often the command was killed.
        kills_by_moment: Of these, by what the journal said then.
        requests: Requests that the server had.
        sent_again: Customers that reached the platform more than once; it keeps each once.
        too_fast: Requests above the documented limits.
        seconds: Of each push, with its kills.
        problems: What is not as it must be.
    """

    pushes: int = 0
    kills: int = 0
    kills_by_moment: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    sent_again: int = 0
    too_fast: int = 0
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def is_rejected(address: str) -> bool:
    """Whether the platform does not take an address."""
    return int(address.partition("@")[0][1:]) % REJECTED_OF == 0


def add_klaviyo_faults(server: LoopbackServer, draw: random.Random) -> None:
    """Throttling, a server that is away, and an answer that is lost."""
    server.add_fault(throttle("1", path=JOBS, skip=draw.randrange(6)))
    server.add_fault(Fault(status=503, path=f"{JOBS}/{{id}}", skip=draw.randrange(10), times=2))
    server.add_fault(Fault(cut_after=-1, method="POST", path=JOBS, skip=draw.randrange(8)))


def add_mailchimp_faults(server: LoopbackServer, draw: random.Random) -> None:
    """Throttling, a server that is away, and answers that are lost."""
    server.add_fault(throttle("1", path=SEGMENT, skip=draw.randrange(20)))
    server.add_fault(Fault(status=503, path=SEGMENT, skip=draw.randrange(100), times=2))
    server.add_fault(Fault(cut_after=-1, method="POST", path=SEGMENT, skip=draw.randrange(150)))


ACCOUNTS: Final[Mapping[str, Account]] = {
    "klaviyo": Account(
        open=lambda: KlaviyoServer(refuse=lambda address: "email" if is_rejected(address) else None, polls=2),
        arguments=lambda server: ["--set", f"url={server.url}"],
        environment={"KLAVIYO_API_KEY": KEY},
        members=lambda server, tag: server.list_named(tag),
        too_fast=lambda server: server.too_fast,
        arrivals=lambda server: server.imports,
        faults=add_klaviyo_faults,
    ),
    "mailchimp": Account(
        open=lambda: MailchimpServer(email for email in EMAILS if not is_rejected(email)),
        arguments=lambda server: ["--set", f"url={server.address}", "--set", f"audience={AUDIENCE}"],
        environment={"MAILCHIMP_API_KEY": MAILCHIMP_KEY},
        members=lambda server, tag: server.tagged(tag),
        too_fast=lambda server: max(0, server.most_at_once - MOST_AT_ONCE),
        arrivals=lambda server: server.arrivals,
        faults=add_mailchimp_faults,
    ),
}


def make_campaign(place: Path, customers: int) -> None:
    """Write a shop and a campaign that contacts so many customers and holds out a tenth as many."""
    number = customers + customers // 10
    ids = range(1, number + 1)
    emails = [f"c{customer_id}@example.com" for customer_id in ids]
    Shop.from_tables(
        orders=order_lines([(customer_id, "pot", 0) for customer_id in ids]),
        products=pl.DataFrame({"product_id": ["pot"], "title": ["Pot"]}),
        customers=conform(
            pl.DataFrame({"customer_id": ids, "source_id": emails, "email": emails, "accepts_email": True}),
            CUSTOMER_SCHEMA,
        ),
        settings=ShopSettings(),
    ).write(place / "shop")
    rows = pl.DataFrame(
        {
            "product_id": "new",
            "customer_id": ids,
            "rank": ids,
            "probability": [1 / (2 + rank) for rank in ids],
            "group": ["contacted"] * customers + ["held out"] * (number - customers),
            "stratum": 1,
        }
    )
    hand_made_campaign(conform(rows, ASSIGNMENT_SCHEMA), campaign_id="5f0c00aa").save(place / "vases")


def push_until_done(name: str, place: Path, customers: int, kills: int, draw: random.Random, counts: Counts) -> None:
    """Carry a push to its end through at most so many kills, and compare both sides."""
    account = ACCOUNTS[name]
    started = time.monotonic()
    with account.open() as server:
        account.faults(server, draw)
        command = [
            "push",
            str(place / "shop"),
            str(place / "vases"),
            "--to",
            name,
            "--confirm",
            str(customers),
            "--json",
        ]
        command = [sys.executable, "-m", "frontrow.cli", *command, *account.arguments(server)]
        while True:
            may_kill = kills > 0
            code, output = run_once(command, account, server, draw if may_kill else None)
            if code == 0:
                break
            if code > 0:
                raise SystemExit(f"the command failed: {output}")
            kills -= 1
            counts.kills += 1
            moment = describe_moment(place, name)
            counts.kills_by_moment[moment] = counts.kills_by_moment.get(moment, 0) + 1
        counts.problems += compare(name, place, customers, server)
        counts.requests += len(server.requests)
        counts.too_fast += account.too_fast(server)
        counts.sent_again += sum(times > 1 for times in account.arrivals(server).values())
    counts.pushes += 1
    counts.seconds.append(round(time.monotonic() - started, 1))


def run_once(
    command: list[str], account: Account, server: LoopbackServer, draw: random.Random | None
) -> tuple[int, str]:
    """Run the command, and kill it at a random moment where `draw` is given; its exit code and what it printed."""
    environment = {**os.environ, **account.environment}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if draw is not None:
        by_time, seconds, before = draw.random() < 0.5, draw.uniform(0, LONGEST_START), len(server.requests)
        requests, start = draw.randrange(1, 25), time.monotonic()
        while process.poll() is None:
            is_due = time.monotonic() - start > seconds if by_time else len(server.requests) - before >= requests
            if is_due:
                time.sleep(draw.uniform(0, 0.05))
                process.kill()
                break
            time.sleep(0.005)
    output, _ = process.communicate()
    return process.returncode, output


def describe_moment(place: Path, name: str) -> str:
    """How far the push was when it was killed."""
    journal = Journal.read(journal_file(place / "vases", name, "contacted"))
    if journal is None:
        return "before the journal"
    states = {batch.state for batch in journal.batches}
    if "sending" in states:
        return "while a batch was sent"
    if states == {"planned"}:
        return "before the first batch"
    return "before the log" if states == {"done"} else "between batches and jobs"


def compare(name: str, place: Path, customers: int, server: Any) -> list[str]:
    """What is not as it must be, in one sentence each."""
    journal = Journal.read(journal_file(place / "vases", name, "contacted"))
    if journal is None:
        return ["there is no journal"]
    outcome, log = reconcile(journal), ContactLog.read(place / "shop").rows["customer_id"]
    emails = {customer_id: f"c{customer_id}@example.com" for customer_id in range(1, customers + 1)}
    expected = {customer_id for customer_id, email in emails.items() if not is_rejected(email)}
    members = ACCOUNTS[name].members(server, TAG)
    held_out = {*Campaign.read(place / "vases").held_out["customer_id"]}
    checks = {
        "the platform has others than it accepted": {*members} == {emails[customer_id] for customer_id in expected},
        "the platform has somebody twice": len(members) == len({*members}),
        "the journal has others as accepted": journal.accepted_ids == expected,
        "the log has others than the platform took": {*log} == expected,
        "the log has somebody twice": log.is_unique().all(),
        "somebody held out was reached": not {f"c{customer_id}@example.com" for customer_id in held_out} & {*members},
        "the numbers do not add up": outcome.difference == 0 and outcome.confirmed == customers,
        "the rejected are others": sum(outcome.rejected.values()) == customers - len(expected),
        "the push is not finished": outcome.is_finished,
    }
    return [sentence for sentence, is_so in checks.items() if not is_so]


def main() -> None:
    """Push until there were enough kills."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("platform", choices=sorted(ACCOUNTS))
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--kills-a-push", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draw, counts = random.Random(arguments.seed), Counts()
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        before.mkdir()
        make_campaign(before, arguments.customers)
        while counts.kills < arguments.kills:
            place = Path(folder) / "ground"
            shutil.copytree(before, place)
            kills = min(arguments.kills_a_push, arguments.kills - counts.kills)
            push_until_done(arguments.platform, place, arguments.customers, kills, draw, counts)
            shutil.rmtree(place)
            print(json.dumps(asdict(counts)), file=sys.stderr, flush=True)
    print(json.dumps(asdict(counts), indent=2))
    if counts.problems or counts.too_fast:
        raise SystemExit("not as it must be")


if __name__ == "__main__":
    main()
