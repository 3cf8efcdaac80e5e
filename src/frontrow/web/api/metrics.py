"""Counters of a server in Prometheus' text format, written by hand: a few numbers need no library."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD: Final = "other"
"""Stands for every other method: a stranger may make up as many as they like, and each would be counted for ever."""

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper ends, in seconds."""


class Metrics:
    """What a server counted since it was started.

    Attributes:
        started_at: Seconds since 1970.
    """

    def __init__(self) -> None:
        self.started_at = time.time()
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            method: HTTP method.
            route: Pattern of its address; never the address itself, which may name a customer.
            status: HTTP status of the answer.
            seconds: How long it took.
        """
        position = next((index for index, end in enumerate(BUCKETS) if seconds <= end), len(BUCKETS))
        with self._lock:
            self._requests[method if method in METHODS else OTHER_METHOD, route, status] += 1
            self._buckets.setdefault(route, [0] * (len(BUCKETS) + 1))[position] += 1
            self._seconds[route] += seconds

    def write(self, gauges: Mapping[str, tuple[str, Sequence[tuple[str, float]]]]) -> str:
        """All counters as text.

        Args:
            gauges: Further numbers by name: what they are, and labels with values.

        Example:
            >>> metrics = Metrics()
            >>> metrics.count("GET", "/v1/shops", 200, 0.004)
            >>> 'frontrow_requests_total{method="GET",route="/v1/shops",status="200"} 1' in metrics.write({})
            True
        """
        with self._lock:
            requests = sorted(self._requests.items())
            buckets = {route: list(counts) for route, counts in sorted(self._buckets.items())}
            seconds = dict(self._seconds)
        lines = _head("frontrow_requests_total", "counter", "Requests answered.")
        for (method, route, status), count in requests:
            labels = _labels(method=method, route=route, status=str(status))
            lines.append(f"frontrow_requests_total{labels} {count}")
        lines += _head("frontrow_request_seconds", "histogram", "How long answers took.")
        for route, counts in buckets.items():
            lines += _histogram(route, counts, seconds[route])
        lines += _head("frontrow_start_time_seconds", "gauge", "When the server was started, since 1970.")
        lines.append(f"frontrow_start_time_seconds {self.started_at:.3f}")
        for name, (description, values) in gauges.items():
            lines += _head(name, "gauge", description)
            lines += [f"{name}{labels} {value:g}" for labels, value in values]
        return "\n".join(lines) + "\n"


def label(**values: str) -> str:
    """Labels of a metric as text.

    Example:
        >>> label(state="done")
        '{state="done"}'
    """
    return _labels(**values)


def _head(name: str, kind: str, description: str) -> list[str]:
    return [f"# HELP {name} {description}", f"# TYPE {name} {kind}"]


def _histogram(route: str, counts: Sequence[int], seconds: float) -> Iterable[str]:
    so_far = 0
    for end, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
        so_far += count
        yield f"frontrow_request_seconds_bucket{_labels(route=route, le=end)} {so_far}"
    yield f"frontrow_request_seconds_sum{_labels(route=route)} {seconds:.6f}"
    yield f"frontrow_request_seconds_count{_labels(route=route)} {so_far}"


def _labels(**values: str) -> str:
    escaped = {
        name: value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"") for name, value in values.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"
