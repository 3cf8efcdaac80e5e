"""Why a list is as long as it is, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from frontrow.campaign.economics.list_length import Origin

REASONS: Final[Mapping[Origin, str]] = {
    "asked": "This is the length that was asked for.",
    "profitable": "This is the length that is expected to earn most: one more would cost more than it brings.",
    "default": "Nobody has said what a sale earns. Until then the list holds half of the buyers expected: the "
    "likeliest customers, and few of the others. Say what a unit earns, and money decides.",
    "unprofitable": "**No list is expected to earn anything** at this margin, discount and cost of a contact. The list "
    "shown holds half of the buyers expected.",
}

UNCOUNTED: Final = (
    "Nobody has said what a sale earns, and there are no probabilities to count buyers by. Until then the list holds "
    "the likeliest tenth of those who may be contacted."
)


def describe_origin(origin: Origin, *, has_probabilities: bool = True) -> str:
    """Why a list is as long as it is.

    Args:
        origin: As it was chosen.
        has_probabilities: Whether buyers can be counted.
    """
    return UNCOUNTED if origin == "default" and not has_probabilities else REASONS[origin]
