"""Bulk operations from the question to the checked file: started, waited for, begun again where they failed.

What a failed operation leaves (`partialDataUrl`) is never taken: it is a part, and nothing says which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from frontrow.errors import CredentialError, RemoteError
from frontrow.sources.shopify.admin import DENIED, AdminApi
from frontrow.sources.shopify.file_check import FileCheck, IncompleteFileError
from frontrow.sources.shopify.operation import COMPLETED, RUNNING, Operation, find_unfinished, look_up, start
from frontrow.sources.shopify.plan import Plan

MOST_FAILURES: Final = 3
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 15.0
LONGEST_BUSY: Final = 3600.0
"""Seconds that are waited for other operations of the app to end."""

Reader = Callable[[str, Path, FileCheck], list[int]]
"""Reads the file of a kind, writes what it says, and returns the counts for the plan; may raise IncompleteFileError."""


class BulkRun:
    """Runs the operations of a plan until the file of each is read.

    Args:
        api: The shop's.
        plan: What was begun, and what is finished.
        read: Reads a file that has come.
        report: Told how many kinds are finished.
    """

    def __init__(self, api: AdminApi, plan: Plan, read: Reader, report: Callable[[int], None]) -> None:
        self._api = api
        self._plan = plan
        self._read = read
        self._report = report
        self._was_refused = False

    def run(self) -> None:
        """Run them all.

        Raises:
            RemoteError: An operation failed again and again, or cannot start.
            CredentialError: A scope is missing.
        """
        wait, busy = FIRST_WAIT, 0.0
        self._adopt()
        while kinds := [kind for kind in self._plan.queries if kind not in self._plan.counts]:
            self._report(len(self._plan.queries) - len(kinds))
            self._start(kinds)
            before = len(self._plan.counts)
            for kind in kinds:
                self._advance(kind)
            if len(self._plan.counts) > before:
                wait = FIRST_WAIT
                continue
            # only others' operations are waited for
            busy = busy + wait if self._was_refused and not self._plan.started else 0.0
            if busy > LONGEST_BUSY:
                raise RemoteError(
                    "Shopify runs other bulk operations of this app, and no further one can start. Run the command "
                    "again when they have ended, or use an app of its own for frontrow."
                )
            self._api.client.pause(wait)
            wait = min(2 * wait, LONGEST_WAIT)
        self._report(len(self._plan.queries))

    def _adopt(self) -> None:
        """Go on with operations that a killed sync started and could not note."""
        missing = [
            kind for kind in self._plan.queries if kind not in self._plan.counts and kind not in self._plan.started
        ]
        if not missing:
            return
        unfinished = find_unfinished(self._api)
        for kind in missing:
            if self._plan.queries[kind] in unfinished:
                self._plan.started[kind] = unfinished[self._plan.queries[kind]]

    def _start(self, kinds: list[str]) -> None:
        self._was_refused = False
        before = len(self._plan.started)
        for kind in (kind for kind in kinds if kind not in self._plan.started):
            operation = start(self._api, self._plan.queries[kind])
            if operation is None:
                self._was_refused = True
                break
            self._plan.started[kind] = operation
        if len(self._plan.started) > before:
            # a sync that is killed before finds them by their query
            self._plan.save()

    def _advance(self, kind: str) -> None:
        """Look how far the operation of a kind is, and fetch its file where it is there."""
        if kind not in self._plan.started:
            return
        operation = look_up(self._api, self._plan.started[kind].id)
        if operation is not None and operation.status in RUNNING:
            return
        if operation is None or operation.status != COMPLETED:
            self._begin_again(kind, operation)
            return
        try:
            self._plan.counts[kind] = self._fetch(kind, operation)
        except IncompleteFileError as error:
            self._fail(kind, f"its file was not complete: {error}")
        self._plan.save()

    def _fetch(self, kind: str, operation: Operation) -> list[int]:
        # of this operation and no other: an earlier one's file holds an earlier state
        number = re.sub(r"\D", "", self._plan.started[kind].id)
        file = self._plan.folder / f"{kind}-{number}.jsonl"
        if operation.url is None:
            file.write_bytes(b"")
        elif not file.is_file():
            self._download(kind, operation.url, file)
        try:
            return self._read(kind, file, operation.check)
        finally:
            # complete or not, it is not needed again
            file.unlink(missing_ok=True)

    def _download(self, kind: str, url: str, file: Path) -> None:
        try:
            self._api.client.download(url, file)
        except RemoteError:
            operation = look_up(self._api, self._plan.started[kind].id)
            if operation is None or operation.url in (None, url):
                raise
            # the address had expired
            self._api.client.download(operation.url, file)

    def _begin_again(self, kind: str, operation: Operation | None) -> None:
        if operation is not None and operation.error == DENIED:
            raise CredentialError(
                f"Shopify denies access to the {kind}: the token lacks the scope read_{kind}, or the app may not "
                "read what names a customer. Give the app both, and run the command again."
            )
        del self._plan.started[kind]
        self._fail(kind, "it expired" if operation is None else operation.error or operation.status)
        self._plan.save()

    def _fail(self, kind: str, problem: str) -> None:
        failures = self._plan.failures.get(kind, 0) + 1
        self._plan.failures[kind] = 0 if failures >= MOST_FAILURES else failures
        if failures >= MOST_FAILURES:
            self._plan.started.pop(kind, None)
            self._plan.save()
            raise RemoteError(
                f"Shopify's bulk operation for the {kind} failed {failures} times ({problem}). What came is a part "
                "only, so nothing was taken, and the shop is as it was. Run the command again later."
            )
