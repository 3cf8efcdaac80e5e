"""The command line imports LightGBM without scikit-learn and pandas, and both can be imported afterwards."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from frontrow.cli.tree_import import import_trees_alone
import_trees_alone()
import lightgbm
print("sklearn" in sys.modules, "pandas" in sys.modules)
import pandas, sklearn
print(lightgbm.__version__ != "", pandas.__name__, sklearn.__name__)
"""


def test_lightgbm_comes_alone_and_hides_nothing_from_others() -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("sklearn")
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=120)
    assert run.stdout.split() == ["False", "False", "True", "pandas", "sklearn"]
