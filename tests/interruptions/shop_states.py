"""What a shop and everything beside it say, without what differs from run to run: times and random names."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from frontrow.recommend.trained_register import TRAINING
from frontrow.shop.erase import UNFINISHED
from frontrow.storage.commit import digest_of
from frontrow.storage.pointer import POINTER, STAGED, Pointer
from frontrow.storage.shop_lock import LOCK

TIME = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
TABLE = re.compile(r"(tables/[a-z_]+)-\d{6,}-[0-9a-f]{8}")
SEAL = re.compile(rb'"(sha256|imports_digest)": "[0-9a-f]{64}"')
"""A digest of text in which there is a time: a file's own, and that of the record of imports."""

PARTS = re.compile(r"parts-[0-9a-f]{8}")

State = dict[str, str]
"""Digests by path."""


def read_shop_state(shop: Path) -> dict[str, Any] | None:
    """What somebody who opens a shop reads: every table, compared with its checksum, and the rest of the pointer.

    What an interrupted command is still to do outside the tables is left out. None where there is no shop.
    """
    if not (shop / POINTER).exists():
        return None
    pointer = Pointer.read(shop)
    wrong = [table.file for table in pointer.tables.values() if digest_of(shop / table.file) != table.sha256]
    if wrong:
        raise AssertionError(f"not what was written: {wrong}")
    sections = {name: value for name, value in pointer.sections.items() if name not in (STAGED, TRAINING, UNFINISHED)}
    files = sorted(path for path in shop.iterdir() if path.is_file() and path.name not in (POINTER, LOCK))
    return {
        "tables": {name: table.sha256 for name, table in sorted(pointer.tables.items())},
        "sections": _without_times(json.dumps(sections, sort_keys=True).encode()).decode(),
        "settings": {path.name: digest_of(path) for path in files},
    }


def read_state(place: Path) -> State:
    """Everything below a folder: files by content, folders, and what each shop says."""
    state: State = {}
    for path in sorted(place.rglob("*")):
        name = PARTS.sub("parts", TABLE.sub(r"\1", str(path.relative_to(place))))
        if path.name == LOCK:
            continue
        if path.is_dir():
            state[name] = "folder"
        elif path.name == POINTER:
            values = Pointer.read(path.parent)
            content = json.dumps([{name: table.sha256 for name, table in values.tables.items()}, dict(values.sections)])
            state[name] = _digest(_without_times(content.encode()))
        else:
            state[name] = _digest(path.read_bytes())
    return state


def _digest(content: bytes) -> str:
    if b"parts-" in content:
        content = re.sub(rb"parts-[0-9a-f]{8}", b"parts", content)
    try:
        content.decode()
    except UnicodeDecodeError:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha256(_without_times(content)).hexdigest()


def _without_times(content: bytes) -> bytes:
    return SEAL.sub(b"SEAL", TIME.sub(b"TIME", content))


def compare(state: State, expected: State) -> list[str]:
    """The names that differ."""
    return sorted(name for name in state.keys() | expected.keys() if state.get(name) != expected.get(name))
