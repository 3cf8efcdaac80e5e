"""How much memory a process has."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path


def read_megabytes(pid: int) -> float:
    """The memory of a process that is in use, in MB; 0 where it has ended or the system does not say.

    Example:
        >>> import os
        >>> read_megabytes(os.getpid()) > 1
        True
    """
    status = Path(f"/proc/{pid}/status")
    if status.parent.parent.joinpath("self").exists():
        try:
            match = re.search(r"VmRSS:\s*(\d+) kB", status.read_text("ascii", "replace"))
        except OSError:
            return 0.0
        return int(match[1]) * 1024 / 1e6 if match else 0.0
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(answer.stdout.strip() or 0) * 1024 / 1e6
