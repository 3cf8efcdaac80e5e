"""Optional real data: a folder named by an environment variable, which CONTRIBUTING.md describes."""

import os
from pathlib import Path

VARIABLE = "FRONTROW_REAL_DATA"


def find_real_data(name: str) -> Path:
    """A file of the folder that FRONTROW_REAL_DATA names; where it does not exist, the test is skipped."""
    return Path(os.environ.get(VARIABLE, "real-data-not-given")) / name
