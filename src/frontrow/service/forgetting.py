"""Erase a person from a shop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.present.section import Section, Sentence
from frontrow.present.wording import counted
from frontrow.shop.erase import forget


@dataclass(frozen=True)
class ForgetResult:
    """What was erased.

    Attributes:
        lines: Order lines that are a guest's now.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    lines: int
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"order_lines_of_a_guest_now": self.lines}

    def sections(self) -> list[Section]:
        """What stays, and what is left to do."""
        stay = counted(self.lines, "order line stays", "order lines stay")
        sentence = f"Erased. {stay} as a guest's. Files exported earlier are yours to delete."
        return [Section("forget", "", (Sentence(sentence),))]


def forget_customer(folder: Path, who: str) -> ForgetResult:
    """Erase a person; their orders stay as a guest's, for the products' histories.

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.

    Raises:
        ShopError: The folder holds no shop, or nobody has that address or id.
    """
    return ForgetResult(forget(folder, who))
