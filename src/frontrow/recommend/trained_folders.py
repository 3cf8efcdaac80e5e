"""The recommenders that `frontrow train` wrote, without opening what they have learned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from frontrow.recommend.trained_parts import KIND
from frontrow.storage.artifact import MANIFEST
from frontrow.storage.json_file import parse_json


@dataclass(frozen=True)
class TrainedFolder:
    """The folder of a trained recommender.

    Attributes:
        folder: The folder.
        model: File name of the recommender.
        cutoff: It learned from orders before this instant.
        first_import: Of the shop it learned from (`shop.settings`).
    """

    folder: Path
    model: str
    cutoff: dt.datetime
    first_import: str


def list_trained_folders(places: Iterable[Path]) -> list[TrainedFolder]:
    """The trained recommenders in some folders, by name; what cannot be read is none.

    Args:
        places: The folders.
    """
    trained = []
    for place in sorted(set(places)):
        try:
            manifest = parse_json((place / MANIFEST).read_text("utf-8"))
            if manifest["kind"] == KIND:
                cutoff = dt.datetime.fromisoformat(manifest["cutoff"])
                trained.append(TrainedFolder(place, str(manifest["model"]), cutoff, str(manifest["first_import"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return trained
