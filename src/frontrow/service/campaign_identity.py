"""The id of a campaign: the same when the same command runs again on the same shop."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from frontrow.campaign.record.campaign import CAMPAIGN
from frontrow.service.opening import RunSettings
from frontrow.service.plan_settings import PlanSettings
from frontrow.shop.config import CONFIG
from frontrow.shop.product_rules import RULES
from frontrow.storage.artifact import MANIFEST
from frontrow.storage.pointer import CONTACT_LOG, HELD_OUT_LOG, UNSUBSCRIBED, Pointer

LOGS: Final = (CONTACT_LOG, HELD_OUT_LOG, UNSUBSCRIBED)
"""The tables of what became of campaigns."""

LENGTH: Final = 16
"""Hexadecimal digits of an id."""


def identify_campaign(folder: Path, settings: PlanSettings, run: RunSettings) -> str:
    """Digest of what is asked, of the shop without its logs, and of frontrow's version.

    A campaign that was recorded stays the same one: therefore without the logs.

    Whether it is recorded is no part of it, so that a campaign that was planned can be recorded by the same command.

    Args:
        folder: The shop's folder.
        settings: What the campaign is to be.
        run: What this run decides.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    request: dict[str, Any] = {**asdict(settings), **asdict(run)}
    del request["contacted"]
    if not settings.properties:
        # as a request said before there were properties
        del request["properties"]
    if settings.pool is None:
        # as a request said before there were pools
        del request["pool"]
    if run.vectors is None:
        # as a request said before there were vectors: a campaign recorded then stays the same one
        del request["vectors"]
    request["output"] = str(settings.output.absolute())
    model = None if settings.model is None else Path(settings.model)
    inputs = [settings.products, *settings.suppress, run.launch_dates, settings.money.measured, model]
    inputs += [] if run.vectors is None else [run.vectors]
    tables = Pointer.read(folder).tables
    state = {name: table.sha256 for name, table in tables.items() if name not in LOGS}
    files = [_digest(path) for path in (*inputs, folder / CONFIG, folder / RULES)]
    text = json.dumps([request, state, files, version("frontrow")], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _digest(path: Path | None) -> str:
    """SHA-256 of a file, or of what the folder of a campaign or a saved model says; empty where there is none."""
    files = [] if path is None else [path, path / CAMPAIGN, path / MANIFEST]
    return next((hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()), "")
