"""`frontrow --help` under 0.3 s; a base install under 600 MB, with the size of each dependency.

python benchmarks/startup_and_size.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from measure import frontrow

ROOT = Path(__file__).parents[1]


def megabytes(path: Path) -> float:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6


def main() -> None:
    best = min(frontrow("--help")[0].wall for _ in range(5))
    print(f"frontrow --help: {best:.3f} s, {best / 0.3:.2f} of the 0.3 s allowed")
    with tempfile.TemporaryDirectory() as temporary:
        venv.create(temporary, with_pip=True)
        python = Path(temporary) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        before = megabytes(Path(temporary))
        subprocess.run([python, "-m", "pip", "install", "--quiet", str(ROOT)], check=True)
        site = next(Path(temporary).rglob("site-packages"))
        folders = [path for path in site.iterdir() if path.is_dir() and path.name not in ("pip", "setuptools")]
        sizes = {path.name: megabytes(path) for path in folders}
        for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:16]:
            print(f"{name:28} {size:7.1f} MB")
        total = megabytes(Path(temporary))
        print(
            f"base install: {total:.0f} MB ({before:.0f} MB of them the empty environment), {total / 600:.2f} of 600 MB"
        )


if __name__ == "__main__":
    main()
