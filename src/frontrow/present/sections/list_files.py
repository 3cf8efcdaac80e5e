"""Files of lists for platforms: who is in them and who is not, and what to do with them there."""

from __future__ import annotations

from collections.abc import Sequence

from frontrow.campaign.eligibility.list_customers import EligibleLists
from frontrow.campaign.export import get_export
from frontrow.campaign.list_files import ListFile
from frontrow.present.section import Block, Cell, Section, Sentence, Table
from frontrow.present.sections.campaign import MEANINGS
from frontrow.present.sections.platform_guide import number_steps
from frontrow.present.wording import count

OWN_MEANINGS = {
    "global control group": "held out of every campaign",
    "nothing left to show": "held out of every product of the list",
    "shares an address": "another customer has the same address",
}

DO_NOT = (
    "Do not send these lists to anybody else: each row is made for one customer.",
    "Do not change anybody's consent while you upload: leave it as it is on the platform.",
    "Do not keep the file: delete it when it is uploaded.",
)


def build_list_file_sections(eligible: EligibleLists, files: Sequence[ListFile]) -> list[Section]:
    """Who may be written to, and the steps on each platform.

    Args:
        eligible: Who may be written to, and why the others may not.
        files: The files that were written.
    """
    rows: list[tuple[Cell | str, str]] = [("customers with a list", count(eligible.considered))]
    meanings = {**MEANINGS, **OWN_MEANINGS}
    for reason, customers in eligible.counts.iter_rows():
        if customers:
            rows.append((Cell(f"left out: {reason}", meanings[reason]), count(customers)))
    rows.append(("in the files", count(eligible.customers.height)))
    columns = ("Customers", "number")
    table = Table("Whose lists are in the files", columns, rows, columns[1:], highlighted=(len(rows) - 1,))
    sections = [Section("list-files", "", (table,))]
    for name in dict.fromkeys(file.export for file in files):
        export = get_export(name)
        blocks: list[Block] = [Sentence("**Do not**", "open")]
        blocks += [Sentence(f"  - {sentence}", "open") for sentence in DO_NOT]
        for file in files:
            if file.export == name:
                what = "sample template" if file.is_template else f"{count(file.rows)} customers"
                blocks.append(Sentence(f"  {what}: {file.path}"))
        blocks += number_steps(export.list_steps)
        sections.append(Section(f"list-files-{name}", f"{export.title}: what to do there", tuple(blocks)))
    return sections
