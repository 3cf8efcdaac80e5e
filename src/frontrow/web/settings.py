"""What a server is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

STATE: Final = ".frontrow"
"""Folder beside the shops that holds what the server keeps: jobs, tokens, uploads, results."""

CAMPAIGNS: Final = "campaigns"
"""Folder beside the shops that holds the campaigns planned on pages, in one folder a shop."""


@dataclass(frozen=True)
class ServeSettings:
    """How a server runs.

    Attributes:
        folder: Holds one folder a shop.
        host: Address that the server listens on.
        port: 0 for any that is free.
        allowed_hosts: Names that a browser may call the server by, beside the address itself and localhost.
        running_jobs: Most jobs at one time; others wait.
        waiting_jobs: Most jobs that wait; another one is refused.
        job_megabytes: Most memory of one job; a job that needs more is ended.
        upload_megabytes: Largest file that is taken.
        tokens_only: Whether people sign in with tokens alone; otherwise the server prints an address that lets in
            whoever opens it.
        trusted_proxies: Addresses of proxies that may say for whom they ask, and whether over https.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8480
    allowed_hosts: tuple[str, ...] = ()
    running_jobs: int = 1
    waiting_jobs: int = 100
    job_megabytes: int = 8_000
    upload_megabytes: int = 2_000
    tokens_only: bool = False
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")

    @property
    def state(self) -> Path:
        """Folder of what the server keeps."""
        return self.folder / STATE

    @property
    def campaigns(self) -> Path:
        """Folder of the campaigns that were planned on pages or over HTTP."""
        return self.folder / CAMPAIGNS
