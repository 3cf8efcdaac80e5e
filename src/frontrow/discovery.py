"""Files that add something by standing in a folder: a model, a source, an export."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any, TypeVar

Found = TypeVar("Found")


def found(folder: ModuleType, name: str) -> dict[str, Any]:
    """What the files of a folder call `name`, by file name; `base` is the contract and not one of them.

    Args:
        folder: A package; only files that stand in it are looked at.
        name: Of a class, a function or a constant.

    Example:
        >>> import frontrow.models.rankers
        >>> "boosted_trees" in found(frontrow.models.rankers, "Ranker")
        True
    """
    files = [one.name for one in pkgutil.iter_modules(folder.__path__) if one.name != "base"]
    loaded = {file: importlib.import_module(f"{folder.__name__}.{file}") for file in files}
    return {file: getattr(module, name) for file, module in loaded.items() if hasattr(module, name)}


def named(known: Mapping[str, Found], name: str, *, kind: str, error: type[Exception]) -> Found:
    """What is called `name`, or an error that lists what there is.

    Args:
        known: What `found` gave, or made of it.
        name: As a person writes it.
        kind: The word for one of them.
        error: What to raise.

    Example:
        >>> named({"klaviyo": 1}, "pigeon", kind="export", error=ValueError)
        Traceback (most recent call last):
        ValueError: "pigeon" is no export. The exports are: klaviyo.
    """
    if name not in known:
        raise error(f'"{name}" is no {kind}. The {kind}s are: {", ".join(sorted(known))}.')
    return known[name]
