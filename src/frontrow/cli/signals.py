"""What an interruption does: at the start and the end of the program it ends it, during a command it is raised."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from frontrow.cli.exit_codes import ExitCode


def guard_start() -> None:
    """End at once at an interruption, while nothing is open; where it is ignored, as under nohup, it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


@contextmanager
def raise_at_signals() -> Iterator[None]:
    """Within the block SIGINT raises KeyboardInterrupt and SIGTERM SystemExit, so that staged files are removed."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        if signal.getsignal(signal.SIGINT) is _end:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            before[signal.SIGTERM] = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    os.write(2, b"Interrupted; no file is half written.\n")
    os._exit(int(ExitCode.INTERRUPTED))


def _terminate(number: int, frame: FrameType | None) -> None:
    del frame
    # a second signal must not interrupt the removal of staged files
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(int(ExitCode.TERMINATED))
