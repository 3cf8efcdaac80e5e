"""The cache of fitted models in a shop's folder: a model is read back while nothing its fit depends on has changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeVar

from frontrow.errors import ArtifactError
from frontrow.storage.durable import (
    make_private,
    make_private_folder,
    pass_over_read_only,
    report_full_disk,
    sync_folder,
    sync_tree,
)
from frontrow.storage.folder import staging_folder, sweep_staging

KEPT_MODELS: Final = 5
"""Fitted models of a sort that are kept: one for each way a shop is usually asked, and not one for each night."""

KEY: Final = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}")
"""What the file name of a model begins with."""

Model = TypeVar("Model")


def load_or_fit(
    folder: Path,
    cutoff: dt.datetime,
    inputs: Mapping[str, Any],
    *,
    load: Callable[[Path], Model],
    fit: Callable[[], Model],
    save: Callable[[Model, Path], object],
    suffix: str = "",
    newest: int = KEPT_MODELS,
    may_keep: Callable[[], AbstractContextManager[bool]] = lambda: nullcontext(True),
) -> Model:
    """Read a model back where it was fitted before; else fit it and save it.

    What is saved appears in one step. A saved model that is missing, damaged or of another frontrow is fitted again.
    For a user who may only read the folder, a model is fitted and not saved.

    Args:
        folder: Where models of this sort are saved: a folder below the shop's.
        cutoff: The instant before which everything was known; its date begins the file name.
        inputs: Everything else that the fit depends on, as JSON values (`str` of all others). The cutoff and
            frontrow's version are added; the digest of all of it is part of the file name.
        load: Reads the model from its path; ArtifactError, OSError, ValueError and TypeError mean that it cannot.
        fit: Fits the model.
        save: Writes the model to a path, as a file or a folder.
        suffix: Ends the file name, ".json" for instance.
        newest: Keep so many models of this sort, those used last, once a new one is saved.
        may_keep: Says whether a fitted model may be saved, while its place is taken.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as shop:
        ...     for constant in (1, 2):
        ...         text = load_or_fit(
        ...             Path(shop) / "models",
        ...             dt.datetime(2026, 3, 1),
        ...             {"seed": 0},
        ...             load=Path.read_text,
        ...             fit=lambda: f"constant {constant}",
        ...             save=lambda model, path: path.write_text(model),
        ...         )
        >>> text
        'constant 1'
    """
    path = model_path(folder, cutoff, inputs, suffix=suffix)
    # a model that another command replaces at this moment cannot be read either
    with suppress(ArtifactError, OSError, ValueError, TypeError):
        model = load(path)
        # a user who may only read the shop cannot say that the model was used
        with suppress(OSError):
            os.utime(path)
        # a killed command may have saved the model and left its staging folder
        sweep_staging(folder)
        return model
    model = fit()
    with pass_over_read_only():
        _keep(model, path, save, may_keep)
        _prune(folder, path, suffix, newest)
    return model


def model_path(folder: Path, cutoff: dt.datetime, inputs: Mapping[str, Any], *, suffix: str = "") -> Path:
    """Where `load_or_fit` saves a model, whether there is one or not.

    Args:
        folder: See `load_or_fit`.
        cutoff: See `load_or_fit`.
        inputs: See `load_or_fit`.
        suffix: See `load_or_fit`.
    """
    values = {**inputs, "cutoff": cutoff.isoformat(), "version": version("frontrow")}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
    return folder / f"{cutoff.date()}-{digest[:12]}{suffix}"


def _keep(
    model: Model,
    path: Path,
    save: Callable[[Model, Path], object],
    may_keep: Callable[[], AbstractContextManager[bool]],
) -> None:
    """Save a model, and put it in its place where that is allowed."""
    if not path.parent.parent.exists():
        make_private_folder(path.parent.parent)
    make_private_folder(path.parent)
    with report_full_disk(path), staging_folder(path) as staged, report_full_disk(path):
        save(model, staged / "new")
        make_private(staged / "new")
        sync_tree(staged)
        with may_keep() as allowed:
            if allowed:
                _put(staged, path)


def _put(staged: Path, path: Path) -> None:
    """Put a model in its place; one that could not be read makes room."""
    if path.exists():
        path.replace(staged / "old")
    (staged / "new").replace(path)
    sync_folder(path.parent)


def _prune(folder: Path, path: Path, suffix: str, newest: int) -> None:
    """Remove the models of one sort that were not used for longest, and what interrupted commands left."""
    sweep_staging(folder)
    others = [
        other
        for other in folder.iterdir()
        if other != path and (key := KEY.match(other.name)) and other.name[key.end() :] == suffix
    ]
    used = {other: other.stat().st_mtime_ns for other in others}
    for other in sorted(others, key=lambda other: (used[other], other.name), reverse=True)[newest - 1 :]:
        _remove(other)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
