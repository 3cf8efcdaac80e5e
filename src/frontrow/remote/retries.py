"""When a request is sent again, and how long to wait before: longer each time, or as the service asks."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

TOO_MANY_REQUESTS: Final = 429
TRY_LATER: Final = frozenset({408, 425, TOO_MANY_REQUESTS, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530})
"""Statuses after which the same request may succeed later; from 520 on those of Cloudflare and Shopify."""

NOT_DONE: Final = frozenset({425, TOO_MANY_REQUESTS})
"""Of these, those that say that the service has done nothing: any request may be sent again."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Methods whose request does the same when it comes twice."""


@dataclass(frozen=True)
class RetrySettings:
    """How often and how patiently a request is sent again.

    Attributes:
        attempts: Most times that one request is sent.
        first_wait: Seconds before the second attempt; each later wait is twice as long.
        longest_wait: Most seconds of such a wait.
        longest_stated_wait: Most seconds that a service may make us wait (Retry-After); beyond that the command ends.
        seed: Of the random part of each wait, by which several clients do not come back at once; None for another one
            each time.
    """

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0
    longest_stated_wait: float = 300.0
    seed: int | None = None


class Waits:
    """How long to wait before each further attempt.

    Args:
        settings: How patiently.

    Example:
        >>> waits = Waits(RetrySettings(first_wait=2.0))
        >>> 1.0 <= waits.choose(1, None) <= 2.0, 4.0 <= waits.choose(3, None) <= 8.0, waits.choose(1, 30.0)
        (True, True, 30.0)
    """

    def __init__(self, settings: RetrySettings) -> None:
        self._settings = settings
        self._random = random.Random(settings.seed)

    def choose(self, attempt: int, stated_wait: float | None) -> float:
        """Seconds to wait.

        Args:
            attempt: How many attempts failed, from 1.
            stated_wait: Seconds that the service asks for; None where it does not say.
        """
        if stated_wait is not None:
            return stated_wait
        wait: float = min(self._settings.first_wait * 2.0 ** (attempt - 1), self._settings.longest_wait)
        return wait * self._random.uniform(0.5, 1.0)


def read_stated_wait(text: str | None, now: dt.datetime) -> float | None:
    """Seconds that a service asks us to wait: `Retry-After` is a number of seconds, or an instant.

    Args:
        text: The header; None without one.
        now: The present instant.

    Example:
        >>> now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        >>> read_stated_wait("2.5", now), read_stated_wait("Sun, 01 Mar 2026 00:01:00 GMT", now)
        (2.5, 60.0)
        >>> read_stated_wait("soon", now) is None
        True
    """
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            instant = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=dt.UTC)
        seconds = (instant - now).total_seconds()
    return max(seconds, 0.0) if seconds < float("inf") else None
