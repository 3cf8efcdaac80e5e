"""Memory of this process."""

from __future__ import annotations

import ctypes
import sys


def return_freed_memory() -> bool:
    """Give memory that was freed back to the system, where the C library can (glibc's `malloc_trim`).

    Arrays of up to 32 MB come from pieces that stay with the process when they are freed. After a step that needed much
    more than the next one does, they are a large part of what it occupies.

    Returns:
        Whether any was given back.

    Example:
        >>> return_freed_memory() in (False, True)
        True
    """
    if sys.platform != "linux":
        return False
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (AttributeError, OSError):  # another C library
        return False
