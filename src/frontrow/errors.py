"""The errors frontrow raises on purpose; anything else that escapes is a defect.

The tree::

    FrontrowError
    ├── InputError             a file that a person provided cannot be used as it is
    │   └── UnknownFormatError   ... because its header matches no known export
    ├── FrameError             a frame, a table in memory, cannot be used as it is
    ├── SettingError           a setting is out of range, or contradicts another one
    ├── ShopError              the shop folder is missing, damaged or of another format version
    │   └── ShopLockedError      ... or another command works on it
    ├── LaunchError            the history is too short: no past launches, or no customers to score
    ├── RecommendationError    the history is too short, or a model or product does not exist
    ├── CampaignError          a campaign cannot be planned or measured
    ├── ArtifactError          a saved model is missing, damaged or of another format version
    ├── DiskFullError          there is no space left to write to; everything is as it was
    ├── EngineError            the engine that works on order lines cannot start, or cannot finish its work
    ├── RemoteError            a service cannot be reached, refuses, or answers with what it should not
    │   └── CredentialError      ... because a secret is missing, expired or lacks a scope
    ├── ServerError            a server cannot start: its port is taken, or nobody could sign in
    └── MissingExtraError      an optional dependency is needed and not installed

Every message says what was found, what was expected and what to do. No message holds a value that could
identify a person: headers and cells are shown as `masking` shows them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from frontrow.masking import mask_column


class FrontrowError(Exception):
    """Base of every error that frontrow raises on purpose."""


class InputError(FrontrowError):
    """A file that a person provided cannot be used as it is.

    Attributes:
        file: The file at fault.
        row: 1-based row of the file as a spreadsheet shows it (the header is row 1); None for the whole file.
        column: The column's name as in the file; None for the whole row or file. The message shows its shape if it
            could be a person's name.
        sentence: The message without the place, for where the place is seen: beside a field, say.

    Example:
        >>> print(InputError("is not a date", file="orders.csv", row=7, column="Created at", advice="Export it again."))
        orders.csv, row 7, column "Created at": is not a date. Export it again.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path,
        row: int | None = None,
        column: str | None = None,
        advice: str = "",
    ) -> None:
        self.file = Path(file)
        self.row = row
        self.column = column
        self.sentence = f"{problem.rstrip('.')}. {advice}".rstrip()
        location = self.file.name or str(self.file)
        if row is not None:
            location += f", row {row}"
        if column is not None:
            location += f', column "{mask_column(column)}"'
        super().__init__(f"{location}: {self.sentence}")


class UnknownFormatError(InputError):
    """The file's header matches no known export."""


class FrameError(FrontrowError):
    """A frame, a table in memory, cannot be used as it is.

    Attributes:
        frame: What it holds, such as "orders".
        column: The column at fault; None for the whole frame.

    Example:
        >>> print(FrameError("is missing, expected a number", frame="orders", column="price"))
        orders, column "price": is missing, expected a number.
    """

    def __init__(self, problem: str, *, frame: str, column: str | None = None, advice: str = "") -> None:
        self.frame = frame
        self.column = column
        place = frame if column is None else f'{frame}, column "{column}"'
        super().__init__(f"{place}: {problem.rstrip('.')}. {advice}".rstrip())


class SettingError(FrontrowError):
    """A setting is out of range, or contradicts another one.

    Attributes:
        setting: Its name; the command line shows it as an option, a page beside its field.

    Example:
        >>> SettingError("sales_days", "Days must lie within the horizon.").setting
        'sales_days'
    """

    def __init__(self, setting: str, problem: str) -> None:
        self.setting = setting
        super().__init__(problem)


class ShopError(FrontrowError):
    """The shop folder is missing, damaged or of another format version."""


class ShopLockedError(ShopError):
    """Another command works on the shop; the same command may be run again when that one has ended."""


class LaunchError(FrontrowError):
    """The history is too short: it has no past launches to learn from, or no customers to score."""


class RecommendationError(FrontrowError):
    """Recommendations cannot be made or tested: the history is too short, or a model or product does not exist."""


class CampaignError(FrontrowError):
    """A campaign cannot be planned or measured: its amounts, customers or days do not fit together."""


class ArtifactError(FrontrowError):
    """A saved model is missing, damaged or of another format version."""


class DiskFullError(FrontrowError):
    """There is no space left on the disk, or in the quota of its user; everything is as it was."""


class EngineError(FrontrowError):
    """The engine that works on order lines cannot start, is set up differently from here, or cannot finish its work."""


class RemoteError(FrontrowError):
    """A service cannot be reached, refuses a call, or answers with what it should not; the shop is as it was."""


class CredentialError(RemoteError):
    """A secret is missing, expired, open to others, or lacks a scope; messages say where it lies, not what it is."""


class ServerError(FrontrowError):
    """A server cannot start: its port is taken, another one works on the folder, or nobody could sign in."""


class MissingExtraError(FrontrowError):
    """An optional dependency is needed and not installed.

    Example:
        >>> print(MissingExtraError("pyspark", extra="spark"))
        pyspark is not installed. Install it with: pip install 'frontrow[spark]'
    """

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(f"{package} is not installed. Install it with: pip install 'frontrow[{extra}]'")


def require(package: str, *, extra: str) -> None:
    """Make sure that an optional package can be imported.

    Args:
        package: Its import name.
        extra: The extra of frontrow that installs it.

    Raises:
        MissingExtraError: It is not installed.

    Example:
        >>> require("json", extra="neural")
    """
    if find_spec(package) is None:
        raise MissingExtraError(package, extra=extra)
