"""Where a server keeps what its jobs read and write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from frontrow.web.settings import CAMPAIGNS
from frontrow.web.store.uploads import UPLOADS

JOBS: Final = "jobs"
TRAINED: Final = "trained"
LOG: Final = "log"
"""In a job's folder: where a defect arose, and nothing of what the job read."""

LOCK: Final = "lock"
"""In a job's folder: held by the job's process as long as it lives."""


@dataclass(frozen=True)
class Places:
    """The folders of a server.

    Attributes:
        state: What the server keeps; it lies beside the shops.
    """

    state: Path

    @property
    def shops(self) -> Path:
        """Folder that holds one folder a shop."""
        return self.state.parent

    @property
    def jobs(self) -> Path:
        """Folder that holds one folder a job."""
        return self.state / JOBS

    @property
    def uploads(self) -> Path:
        """Folder that holds one folder an upload."""
        return self.state / UPLOADS

    def campaigns(self, shop: str) -> Path:
        """Folder of the campaigns of a shop that were planned on pages or over HTTP."""
        return self.shops / CAMPAIGNS / shop

    def trained(self, shop: str) -> Path:
        """Folder of the recommenders of a shop that were trained on pages or over HTTP."""
        return self.state / TRAINED / shop
