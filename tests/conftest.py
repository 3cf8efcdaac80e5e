"""Settings of property tests: no deadline, and the same examples in every run; one thread; no waiting for the disk.

Files of tests go to the workers one by one, and folders whose files share what takes long to make as a whole.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

SHARED = ("tests/cli", "tests/engines", "tests/report", "tests/web/api", "tests/web/jobs", "tests/web/pages")
"""Folders whose conftest makes a shop, a model or a cluster for the session, which each worker would make again."""

# As many tests run at once as there are processors, and threads that wait for each other keep them busy for nothing.
# Set before the libraries that read them are imported; that more threads change no byte is a test of its own.
for _threads in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

# on a shared machine an example can take ten times as long, so a deadline would fail at random
settings.register_profile("frontrow", deadline=None, derandomize=True)
settings.load_profile("frontrow")

# no test can see a disk lose power: those about it record the calls, and the others would wait thousands of times
os.fsync = lambda _descriptor: None

# they have no doctests, and share one module name
collect_ignore_glob = ["conftest.py", "*/conftest.py"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Hand the files of a shared folder to one worker."""
    from xdist.scheduler import LoadFileScheduling

    class LoadFolderScheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            folder = str(Path(file).parent)
            return folder if folder in SHARED else file

    return LoadFolderScheduling(config, log)
