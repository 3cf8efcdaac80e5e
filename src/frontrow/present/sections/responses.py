"""What became of a campaign's messages, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.responses.matching import MatchedResponses
from frontrow.present.section import Section, Sentence, Table
from frontrow.present.wording import ABSENT, count, counted, percent

NAMES: Final[Mapping[str, str]] = {
    "delivered": "received the message",
    "opened": "opened it",
    "clicked": "clicked in it",
    "bounced": "could not be reached",
    "unsubscribed": "unsubscribed",
}
NO_DELIVERY: Final = (
    "No file says who received the message. Give the list of recipients too, as in delivered=FILE or sent=FILE: then "
    "frontrow measure can show the effect on those whom it reached."
)
MACHINES: Final = (
    "Opened is not read: some mail programs load every picture, and so open every message. Clicks are surer."
)


def build_sections(
    campaign: Campaign,
    counts: Mapping[str, int | None],
    matched: MatchedResponses,
    unsubscribed: int,
    reached_held_out: int,
) -> list[Section]:
    """How many received, opened, clicked and unsubscribed, and what that means.

    Args:
        campaign: As it was planned.
        counts: Number of the contacted by response; None for one that no file told of.
        matched: What was read this time.
        unsubscribed: Customers who have unsubscribed, and had not before.
        reached_held_out: Held-out customers who received the message nevertheless.
    """
    table = build_counts_table(campaign.name, campaign.contacted["customer_id"].n_unique(), counts)
    sentences = tuple(_sentences(counts, matched, unsubscribed, reached_held_out))
    return [Section("responses", "", (table, *sentences))]


def build_counts_table(title: str, contacted: int, counts: Mapping[str, int | None]) -> Table:
    """One row a response, with the number of customers and their share of the contacted.

    Args:
        title: What is counted.
        contacted: Number of customers who were to be contacted.
        counts: How many of them by response; None for one that no file told of.
    """
    rows = [
        (
            NAMES[name],
            ABSENT if number is None else count(number),
            ABSENT if number is None or not contacted else percent(number / contacted, 1),
        )
        for name, number in counts.items()
    ]
    heading = f"{title}: {counted(contacted, 'customer was', 'customers were')} to be contacted"
    return Table(heading, ("Of them", "Customers", "Share"), rows, ("Customers", "Share"))


def describe_reached_held_out(customers: int) -> str:
    """What it means that some of those held out received the message.

    Args:
        customers: How many did.
    """
    return (
        f"{counted(customers, 'customer', 'customers')} who should have been held out received the message: the "
        "measured effect is smaller than the real one. Leave those held out alone next time."
    )


def _sentences(
    counts: Mapping[str, int | None], matched: MatchedResponses, unsubscribed: int, reached_held_out: int
) -> Iterator[Sentence]:
    if reached_held_out:
        yield Sentence(describe_reached_held_out(reached_held_out), "bad")
    if unsubscribed:
        yield Sentence(
            f"{counted(unsubscribed, 'customer', 'customers')} unsubscribed, and will be contacted no more, whatever a "
            "later export says. Did a person opt in again? Say so with frontrow resubscribe."
        )
    if matched.unmatched:
        yield Sentence(
            f"No customer of the shop has {counted(matched.unmatched, 'address', 'addresses')} of the files; nothing "
            "of that was kept."
        )
    if counts["delivered"] is None:
        yield Sentence(NO_DELIVERY)
    if counts["opened"]:
        yield Sentence(MACHINES)
