"""Which page a job leads to when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from frontrow.web.jobs.job import Job
from frontrow.web.pages.addresses import address


def find_destination(job: Job, result: Mapping[str, Any]) -> str:
    """The page that shows what a job has made.

    Args:
        job: A job that is done.
        result: Its result, as JSON.

    Returns:
        An address; the page of the shop for a kind that has no page of its own.
    """
    return address("shops", job.shop, *_path(job, result))


def _path(job: Job, result: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts of the address below the shop's own."""
    paths: Mapping[str, Callable[[], tuple[str, ...]]] = {
        "import_exports": lambda: ("imports", job.job_id),
        "sync": lambda: ("syncs", job.job_id),
        "audience": lambda: ("audiences", job.job_id),
        "campaign": lambda: ("campaigns", str(result["campaign"]["campaign_id"])),
        "push": lambda: (
            *("campaigns", str(job.request["campaign"]), "push", str(job.request["to"])),
            *(("held-out",) if job.request["group"] == "held-out" else ()),
        ),
        "measure": lambda: ("campaigns", str(job.request["campaign"]), "earned"),
        "measure_pool": lambda: ("campaigns", "pools", job.job_id),
        "backtest": lambda: ("evidence",),
        "train": lambda: ("next",),
        "recommend": lambda: ("next", job.job_id),
        "similar": lambda: ("next", job.job_id),
    }
    path = paths.get(job.kind)
    return () if path is None else path()
