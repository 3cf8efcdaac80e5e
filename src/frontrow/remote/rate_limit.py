"""So many requests a second and no more, as a service allows."""

from __future__ import annotations

import threading
from typing import Final

from frontrow.remote.timing import REAL_TIME, Timing

UNLIMITED: Final = 0.0


class RateLimit:
    """Spaces requests evenly.

    Args:
        requests_per_second: The most; None for no limit.
        timing: How to tell the time and wait.

    Example:
        >>> waits = []
        >>> limit = RateLimit(2, Timing(monotonic=lambda: 10.0, sleep=waits.append))
        >>> limit.wait(), limit.wait(), waits
        (None, None, [0.5])
    """

    def __init__(self, requests_per_second: float | None, timing: Timing = REAL_TIME) -> None:
        self._gap = UNLIMITED if requests_per_second is None else 1.0 / requests_per_second
        self._timing = timing
        self._next = float("-inf")
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        with self._lock:
            now = self._timing.monotonic()
            start = max(now, self._next)
            self._next = start + self._gap
        if start > now:
            self._timing.sleep(start - now)
