"""The headings under which a command with many options shows them, in --help and on the reference page.

An option names its group as `rich_help_panel`. A command shows groups once every option of its own has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from typer.core import TyperCommand

LAUNCH: Final = "Launch"
WHO: Final = "Who"
HOW_MANY: Final = "How many"
LISTS: Final = "Lists"
MONEY: Final = "Money"
HOLD_OUT: Final = "Hold-out"
EXPORTS: Final = "Exports"
TEST: Final = "Test"
MODEL: Final = "Model"
OUTPUT: Final = "Output"
GROUPS: Final = (LAUNCH, WHO, HOW_MANY, LISTS, MONEY, HOLD_OUT, EXPORTS, TEST, MODEL, OUTPUT)
"""In the order in which they are shown, the same in every command."""

UNGROUPED: Final = "Options"

Shown = TypeVar("Shown")


def in_groups(options: Sequence[tuple[str | None, Shown]]) -> dict[str, list[Shown]]:
    """Options by the heading they stand under.

    Args:
        options: Each with its group, or None.

    Returns:
        By heading, in the order of `GROUPS`; one heading for all, unless each has a group.

    Example:
        >>> in_groups([("Output", "--json"), ("Who", "--country"), ("Output", "--name")])
        {'Who': ['--country'], 'Output': ['--json', '--name']}
        >>> in_groups([("Output", "--json"), (None, "--limit")])
        {'Options': ['--json', '--limit']}
    """
    if any(group is None for group, _ in options):
        return {UNGROUPED: [one for _, one in options]}
    there = sorted({group for group, _ in options if group is not None}, key=GROUPS.index)
    return {group: [one for own, one in options if own == group] for group in there}


class GroupedCommand(TyperCommand):
    """A command whose plain help has a heading for each group."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, options by group, and --help."""
        told: list[tuple[Any, Any]] = [(one, one.get_help_record(ctx)) for one in self.get_params(ctx)]
        arguments = [row for one, row in told if row and one.param_type_name == "argument"]
        options = [(one, row) for one, row in told if row and one.param_type_name == "option"]
        groups = in_groups([(one.rich_help_panel, row) for one, row in options if one.name != "help"])
        own_help = [row for one, row in options if one.name == "help"]
        sections = {"Arguments": arguments, **groups, UNGROUPED: [*groups.get(UNGROUPED, ()), *own_help]}
        for heading, rows in sections.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)
