"""Files with addresses on their way out: written down first who takes them, and never whole in memory."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from starlette.responses import FileResponse, Response, StreamingResponse

from frontrow.service.campaign_page import CampaignFile, CampaignPageResult
from frontrow.storage.durable import report_full_disk
from frontrow.web.security.visitor import Visitor
from frontrow.web.server_state import Server

ANY_FILE: Final = "application/octet-stream"
PIECE_BYTES: Final = 1_000_000


def send_campaign_files(
    server: Server, visitor: Visitor, shop: str, page: CampaignPageResult, files: Sequence[CampaignFile], archive: str
) -> Response:
    """Answer with files of a campaign that go to the same customers.

    Args:
        server: Keeps the audit log.
        visitor: Who takes them; the route has made sure that they may.
        shop: Name of the shop.
        page: The campaign.
        files: One or more of its files, all of those to contact or all of those held out.
        archive: Name of the ZIP in which several leave together.

    Raises:
        DiskFullError: There is no room for the ZIP.
    """
    name = files[0].path.name if len(files) == 1 else archive
    rows = page.campaign.held_out.height if files[0].held_out else page.campaign.contacted.height

    def record() -> None:
        what = f"{page.registered.campaign_id}/{name}"
        server.audit.record(visitor.name, "took addresses", shop=shop, what=what, rows=rows)

    # recorded before anything leaves: what was not recorded must not
    if len(files) == 1:
        record()
        return FileResponse(files[0].path, filename=name, media_type=ANY_FILE)
    with ExitStack() as undo:
        content = undo.enter_context(_write_archive([file.path for file in files], server.settings.state))
        record()
        # from here on, whoever sends it closes it
        undo.pop_all()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_read_pieces(content), 200, headers, ANY_FILE)


def record_push(server: Server, visitor: Visitor, shop: str, what: str, rows: int) -> None:
    """Write down that addresses are about to leave for a platform, before anything is sent.

    Args:
        server: Keeps the audit log.
        visitor: Who sends them; the route has made sure that they may.
        shop: Name of the shop.
        what: The campaign, the destination and the group.
        rows: How many customers were confirmed.
    """
    server.audit.record(visitor.name, "sent addresses", shop=shop, what=what, rows=rows)


def _write_archive(files: Sequence[Path], folder: Path) -> IO[bytes]:
    """A ZIP of files, in a file without a name, so that nothing of it is left however the server ends."""
    with report_full_disk(folder), ExitStack() as undo:
        content: IO[bytes] = undo.enter_context(tempfile.TemporaryFile(dir=folder))
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as together:
            for file in files:
                together.write(file, file.name)
        content.seek(0)
        undo.pop_all()
    return content


def _read_pieces(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while piece := content.read(PIECE_BYTES):
            yield piece
