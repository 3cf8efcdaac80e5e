"""The same computation on one thread of the library for matrix products, and on two."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from threadpoolctl import threadpool_limits

from frontrow.models.blas_threads import read_blas_threads

Result = TypeVar("Result")


def on_one_and_two_threads(compute: Callable[[], Result]) -> tuple[Result, Result]:
    """Compute twice; the test is skipped where the number of threads cannot be set."""
    read_blas_threads()
    results = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            if read_blas_threads() != threads:
                pytest.skip("no library for matrix products whose threads can be set")
            results.append(compute())
    return results[0], results[1]
