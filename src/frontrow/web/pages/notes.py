"""What a page says once after something was done: the address carries a code, never a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Note:
    """A sentence at the top of a page.

    Attributes:
        text: The sentence.
        tone: `good` for something done, `bad` for something refused.
    """

    text: str
    tone: Literal["good", "bad"] = "good"


NOTES: Final[Mapping[str, Note]] = {
    "cancelled": Note("The job was cancelled. The shop is as it was before it."),
    "launch_day_set": Note("The launch day was set. From now on every forecast counts from it."),
    "launch_day_removed": Note("The launch day was taken back: the first sale counts as the launch again."),
    "lifted": Note("The hold-out is lifted: those held out are customers like others again."),
    "sent": Note("Recorded as sent. Those held out hear nothing of it from other campaigns while it is measured."),
    "signed_out": Note("You are signed out."),
}
"""By the code that stands in the address as `note=CODE`."""


def find_note(code: str | None) -> Note | None:
    """The note of a code; None for a code that there is not, so that an address cannot put words on a page.

    Example:
        >>> find_note("cancelled").tone, find_note("<b>Buy now</b>")
        ('good', None)
    """
    return NOTES.get(code or "")
