"""What the file of a bulk operation must hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileCheck:
    """What a bulk operation says of its file.

    Attributes:
        objects: Number of objects, children included.
        roots: Number of objects without a parent.
        size: Bytes; None where it does not say.
    """

    objects: int
    roots: int
    size: int | None = None


class IncompleteFileError(Exception):
    """The file is not what the operation made: cut off, damaged, or of another operation. It is fetched again."""
