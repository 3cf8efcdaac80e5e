"""Trained recommenders on disk: tables, arrays and text; nothing personal, and nothing that runs code."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from frontrow.errors import ArtifactError, RecommendationError
from frontrow.models.interactions.contexts import CONTEXT_SCHEMA
from frontrow.recommend.registry import BASKET_MODEL, recommender_named
from frontrow.recommend.rerank.repurchase import Bought
from frontrow.recommend.retrieve.items import SHELF_SCHEMA
from frontrow.schema import conform
from frontrow.storage.artifact import MANIFEST, read_manifest, write_artifact

if TYPE_CHECKING:
    from frontrow.recommend.trained import TrainedRecommender

KIND: Final = "trained recommender"
SHELF: Final = "shelf.parquet"
CUSTOMERS: Final = "contexts.parquet"
FITTED: Final = "model"
BESIDE: Final = "beside"
BOUGHT: Final = "bought"


def save(trained: TrainedRecommender, folder: Path) -> None:
    """Write a trained recommender; one saved there before is replaced, in one step.

    Raises:
        ArtifactError: The folder holds something else.
    """
    refuse_other(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(trained, staged / "new")
        if folder.exists():
            folder.replace(staged / "old")
        (staged / "new").replace(folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def refuse_other(folder: Path) -> None:
    """Whatever is not a trained recommender stays as it is.

    Raises:
        ArtifactError: The folder is there, is not empty and holds none, or it is a file.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise ArtifactError(f"{folder} holds something else than a trained recommender. Choose another folder.")


def load(folder: Path) -> TrainedRecommender:
    """Read a trained recommender.

    Raises:
        ArtifactError: The folder holds none, a damaged one, or parts of several.
    """
    from frontrow.recommend.trained import TrainedRecommender

    about = read_manifest(folder, KIND)
    if about.get("parts") != _parts(folder):
        raise ArtifactError(f"{folder} lacks a part of the model, or holds one of another. Train it again.")
    try:
        customers = pl.read_parquet((folder / CUSTOMERS).read_bytes())
        return TrainedRecommender(
            model=str(about["model"]),
            fitted=recommender_named(about["model"]).load(folder / FITTED),
            beside=recommender_named(BASKET_MODEL).load(folder / BESIDE) if about["beside"] else None,
            cutoff=dt.datetime.fromisoformat(about["cutoff"]),
            customer_ids=customers["customer_id"].to_numpy(),
            contexts=conform(customers, CONTEXT_SCHEMA),
            bought=Bought.load(folder / BOUGHT),
            shelf=conform(pl.read_parquet((folder / SHELF).read_bytes()), SHELF_SCHEMA),
            first_import=str(about["first_import"]),
        )
    except (KeyError, TypeError, ValueError, RecommendationError, pl.exceptions.PolarsError) as error:
        raise ArtifactError(f"{folder} holds a damaged model. Train it again.") from error


def _write(trained: TrainedRecommender, folder: Path) -> None:
    trained.fitted.save(folder / FITTED)
    trained.bought.save(folder / BOUGHT)
    if trained.beside is not None:
        trained.beside.save(folder / BESIDE)
    customers = trained.contexts.drop("company").insert_column(0, pl.Series("customer_id", trained.customer_ids))
    files: dict[str, str | bytes] = {SHELF: _parquet(trained.shelf), CUSTOMERS: _parquet(customers)}
    told = {
        "model": trained.model,
        "cutoff": trained.cutoff.isoformat(),
        "beside": trained.beside is not None,
        "first_import": trained.first_import,
        "parts": _parts(folder),
    }
    write_artifact(folder, KIND, files, told)


def _parts(folder: Path) -> str:
    """SHA-256 of the manifests of the folders below, which hold that of every other file there."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob(MANIFEST)):
        if path.parent != folder:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _parquet(table: pl.DataFrame) -> bytes:
    written = io.BytesIO()
    table.write_parquet(written)
    return written.getvalue()
