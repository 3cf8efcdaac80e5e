"""What the address of a page names, or a page that says it is not there."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from starlette.exceptions import HTTPException

from frontrow.errors import CampaignError, ShopError
from frontrow.service.campaign_page import CampaignPageResult, read_campaign_page
from frontrow.service.saved_audience import SavedAudience
from frontrow.web.list_lengths import open_audience
from frontrow.web.server_state import Server

NO_RESULT = "There is no such result in this shop. It may have been removed since; ask for it again."


def find_audience(server: Server, folder: Path, audience: str, *, with_source_ids: bool = True) -> SavedAudience:
    """The audience of that id.

    Args:
        server: The server.
        folder: The shop's folder.
        audience: As the address has it.
        with_source_ids: As `open_audience` takes it.

    Raises:
        HTTPException: There is none: 404.
    """
    try:
        return open_audience(server, folder, audience, with_source_ids=with_source_ids)
    except ShopError as error:
        raise HTTPException(404, str(error)) from error


def find_campaign(folder: Path, campaign_id: str) -> CampaignPageResult:
    """The campaign of that id.

    Args:
        folder: The shop's folder.
        campaign_id: As the address has it.

    Raises:
        HTTPException: There is none: 404.
    """
    try:
        return read_campaign_page(folder, campaign_id)
    except CampaignError as error:
        raise HTTPException(404, str(error)) from error


def find_results(server: Server, shop: str, job_id: str, kinds: Container[str]) -> Path:
    """The folder of what a job has left.

    Args:
        server: The server.
        shop: Name of the shop.
        job_id: As the address has it.
        kinds: Kinds of jobs that the page shows.

    Raises:
        HTTPException: There is no such job, or it is not done: 404.
    """
    job = server.jobs.get(job_id)
    if job is None or job.kind not in kinds or job.shop != shop or job.state != "done":
        raise HTTPException(404, NO_RESULT)
    return Path(server.runner.folder_of(job.job_id))
