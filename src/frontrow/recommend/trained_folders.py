"""The recommenders that `frontrow train` wrote, without opening what they have learned."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from frontrow.recommend.trained import KIND
from frontrow.storage.artifact import MANIFEST


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


def list_trained_folders(parent: Path) -> list[TrainedFolder]:
    """The trained recommenders in the folders directly below a folder, by name; what cannot be read is none.

    Args:
        parent: The folder.
    """
    trained = []
    for file in sorted(parent.glob(f"*/{MANIFEST}")):
        try:
            manifest = json.loads(file.read_text("utf-8"))
            if manifest["kind"] == KIND:
                cutoff = dt.datetime.fromisoformat(manifest["cutoff"])
                trained.append(
                    TrainedFolder(file.parent, str(manifest["model"]), cutoff, str(manifest["first_import"]))
                )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return trained
