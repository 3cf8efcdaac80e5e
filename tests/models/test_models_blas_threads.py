"""Matrix products on one thread, for as long as somebody wants it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from frontrow.models.blas_threads import one_blas_thread, read_blas_threads


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    """Two threads at first, whatever the machine."""
    read_blas_threads()
    with threadpool_limits(2, user_api="blas"):
        if read_blas_threads() != 2:
            pytest.skip("no library for matrix products whose threads can be set")
        yield


def test_as_before_after_the_outer_one() -> None:
    with one_blas_thread():
        with one_blas_thread():
            assert read_blas_threads() == 1
        assert read_blas_threads() == 1
    assert read_blas_threads() == 2


def test_as_before_after_an_error() -> None:
    with pytest.raises(ValueError, match="stop"), one_blas_thread():
        raise ValueError("stop")
    assert read_blas_threads() == 2
