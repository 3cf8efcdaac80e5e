"""The process of one job: `python -m frontrow.web.jobs.child STATE JOB_ID`.

It runs the function of `service` that the command line calls, and ends its own job in the database. It has a session
of its own, so that it outlives the server, and inherits nothing of the server but the lock of its job.
"""

from __future__ import annotations

import faulthandler
import os
import re
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any, Final

from pydantic import ValidationError

from frontrow.errors import FrontrowError, SettingError
from frontrow.progress import Progress
from frontrow.storage.durable import PRIVATE_FILE, is_full_disk, make_private_folder
from frontrow.web.jobs.job import Job
from frontrow.web.jobs.kind import Work, get_kind
from frontrow.web.jobs.places import LOG, Places
from frontrow.web.jobs.requests import PRODUCTS, name_products
from frontrow.web.jobs.results import write_result
from frontrow.web.jobs.rewording import Rewording
from frontrow.web.shops import name_new_shop, resolve_shop
from frontrow.web.store.database import Database
from frontrow.web.store.jobs import JobStore
from frontrow.web.store.uploads import UPLOAD_ID, read_upload

PROGRESS_SECONDS: Final = 0.5
"""Progress is written down at most this often."""

NICENESS: Final = 10
"""Pages are answered before jobs go on."""

TERMINATED: Final = 143
NO_MEMORY: Final = "There is not enough memory for this. Nothing is half written."
FULL_DISK: Final = "The server's disk is full. Nothing is half written. Free some space and try again."


def main(arguments: list[str]) -> None:
    """Do the job that the command line names, and end at SIGTERM with what is half written removed."""
    state, job_id = arguments
    with suppress(OSError):
        os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _terminate)
    places = Places(Path(state))
    folder = make_private_folder(places.jobs / job_id)
    descriptor = os.open(folder / LOG, os.O_CREAT | os.O_WRONLY | os.O_APPEND, PRIVATE_FILE)
    with os.fdopen(descriptor, "w") as log:
        faulthandler.enable(log)
        run_job(places, job_id)
        faulthandler.disable()


def run_job(places: Places, job_id: str) -> None:
    """Do a job that was started, and write down how it ended; nothing where it does not run any more.

    Args:
        places: The folders of the server.
        job_id: The job.
    """
    store = JobStore(Database(places.state))
    job = store.attach(job_id, os.getpid())
    if job is None:
        return
    if job.cancelling:
        store.mark_cancelled(job_id, job.attempts)
        return
    folder = make_private_folder(places.jobs / job_id)
    try:
        _work(job, places, folder, _report_to(store, job))
    except SystemExit:
        current = store.get(job_id)
        if current is not None and current.cancelling:
            store.mark_cancelled(job_id, job.attempts)
        raise
    except Exception as error:  # every way to fail is written down
        message, field = _describe(error, _find_rewording(job, places, folder), folder)
        store.fail(job_id, job.attempts, message, field)
    else:
        store.finish(job_id, job.attempts)


def _work(job: Job, places: Places, folder: Path, progress: Progress) -> None:
    kind = get_kind(job.kind)
    request = kind.request.model_validate(job.request)
    find_shop = name_new_shop if kind.makes_shop else resolve_shop
    work = Work(
        shops=places.shops,
        shop=find_shop(places.shops, job.shop),
        output=folder,
        uploads=places.uploads,
        campaigns=places.campaigns(job.shop),
        trained=places.trained(job.shop),
        progress=progress,
    )
    result = kind.run(request, work)
    write_result(folder, result, _find_rewording(job, places, folder))


def _report_to(store: JobStore, job: Job) -> Progress:
    """A progress that is written to the database, not too often; a busy database is no reason to stop."""
    last = 0.0

    def report(done: float, total: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PROGRESS_SECONDS or done >= total:
            last = now
            with suppress(sqlite3.OperationalError):
                store.report_progress(job.job_id, job.attempts, float(done), float(total))

    return report


def _find_rewording(job: Job, places: Places, folder: Path) -> Rewording:
    """What the job's texts call the files that it read."""
    uploads = []
    for text in _texts(job.request):
        with suppress(SettingError):
            uploads.append(read_upload(places.uploads, text))
    # a shop is known by its name; where its folder lies is the server's own business
    names = {**Rewording.of_uploads(uploads).names, str(places.shops / job.shop): job.shop}
    if not (folder / PRODUCTS).is_file():
        return Rewording(names)
    products = name_products(folder / PRODUCTS)
    return Rewording(names, products.products_file, products.titles)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a request that have the form of an upload's id."""
    if isinstance(value, str) and UPLOAD_ID.fullmatch(value):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _describe(error: Exception, rewording: Rewording, folder: Path) -> tuple[str, str]:
    """What is said of an error, without personal data, and the field at fault."""
    if isinstance(error, FrontrowError):
        return rewording.describe(error)
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"{first['msg']}.", ".".join(str(part) for part in first["loc"])
    if isinstance(error, MemoryError):
        return NO_MEMORY, ""
    if is_full_disk(error):
        return FULL_DISK, ""
    if isinstance(error, OSError) and error.strerror:
        name = Path(str(error.filename)).name if error.filename else "The server"
        return f"{name}: {error.strerror}. Whoever runs the server has to look at this.", ""
    places = list(_list_places(error))
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write("\n".join(places) + "\n")
    defect = f"This is a defect of frontrow {version('frontrow')}: {places[-1]}. Nothing is half written."
    return f"{defect} Please report this line to those who gave you frontrow.", ""


def _list_places(error: BaseException) -> Iterator[str]:
    """Each exception with its modules and lines, causes first; messages and source can hold values and stay out."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _list_places(earlier)
    places = [
        f"{_name_module(frame.filename)}, line {frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    yield from places
    own = next((place for place in reversed(places) if place.startswith("frontrow.")), "".join(places[-1:]))
    yield f"{type(error).__name__} in {own}"


def _name_module(filename: str) -> str:
    """The dotted name of a file within its package; folders of this machine are left out."""
    path = filename.replace("\\", "/").removesuffix(".py")
    inside = re.search(r"(?:site-packages/|/(?=frontrow/))(?!.*/frontrow/)(.+)$", path)
    return inside[1].replace("/", ".") if inside else path.rpartition("/")[2]


def _terminate(number: int, frame: FrameType | None) -> None:
    del frame
    # a second signal must not interrupt the removal of staged files
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(TERMINATED)


if __name__ == "__main__":
    main(sys.argv[1:])
