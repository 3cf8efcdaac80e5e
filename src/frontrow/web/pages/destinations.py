"""Which page a job leads to when it is done."""

from __future__ import annotations

from collections.abc import Mapping
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
    shop = ("shops", job.shop)
    match job.kind:
        case "import_exports":
            return address(*shop, "imports", job.job_id)
        case "audience":
            return address(*shop, "audiences", job.job_id)
        case "campaign":
            return address(*shop, "campaigns", str(result["campaign_id"]))
        case "measure":
            return address(*shop, "campaigns", str(job.request["campaign"]), "earned")
        case "backtest":
            return address(*shop, "evidence", job=job.job_id)
        case "train":
            return address(*shop, "next")
        case "recommend":
            return address(*shop, "next", job=job.job_id)
        case _:
            return address(*shop)
