"""How much memory a piece of work took at its height, beyond what the program held before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def watch_memory() -> Callable[[], float | None]:
    """Begin to watch; the function given tells the megabytes at the height so far.

    Linux keeps the height of a process and lets it be reset, which costs nothing while the work runs; where that
    cannot be done, there is None. Memory that the program had freed and not given back is counted as held before.

    Example:
        >>> height = watch_memory()
        >>> told = height()
        >>> told is None or told >= 0
        True
    """
    try:
        # 5: the height becomes what is held now (proc(5))
        CLEAR.write_text("5")
        before = _megabytes("VmRSS")
    except OSError:
        return lambda: None
    return lambda: max(_megabytes("VmHWM") - before, 0.0)


def _megabytes(field: str) -> float:
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"{STATUS} has no {field}")
