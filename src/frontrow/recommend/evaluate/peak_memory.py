"""How much memory a piece of work takes at its peak."""

from __future__ import annotations

from pathlib import Path
from typing import Final

STATUS: Final = Path("/proc/self/status")
CLEAR: Final = Path("/proc/self/clear_refs")


class MemoryWatch:
    """The peak of the program's memory, above what it held when the watch was made.

    Linux records the peak of a process and lets it be reset, which costs nothing while the work runs; on other systems
    the peak is None. The program may still hold memory that earlier work has freed, so the peak of later work may be
    reported too high, never too low.

    Example:
        >>> watch = MemoryWatch()
        >>> watch.restart()
        >>> watch.peak() is None or watch.peak() >= 0
        True
    """

    def __init__(self) -> None:
        self._held_before = _read_megabytes("VmRSS")
        self._is_running = False

    def restart(self) -> None:
        """Reset the peak to what is held now."""
        try:
            # 5 resets the peak (proc(5))
            CLEAR.write_text("5")
        except OSError:
            self._is_running = False
        else:
            self._is_running = True

    def peak(self) -> float | None:
        """Megabytes, since the last restart."""
        peak = _read_megabytes("VmHWM")
        if not self._is_running or peak is None or self._held_before is None:
            return None
        return max(peak - self._held_before, 0.0)


def _read_megabytes(field: str) -> float | None:
    """A field of the process's status; None where there is none."""
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:")), None)
