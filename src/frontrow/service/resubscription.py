"""Let a customer have consent again who has unsubscribed and opted in since, by the person's own statement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.campaign.addresses import CHANNELS
from frontrow.campaign.eligibility.contact_rules import ContactRules, resolve_identities
from frontrow.errors import SettingError, ShopError
from frontrow.present.section import Section, Sentence
from frontrow.service.changing import change_shop
from frontrow.shop.erase import matches_person
from frontrow.shop.shop import Shop
from frontrow.shop.unsubscribed import CONSENT
from frontrow.storage.commit import commit
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class ResubscriptionResult:
    """What holds for a customer now.

    Attributes:
        removed: Whether the person was recorded as unsubscribed before.
        accepts: The channels to which the shop's exports say that the person agreed.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    removed: bool
    accepts: tuple[str, ...]
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        return {"was_unsubscribed": self.removed, "accepts": list(self.accepts)}

    def sections(self) -> list[Section]:
        """Whether the person may be contacted now."""
        first = "Not recorded as unsubscribed any more." if self.removed else "The person had not unsubscribed here."
        agreed = f"agreed to {' and '.join(self.accepts)}" if self.accepts else "did not agree to messages"
        second = f"The shop's exports say that the person {agreed}; that decides from now on."
        return [Section("resubscribe", "", (Sentence(first), Sentence(second)))]


def resubscribe_customer(
    folder: Path, who: str, channel: str | None = None, *, wait: float = DEFAULT_WAIT
) -> ResubscriptionResult:
    """Take a person out of those who have unsubscribed; consent is what the shop's exports say, from then on.

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.
        channel: email or sms; None for both.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        SettingError: There is no such channel.
        ShopError: The folder holds no shop, or nobody has that address or id. The message does not repeat `who`.
        ShopLockedError: Another command did not finish in time.
    """
    if channel is not None and channel not in CHANNELS:
        raise SettingError("channel", f"The channels are: {', '.join(CHANNELS)}.")
    with change_shop(folder, "resubscribe", wait=wait):
        shop = Shop.read(folder, hold=False)
        # every record of the person, by either address
        numbers = shop.customers.filter(matches_person(who)).select("customer_id").collect()["customer_id"]
        if numbers.is_empty():
            raise ShopError(f"{folder} has no customer with that e-mail address or id. Nothing was changed.")
        history = shop.as_of()
        for rules in (ContactRules("email"), ContactRules("sms")):
            customers = resolve_identities(history, rules)
            identities = customers.filter(pl.col("customer_id").is_in(numbers.implode()))["identity"].drop_nulls()
            same = customers.filter(pl.col("identity").is_in(identities.implode()))["customer_id"]
            numbers = pl.concat([numbers, same]).unique() if rules.channel == channel or channel is None else numbers
        after = shop.unsubscribed.remove(numbers, channel)
        is_removed = after.rows.height < shop.unsubscribed.rows.height
        if is_removed:
            commit(folder, after.to_tables(), {})
        records = shop.customers.filter(pl.col("customer_id").is_in(numbers.implode())).collect()
    accepts = tuple(name for name, column in CONSENT.items() if channel in (None, name) and _agreed(records[column]))
    return ResubscriptionResult(is_removed, accepts)


def _agreed(consents: pl.Series) -> bool:
    """Whether some record of a person agrees, and none refuses."""
    return bool(consents.any()) and bool(consents.drop_nulls().all())
