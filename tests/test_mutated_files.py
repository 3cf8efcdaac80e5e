"""A few hundred mutated inputs, files and models: no traceback, no crash, no person shown, no other data unnoticed.

The whole campaign is `benchmarks/mutated_files.py`; this is the same with a small shop.
"""

import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parent.parent / "benchmarks" / "mutated_files.py"


def test_mutated_files_end_in_an_answer_or_an_error_of_frontrow():
    command = [sys.executable, str(BENCHMARK), "--small", "--inputs", "100", "--own", "60", "--seed", "test"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert "160 cases, 0 bad" in run.stdout, run.stdout + run.stderr
    assert run.returncode == 0
