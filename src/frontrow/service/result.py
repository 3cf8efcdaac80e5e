"""What every result of a use case can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from frontrow.present.report_content import ReportContent
from frontrow.present.section import Section


class Result(Protocol):
    """The result of one use case, drawn by the command line and by pages, and given to programs as JSON."""

    @property
    def notices(self) -> Sequence[str]:
        """Sentences about what this run does differently from what was asked or stated."""
        ...

    def to_dict(self) -> Any:
        """Plain values for JSON; no personal data."""
        ...

    def sections(self) -> Sequence[Section]:
        """What a person reads."""
        ...


class Reportable(Protocol):
    """A result that a report is drawn from."""

    def report(self) -> ReportContent:
        """What the report shows."""
        ...
