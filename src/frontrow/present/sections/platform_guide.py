"""What to do with a campaign's files on a platform: what not to do, which file goes where, and the steps there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from frontrow.campaign.contacts import HELD_OUT_STEM, ExportFile, campaign_tag, product_stems
from frontrow.campaign.export import Export, get_export
from frontrow.campaign.record.campaign import Campaign
from frontrow.present.section import Block, Cell, Section, Sentence, Table
from frontrow.present.sections.next_steps import find_last_day
from frontrow.present.wording import count

HELD_OUT_FILE: Final = "held out: never to be contacted about it"


@dataclass(frozen=True)
class PlatformGuide:
    """What a marketer reads about one platform.

    Attributes:
        export: The platform.
        introduction: What the files are, in sentences.
        files: Which file is which.
        has_held_out: Whether there is a file of those held out.
        tags: The campaign's tags on platforms with one pool of contacts, that of those held out last; empty elsewhere.
    """

    export: Export
    introduction: tuple[str, ...]
    files: Table
    has_held_out: bool
    tags: tuple[str, ...] = ()

    @property
    def parts(self) -> list[tuple[str, tuple[str, ...]]]:
        """A heading and what stands under it, in the order in which they are read."""
        parts = [("Do not", self.export.do_not), ("To contact", self.export.steps)]
        if self.has_held_out:
            parts.append(("So that those held out hear nothing", self.export.held_out_steps))
        return parts


def build_guides(campaign: Campaign, files: Sequence[ExportFile]) -> list[PlatformGuide]:
    """One guide for each platform that files were written for.

    Args:
        campaign: What was planned.
        files: The files that were written.
    """
    titles = {str(product["product_id"]): str(product["title"]) for product in campaign.products}
    guides = []
    for name in dict.fromkeys(file.export for file in files):
        of_platform = [file for file in files if file.export == name]
        rows = [
            (
                Cell(
                    file.path.name,
                    HELD_OUT_FILE if file.held_out else f"to contact: {titles.get(file.product_id, file.product_id)}",
                ),
                count(file.rows),
            )
            for file in of_platform
        ]
        export = get_export(name)
        table = Table(f"{export.title}: which file is which", ("File", "Customers"), rows, ("Customers",))
        has_held_out = any(file.held_out for file in of_platform)
        tags = tuple(_list_tags(campaign, export, has_held_out))
        guides.append(
            PlatformGuide(export, tuple(_introduce(campaign, export, of_platform)), table, has_held_out, tags)
        )
    return guides


def build_guide_sections(campaign: Campaign, files: Sequence[ExportFile]) -> list[Section]:
    """The guides as a terminal prints them.

    Args:
        campaign: What was planned.
        files: The files that were written.
    """
    return [
        Section(f"guide-{guide.export.name}", f"{guide.export.title}: what to do there", tuple(_list_blocks(guide)))
        for guide in build_guides(campaign, files)
    ]


def _introduce(campaign: Campaign, export: Export, files: Sequence[ExportFile]) -> Iterator[str]:
    if len({file.product_id for file in files if not file.held_out}) > 1:
        yield "There is one file a product: each for a list or tag of its own, and a message of its own."
    if any(file.held_out for file in files):
        yield (
            f"Those held out were drawn by lot, and hear nothing of it until {find_last_day(campaign)}: what they buy "
            "is what the others would have bought without the message."
        )
    least = export.least_rows
    short = [file.path.name for file in files if least is not None and file.rows < least]
    if short:
        yield (
            f"Fewer than {least} customers: {', '.join(short)}. {export.title} may not use such a list, to contact or "
            "to exclude."
        )


def number_steps(steps: Sequence[str]) -> list[Sentence]:
    """Steps as sentences with their numbers.

    Example:
        >>> [step.text for step in number_steps(["Open it.", "Close it."])]
        ['  1. Open it.', '  2. Close it.']
    """
    return [Sentence(f"  {number}. {step}") for number, step in enumerate(steps, 1)]


def _list_blocks(guide: PlatformGuide) -> Iterator[Block]:
    (do_not, warnings), *parts = guide.parts
    yield from map(Sentence, guide.introduction)
    yield Sentence(f"**{do_not}**", "open")
    yield from (Sentence(f"  - {warning}", "open") for warning in warnings)
    if guide.tags:
        yield Sentence(f"Tags: {', '.join(guide.tags)}")
    for heading, steps in parts:
        yield Sentence(f"**{heading}**")
        yield from number_steps(steps)


def _list_tags(campaign: Campaign, export: Export, has_held_out: bool) -> Iterator[str]:
    if not export.uses_tags:
        return
    stems = [*product_stems(campaign).values(), *([HELD_OUT_STEM] if has_held_out else [])]
    yield from (campaign_tag(campaign.name, stem) for stem in stems)
