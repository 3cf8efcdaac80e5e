"""How many threads multiply matrices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Have NumPy and SciPy multiply matrices on one thread.

    After a product, the threads of OpenBLAS wait for the next one without sleeping, which takes as much of a processor
    as work does. Where products are many and small, with other steps between them, that is about half of all processor
    time, and nothing is ready any sooner.

    Several threads also add up a long column in parts, so that the last bits of a sum over customers would depend on
    the number of processors.

    The number holds for the process. Where two threads of a server overlap, one may work with more threads than one.

    Example:
        >>> with one_blas_thread():
        ...     read_blas_threads()
        1
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


def read_blas_threads() -> int:
    """The largest number of threads that a library for matrix products uses at present; 1 where none is found."""
    libraries = _libraries().select(user_api="blas").lib_controllers
    return max((int(library.num_threads) for library in libraries), default=1)


@cache
def _libraries() -> ThreadpoolController:
    """The libraries loaded, which takes 10 ms to find out."""
    import scipy.linalg  # noqa: F401  # it has an OpenBLAS of its own, found once it is loaded

    return ThreadpoolController()
