"""How long-running work reports its progress."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, float], None]
"""Called with (done, total) steps, any number of times; `done` reaches `total` at the end."""


def no_progress(done: float, total: float) -> None:
    """Ignore `done` and `total` steps: the default where no progress is shown."""
