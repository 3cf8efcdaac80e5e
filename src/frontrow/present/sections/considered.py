"""Who was considered for a campaign, who was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from frontrow.campaign.record.campaign import Campaign
from frontrow.present.wording import count, counted, percent

MEANINGS: Final[Mapping[str, str]] = {
    "suppression list": "in one of the files of those who must not be contacted",
    "do-not-contact tag": "bears a tag that keeps them out",
    "no consent": "did not agree to be contacted; not known counts as no",
    "no address": "nothing to write to, or nothing that can be read",
    "country": "the last order went elsewhere",
    "partial refund": "sent something back lately",
    "recently contacted": "heard from the shop lately",
    "already bought": "has the product",
    "still held out": "held out of an earlier campaign for it, which is still being measured",
    "shares an address": "a likelier customer has the same address",
}
"""What each reason means, in a shop owner's words."""


def considered(campaign: Campaign) -> dict[str, Any]:
    """What the template `considered.html` shows: everyone considered, each exclusion, who is left."""
    counts = campaign.counts
    excluded = [one for one in counts["excluded"] if one["any_customers"]]
    gone = sum(one["customers"] for one in excluded)
    left = counts["considered"] - gone
    return {
        "considered": counts["considered"],
        "excluded": gone,
        "rows": [
            (one["reason"], MEANINGS[one["reason"]], count(one["customers"]), count(one["any_customers"]))
            for one in excluded
        ],
        "left": left,
        "chosen": counts["chosen"],
        "share": percent(counts["chosen"] / left, 0) if left else percent(None),
        "rules": rules(campaign.contact_rules),
    }


def rules(kept: Mapping[str, Any]) -> list[str]:
    """The shop's own rules in sentences; none where only consent, address and purchase were asked about."""
    told = []
    if kept.get("countries"):
        told.append(f"Only customers whose last order went to {', '.join(kept['countries'])}.")
    if kept.get("not_countries"):
        told.append(f"Nobody whose last order went to {', '.join(kept['not_countries'])}.")
    if kept.get("not_tagged"):
        told.append(f"Nobody with a customer tag {' or '.join(f'“{one}”' for one in kept['not_tagged'])}.")
    if kept.get("not_contacted_days"):
        often = counted(kept.get("max_contacts", 1), "contact", "contacts")
        told.append(f"Nobody with {often} or more in {counted(kept['not_contacted_days'], 'day', 'days')}.")
    if kept.get("not_refunded_days"):
        told.append(f"Nobody with a partial refund in {counted(kept['not_refunded_days'], 'day', 'days')}.")
    lists = kept.get("suppression_lists", ())
    if lists:
        # not by name: somebody may have named a file after a person
        entries = counted(sum(one["entries"] for one in lists), "entry", "entries")
        told.append(
            f"Nobody who stands in {counted(len(lists), 'suppression list', 'suppression lists')} of {entries}."
        )
    return told
