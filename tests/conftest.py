"""One way to run property tests: no clock decides, and the same tree is tested with the same examples."""

from hypothesis import settings

# a shared machine can take ten times as long for one example, which says nothing of the code
settings.register_profile("frontrow", deadline=None, derandomize=True)
settings.load_profile("frontrow")

# it holds no examples to run, and its name is that of the conftest.py of each folder below
collect_ignore = ["conftest.py"]
