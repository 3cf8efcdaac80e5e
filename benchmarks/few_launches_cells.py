"""Results of the learning curve, kept in a JSON-lines file so that a long run can go on where it was interrupted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import frontrow

ALL: Final = "all"
BASELINES: Final = "baselines"
CODE: Final = ("features", "launch", "metrics", "models", "shop", "synthetic")
"""Rooms whose code decides a result."""


@dataclass(frozen=True)
class Cell:
    """What one model, or every baseline, reached on the test launches of one shop.

    Attributes:
        shop: Name.
        seed: Of the shop and of the model.
        n: Launches learned from, as asked for; "baselines" for the baselines, which learn from none.
        training_launches: How many there were.
        product_ids: The test launches.
        launch_days: Their days.
        values: Average precision, by model, of each test launch.
        seconds: Of the fit and the scores; of the baselines, of making the rows too.
    """

    shop: str
    seed: int
    n: str
    training_launches: int
    product_ids: list[str]
    launch_days: list[int]
    values: dict[str, list[float]]
    seconds: float


class CellFile:
    """Results by shop, seed and n in a JSON-lines file, each used again only by the code that computed it."""

    def __init__(self, file: Path | None) -> None:
        self.file, self.code = file, hash_code()
        lines = file.read_text(encoding="utf-8").splitlines() if file is not None and file.exists() else []
        rows = [row for row in map(_parse_line, lines) if row.pop("code", None) == self.code]
        self.cells = {(row["shop"], row["seed"], row["n"]): Cell(**row) for row in rows}

    def get(self, shop: str, seed: int, n: str) -> Cell | None:
        """A result computed before."""
        return self.cells.get((shop, seed, n))

    def add(self, cell: Cell) -> Cell:
        """Keep a result."""
        self.cells[cell.shop, cell.seed, cell.n] = cell
        if self.file is not None:
            is_whole = not self.file.exists() or self.file.read_bytes()[-1:] in (b"", b"\n")
            with self.file.open("a", encoding="utf-8") as handle:
                handle.write("" if is_whole else "\n")
                handle.write(json.dumps({"code": self.code, **asdict(cell)}) + "\n")
        return cell


def _parse_line(line: str) -> dict[str, Any]:
    """A row of the file; an interrupted run leaves half a line, which is no row."""
    try:
        return dict(json.loads(line))
    except json.JSONDecodeError:
        return {}


def hash_code() -> str:
    """A digest of the code that decides results."""
    package, here = Path(frontrow.__file__).parent, Path(__file__).parent
    files = [*(file for room in CODE for file in sorted((package / room).rglob("*.py")))]
    files += [here / "few_launches_curve.py", here / "few_launches_shops.py"]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
