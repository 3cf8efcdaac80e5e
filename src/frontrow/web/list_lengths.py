"""Lists of every length for an audience that a job has left: the page and the HTTP interface ask the same way."""

from __future__ import annotations

from pathlib import Path

from frontrow.errors import ShopError
from frontrow.service.list_length import ListLengthResult, ListLengthSettings, preview_list
from frontrow.service.saved_audience import SavedAudience, read_saved_audience
from frontrow.web.jobs.kinds.campaign import Request
from frontrow.web.server_state import Server

NO_AUDIENCE = "There is no audience of that id in this shop. Rank the customers first."


def open_audience(server: Server, shop: Path, audience: str, *, with_source_ids: bool = True) -> SavedAudience:
    """The audience that a job has left.

    Args:
        server: The server.
        shop: The shop's folder.
        audience: Id of the audience, as somebody outside wrote it.
        with_source_ids: Whether to look up the shop's own ids of all customers, which lists for platforms are made of.

    Raises:
        ShopError: The shop has no such audience, or its job is not done.
    """
    job = server.jobs.get(audience)
    if job is None or job.kind != "audience" or job.shop != shop.name or job.state != "done":
        raise ShopError(NO_AUDIENCE)
    return read_saved_audience(server.runner.folder_of(job.job_id), shop if with_source_ids else None)


def preview_lengths(server: Server, shop: Path, request: Request) -> ListLengthResult:
    """Say what lists of every length are expected to bring; nothing is written.

    Args:
        server: The server.
        shop: The shop's folder.
        request: A campaign as it would be asked for; its name and its exports do not matter.

    Raises:
        CampaignError: Nobody may be contacted, or the settings contradict each other.
        SettingError: A setting is out of range, or names something that is not there.
        ShopError: The shop has no such audience.
    """
    saved = open_audience(server, shop, request.audience)
    plan = request.to_settings(Path(), Path(), saved.model, server.runner.places.uploads, shop)
    settings = ListLengthSettings(
        plan.length, plan.rules, plan.money, plan.suppress, plan.holdout_share, plan.global_control_share
    )
    return preview_list(shop, saved, settings)
