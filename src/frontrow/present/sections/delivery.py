"""Those whom the messages of a measured campaign reached, beside everyone who was to be contacted."""

from __future__ import annotations

from typing import Final

from frontrow.campaign.uplift.delivery import Delivery, ReceivedEffect
from frontrow.campaign.uplift.verdict import format_bounds, format_points
from frontrow.present.section import Section, Sentence, Table
from frontrow.present.sections.measurement import build_uplift_table
from frontrow.present.sections.responses import NO_DELIVERY, build_counts_table, describe_reached_held_out
from frontrow.present.wording import minus, percent

TITLE: Final = "Those whom the message reached"
WARNING: Final = (
    "This is no second verdict. The lot did not decide whom the message reached: an address that no longer works often "
    "belongs to somebody who no longer buys, so this difference is probably too large. The verdict counts everyone who "
    "was to be contacted, because the lot did decide that."
)
OPENERS: Final = (
    "Those who opened or clicked are not compared with the held-out. They are the keenest customers, and many would "
    "have bought without any message. For the same reason the revenue that a platform counts for a message is not "
    "what the message caused."
)


def build_sections(delivery: Delivery | None) -> list[Section]:
    """What became of the messages, the effect on those whom they reached, and the warning that belongs to it.

    Args:
        delivery: What was measured; None where the platform's results were not read: then there is no section.
    """
    if delivery is None:
        return []
    counts = build_counts_table("What became of the messages", delivery.contacted, delivery.counts)
    blocks: list[Sentence | Table] = [counts]
    if delivery.reached_held_out:
        blocks.append(Sentence(describe_reached_held_out(delivery.reached_held_out), "bad"))
    if delivery.per_protocol:
        title = "Per protocol: only the contacted who received the message"
        blocks += [build_uplift_table(title, delivery.per_protocol), Sentence(WARNING)]
    if delivery.per_message is not None:
        blocks.append(Sentence(_describe_per_message(delivery.per_message)))
    if delivery.counts["delivered"] is None:
        blocks.append(Sentence(NO_DELIVERY))
    return [Section("delivery", TITLE, (*blocks, Sentence(OPENERS)))]


def _describe_per_message(effect: ReceivedEffect) -> str:
    figures = minus(f"{format_points(effect.difference)} {format_bounds(effect.interval)}")
    return (
        f"Per message received: {figures} points in the share that bought. That is the difference over everyone, "
        f"divided by the share whom the message reached, {percent(effect.share, 1)}. It keeps the lot, and assumes "
        "that a message that did not arrive did nothing."
    )
