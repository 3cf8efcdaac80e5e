"""The cache of fitted models in a shop's folder: a model is read back while nothing its fit depends on has changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from frontrow.errors import ArtifactError
from frontrow.storage.folder import staging_folder

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
    only_latest: bool = False,
) -> Model:
    """Read a model back where it was fitted before; else fit it and save it.

    What is saved appears in one step. A saved model that is missing, damaged or of another frontrow is fitted again.

    Args:
        folder: Where models of this sort are saved: a folder below the shop's.
        cutoff: The instant before which everything was known; its date begins the file name.
        inputs: Everything else that the fit depends on, as JSON values (`str` of all others). The cutoff and
            frontrow's version are added; the digest of all of it is part of the file name.
        load: Reads the model from its path; ArtifactError, OSError, ValueError and TypeError mean that it cannot.
        fit: Fits the model.
        save: Writes the model to a path, as a file or a folder.
        suffix: Ends the file name, ".json" for instance.
        only_latest: Remove the other models of `folder` once a new one is saved.

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
        return load(path)
    model = fit()
    with staging_folder(path) as staged:
        save(model, staged / "new")
        if path.exists():
            path.replace(staged / "old")
        (staged / "new").replace(path)
    if only_latest:
        for other in folder.iterdir():
            # a name with a dot before it is being written by another command
            if other != path and not other.name.startswith("."):
                _remove(other)
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


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
