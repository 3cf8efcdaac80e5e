"""Clocks and waiting of a client, so that a test needs no real seconds."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Timing:
    """How a client tells the time and waits.

    Attributes:
        monotonic: Seconds that only go up.
        sleep: Waits so many seconds.
        now: The instant, with its time zone.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], dt.datetime] = _now


REAL_TIME = Timing()
