"""What a kind of job is: a request that can be written down, and the use case that is run for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import frontrow.web.jobs.kinds
from frontrow.discovery import load_plugins
from frontrow.errors import SettingError
from frontrow.progress import Progress

if TYPE_CHECKING:
    from frontrow.service.opening import Result


SHOP_WAIT: Final = 60.0
"""Seconds that a job waits for a command that is changing the shop."""


class Request(Protocol):
    """What is asked for: a pydantic model, so that it is checked at the door and kept as JSON."""

    shop: str

    def model_dump(self, *, mode: str = "python") -> dict[str, Any]:
        """Plain values."""
        ...


@dataclass(frozen=True)
class Work:
    """What a job runs on.

    Attributes:
        shops: Folder that holds one folder a shop.
        shop: The shop's folder.
        output: The job's own folder; what it leaves there stays until the job is removed.
        uploads: Folder of uploaded files, one folder an upload.
        campaigns: Folder of the shop's campaigns that were planned on pages or over HTTP.
        trained: Folder of the shop's recommenders that were trained on pages or over HTTP.
        progress: Called with (done, total) steps.
    """

    shops: Path
    shop: Path
    output: Path
    uploads: Path
    campaigns: Path
    trained: Path
    progress: Progress


class Kind(Protocol):
    """One kind of job: a module of `kinds/` with a class called `Kind`, created without arguments.

    Attributes:
        title: What a page calls it, such as "Rank customers".
        request: The pydantic model of what is asked for.
        changes_shop: Whether it changes the shop: of one shop, one such job runs at a time, in the order in which they
            were asked for.
        makes_shop: Whether the shop may be one that is not there yet.
    """

    title: str
    request: type[Any]
    changes_shop: bool
    makes_shop: bool

    def run(self, request: Any, work: Work) -> Result:
        """Do the work with the function of `service` that the command line calls, and return its result.

        A job may be run again from the beginning after its process died: run twice, it must leave the same.

        Args:
            request: An instance of `request`.
            work: What it runs on.
        """
        ...


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of job by name, which is that of its file."""
    return {name: kind() for name, kind in load_plugins(frontrow.web.jobs.kinds, "Kind").items()}


def get_kind(name: str) -> Kind:
    """The kind of that name.

    Raises:
        SettingError: There is none.
    """
    available = kinds()
    if name not in available:
        raise SettingError(
            "kind", f'There is no kind of job named "{name}". Available: {", ".join(sorted(available))}.'
        )
    return available[name]
