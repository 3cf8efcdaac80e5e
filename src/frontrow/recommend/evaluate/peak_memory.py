"""How much memory a piece of work took at its height."""

from __future__ import annotations

from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


class MemoryWatch:
    """The height of the program's memory, above what it held when the watch was made.

    Linux keeps the height of a process and lets it be reset, which costs nothing while the work runs; where that
    cannot be done, there is None. What earlier work has freed, the program may still hold, so that the height of work
    that comes second may be told too high, and never too low.

    Example:
        >>> watch = MemoryWatch()
        >>> watch.restart()
        >>> watch.height() is None or watch.height() >= 0
        True
    """

    def __init__(self) -> None:
        self._before = _megabytes("VmRSS")
        self._running = False

    def restart(self) -> None:
        """Forget the height so far: it becomes what is held now."""
        try:
            # 5 resets the height (proc(5))
            CLEAR.write_text("5")
        except OSError:
            self._running = False
        else:
            self._running = True

    def height(self) -> float | None:
        """Megabytes, since the last restart."""
        highest = _megabytes("VmHWM")
        if not self._running or highest is None or self._before is None:
            return None
        return max(highest - self._before, 0.0)


def _megabytes(field: str) -> float | None:
    """A field of the process's status, None where there is none."""
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:")), None)
