"""Results at monthly cutoffs, kept in a JSON-lines file so that a long run can go on where it was interrupted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import frontrow
from frontrow.recommend.registry import DEFAULT_MODEL
from frontrow.storage.pointer import POINTER

OF_EVERY_MODEL: Final = ("metrics", "models/interactions", "recommend/candidates.py", "recommend/evaluate/window.py")
OF_THE_DEFAULT: Final = ("models",)
OF_A_PEER: Final = ("models/popularity", "models/recommenders", "models/similarity")
"""Folders and files of the package whose code decides a result."""


@dataclass(frozen=True)
class Result:
    """What one model reached at one cutoff.

    Attributes:
        model: Name.
        cutoff: First day of the test, as ISO date.
        customers: Numbers of the tested customers, by part: all products, or never bought.
        ndcg: NDCG@10 of each of them, by part.
        fit_seconds: Of the processor.
        lists_seconds: Of the processor, for all parts.
    """

    model: str
    cutoff: str
    customers: dict[str, list[int]]
    ndcg: dict[str, list[float]]
    fit_seconds: float
    lists_seconds: float


class ResultFile:
    """Results by model and cutoff in a JSON-lines file, each used again only for the same shop and code.

    Args:
        file: The file; None to keep nothing.
        shop: The shop's folder.
    """

    def __init__(self, file: Path | None, shop: Path) -> None:
        self.file, self.shop = file, hashlib.sha256((shop / POINTER).read_bytes()).hexdigest()[:16]
        lines = file.read_text(encoding="utf-8").splitlines() if file is not None and file.exists() else []
        self.results: dict[tuple[str, str], Result] = {}
        for row in map(_parse_line, lines):
            if row.pop("inputs", None) == self._hash_inputs(row.get("model", "")):
                self.results[row["model"], row["cutoff"]] = Result(**row)

    def get(self, model: str, cutoff: str) -> Result | None:
        """A result computed before."""
        return self.results.get((model, cutoff))

    def add(self, result: Result) -> Result:
        """Keep a result."""
        self.results[result.model, result.cutoff] = result
        if self.file is not None:
            is_whole = not self.file.exists() or self.file.read_bytes()[-1:] in (b"", b"\n")
            with self.file.open("a", encoding="utf-8") as handle:
                handle.write("" if is_whole else "\n")
                handle.write(json.dumps({"inputs": self._hash_inputs(result.model), **asdict(result)}) + "\n")
        return result

    def _hash_inputs(self, model: str) -> str:
        return f"{self.shop}-{hash_code(model)}"


def _parse_line(line: str) -> dict[str, Any]:
    """A row of the file; an interrupted run leaves half a line, which is no row."""
    try:
        return dict(json.loads(line))
    except json.JSONDecodeError:
        return {}


def hash_code(model: str) -> str:
    """A digest of the code that decides the results of a model: a peer's stay when the default changes."""
    package, here = Path(frontrow.__file__).parent, Path(__file__).parent
    places = [package / name for name in (*OF_EVERY_MODEL, *(OF_THE_DEFAULT if model == DEFAULT_MODEL else OF_A_PEER))]
    files = [file for place in places for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]
    files += [here / "monthly_lists.py", *([] if model == DEFAULT_MODEL else [here / "plain_ranker.py"])]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
