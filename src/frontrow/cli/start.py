"""Where the command `frontrow` begins: an interruption ends it quietly even while everything else is imported."""

from __future__ import annotations

from frontrow.cli.signals import guard_start
from frontrow.cli.tree_import import import_trees_alone


def main() -> None:
    """Run the command line."""
    guard_start()
    import_trees_alone()
    from frontrow.cli.application import main as run_application

    run_application()
