"""Matrix products on one thread, for as long as somebody wants it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from frontrow.models.blas_threads import one_blas_thread, read_blas_threads
from frontrow.models.interactions.interactions import Queries
from frontrow.models.recommenders import pure_svd
from frontrow.models.similarity import decomposition
from frontrow.testing.recommenders import planted


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


def test_singular_vectors_are_found_and_multiplied_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    find_eigenvectors = decomposition.eigsh

    def watch_eigsh(*arguments: object, **settings: object) -> object:
        threads.append(read_blas_threads())
        return find_eigenvectors(*arguments, **settings)

    def watch_is_new(queries: Queries) -> object:
        threads.append(read_blas_threads())
        return queries.rows < 0

    _, interactions = planted()
    monkeypatch.setattr(decomposition, "eigsh", watch_eigsh)
    monkeypatch.setattr(Queries, "is_new", property(watch_is_new))
    settings = pure_svd.PureSvdSettings(dimensions=3)
    pure_svd.Recommender(settings).fit(interactions, seed=0).scores(interactions.queries())
    assert threads == [1, 1]
    assert read_blas_threads() == 2
