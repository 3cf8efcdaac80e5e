"""Settings of property tests: no deadline, and the same examples in every run; no waiting for the disk."""

import os

from hypothesis import settings

# on a shared machine an example can take ten times as long, so a deadline would fail at random
settings.register_profile("frontrow", deadline=None, derandomize=True)
settings.load_profile("frontrow")

# no test can see a disk lose power: those about it record the calls, and the others would wait thousands of times
os.fsync = lambda _descriptor: None

# they have no doctests, and share one module name
collect_ignore_glob = ["conftest.py", "*/conftest.py"]
