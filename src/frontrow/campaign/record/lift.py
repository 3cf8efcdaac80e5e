"""That a campaign's hold-out was lifted: `lifted.json` in the campaign's folder."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from frontrow.errors import CampaignError
from frontrow.storage.folder import write_text
from frontrow.storage.json_file import read_json

LIFTED_FILE: Final = "lifted.json"


@dataclass(frozen=True)
class Lift:
    """When a hold-out was lifted.

    Attributes:
        lifted_on: The day, on the shop's calendar.
        early: Whether the window was not over yet, so that the campaign can no longer be measured to its end.
    """

    lifted_on: dt.date
    early: bool

    @classmethod
    def read(cls, folder: Path) -> Lift | None:
        """When a campaign's hold-out was lifted; None where it was not.

        Args:
            folder: The campaign's folder.

        Raises:
            CampaignError: The file is damaged.
        """
        file = folder / LIFTED_FILE
        if not file.is_file():
            return None

        def parse(record: dict[str, Any]) -> Lift:
            return cls(dt.date.fromisoformat(record["lifted_on"]), bool(record["early"]))

        damaged = CampaignError(f"{file} is damaged. Delete it, and lift the hold-out again.")
        return read_json(file, parse, damaged=damaged)

    def write(self, folder: Path) -> None:
        """Write it into a campaign's folder, in one step."""
        write_text(json.dumps(asdict(self), default=str, indent=2) + "\n", folder / LIFTED_FILE)
