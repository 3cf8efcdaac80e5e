"""Settings of property tests: no deadline, and the same examples in every run."""

from hypothesis import settings

# on a shared machine an example can take ten times as long, so a deadline would fail at random
settings.register_profile("frontrow", deadline=None, derandomize=True)
settings.load_profile("frontrow")

# it has no doctests, and it shares its module name with the conftest.py of every subfolder
collect_ignore = ["conftest.py"]
