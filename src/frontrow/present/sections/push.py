"""A push in words: whom it would reach, what became of them, and what to do on the platform."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Final

from frontrow.present.section import Block, Section, Sentence, Table
from frontrow.present.sections.campaign import MEANINGS
from frontrow.present.wording import count, counted
from frontrow.push.masked_rows import mask_recipients
from frontrow.push.recipients import IN_CONTROL_GROUP, NOT_IN_THE_SHOP
from frontrow.push.reconciliation import Reconciliation
from frontrow.push.summary import PushSummary

PUSH_MEANINGS: Final[Mapping[str, str]] = {
    **MEANINGS,
    NOT_IN_THE_SHOP: "forgotten, or put together with another record, since the plan",
    IN_CONTROL_GROUP: "held out of every campaign",
}
"""What each reason of `recipients.LEFT_OUT_REASONS` means, in a shop owner's words."""


FRESH_DAYS: Final = 2
"""Who withdrew since an older import is not known to have done so."""


def build_push_sections(push: PushSummary) -> list[Section]:
    """Who is reached and who is left out; what became of a push; what to do next.

    Args:
        push: What would be pushed, or was.
    """
    sections = [Section("push", "", tuple(_describe_recipients(push)))]
    if push.reconciliation is not None:
        sections.append(Section("reconciliation", "", tuple(_describe_outcome(push, push.reconciliation))))
    return [*sections, Section("push_next", "", tuple(_describe_next(push)))]


def list_push_warnings(push: PushSummary) -> tuple[str, ...]:
    """What a person should act on.

    Args:
        push: What would be pushed, or was.
    """
    warnings = list_outcome_warnings(push)
    if push.group == "contacted" and push.campaign.held_out.height and not push.has_pushed_held_out:
        held_out = counted(push.campaign.held_out.height, "customer is", "customers are")
        warnings.append(
            f"{held_out} held out. Other messages about the product reach them too, unless the platform knows them: "
            f"push them with --group held-out, and choose their list as one not to send to."
        )
    return tuple(warnings)


def list_outcome_warnings(push: PushSummary) -> list[str]:
    """What of a push a person should look at on the platform.

    Args:
        push: What would be pushed, or was.
    """
    warnings = []
    outcome = push.reconciliation
    if outcome is not None and outcome.uncertain:
        who = counted(outcome.uncertain, "customer", "customers")
        warnings.append(
            f"{who} withdrew while it was not certain whether they had arrived. Look for them on "
            f"{push.platform.title} before you send: compare its list with the shop's."
        )
    if outcome is not None and outcome.difference:
        warnings.append(f"The journal does not add up: {outcome.difference:,} customers are missing in it.")
    if push.is_over and push.left.height:
        warnings.append("The days whose orders count for this campaign are over: plan it again, and push that.")
    days = push.days_since_import
    if days is not None and days > FRESH_DAYS:
        warnings.append(
            f"Consent and unsubscribes are as of the last import, {days:,} days ago. Import or sync first, and count "
            "again."
        )
    return warnings


def _describe_recipients(push: PushSummary) -> Iterator[Block]:
    recipients, title = push.recipients, push.platform.title
    group = "on the list" if push.group == "contacted" else "held out"
    yield Sentence(
        f"{count(recipients.planned)} customers are {group}; {count(recipients.rows.height)} may be pushed now."
    )
    if recipients.left_out:
        rows = [(reason, count(number), PUSH_MEANINGS[reason]) for reason, number in recipients.left_out.items()]
        yield Table("Left out", ("reason", "customers", "meaning"), rows, numeric=("customers",))
    if push.accepted:
        yield Sentence(f"{title} has taken {counted(push.accepted, 'customer', 'customers')} of this campaign.")
    if push.is_dry_run and push.left.height:
        masked = mask_recipients(push.left)
        columns = ("address", "tag", "properties") if any(row[2] for row in masked) else ("address", "tag")
        yield Table("The first rows, masked", columns, [row[: len(columns)] for row in masked])


def _describe_outcome(push: PushSummary, outcome: Reconciliation) -> Iterator[Block]:
    title = push.platform.title
    rows: list[tuple[str, str, str]] = [("accepted", count(outcome.accepted), f"{title} has taken them")]
    rows += [("rejected", count(number), reason) for reason, number in outcome.rejected.items()]
    others = (
        ("withdrawn", outcome.withdrawn, "withdrew before they were sent: not sent"),
        ("uncertain", outcome.uncertain, "withdrew while it was not certain whether they had arrived"),
        ("in jobs", outcome.running, f"{title} is still working on them"),
        ("not sent", outcome.waiting, "are sent when the push goes on"),
    )
    rows += [(name, count(number), meaning) for name, number, meaning in others if number]
    yield Table(
        f"What became of the {count(outcome.confirmed)} confirmed",
        ("outcome", "customers", "meaning"),
        rows,
        numeric=("customers",),
    )
    if push.group == "contacted" and not push.is_dry_run:
        yield Sentence(f"{count(push.recorded)} contacts are new in the contact log.")


def _describe_next(push: PushSummary) -> Iterator[Block]:
    for warning in list_push_warnings(push):
        yield Sentence(warning, tone="bad")
    if push.is_interrupted or (push.is_dry_run and push.left.height):
        yield Sentence(f"{_introduce_command(push)}: {write_push_command(push)} --confirm {push.to_confirm}")
        return
    if not push.accepted:
        yield Sentence("Nobody is left to be pushed.")
        return
    for number, step in enumerate(push.steps, 1):
        yield Sentence(f"{number}. {step}")


def _introduce_command(push: PushSummary) -> str:
    if push.is_interrupted:
        return "To go on where the push was interrupted"
    if push.accepted:
        return (
            f"{counted(push.left.height, 'customer is', 'customers are')} left, and nothing was sent now. To push them"
        )
    return "Nothing was sent. To push them"


def write_push_command(push: PushSummary) -> str:
    """The command of a push, without the number.

    Args:
        push: What would be pushed, or was.
    """
    parts = ["frontrow", "push", str(push.folder), str(push.campaign_folder), "--to", push.destination]
    if push.group != "contacted":
        parts += ["--group", push.group]
    return shlex.join([*parts, *push.options])
