"""How work that takes a while reports how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, float], None]
"""Called with (done, total) steps, any number of times; `done` reaches `total` at the end."""


def no_progress(done: float, total: float) -> None:
    """Report nothing: the default wherever nobody watches."""
