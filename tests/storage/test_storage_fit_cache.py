"""A model is fitted once, again when an input changes, and again when what was saved cannot be read."""

import datetime as dt
import errno
import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from frontrow.errors import ArtifactError, MissingExtraError
from frontrow.storage.fit_cache import KEPT_MODELS, load_or_fit

CUTOFF = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


class Model(str):
    def save(self, path: Path) -> None:
        path.mkdir()
        (path / "model.txt").write_text(self)

    @classmethod
    def load(cls, path: Path) -> "Model":
        if (text := (path / "model.txt").read_text()) == "damaged":
            raise ArtifactError("damaged")
        return cls(text)


def cached(
    folder: Path, text: str = "never fitted", *, cutoff: dt.datetime = CUTOFF, seed: int = 0, **settings: Any
) -> str:
    return load_or_fit(
        folder / "models",
        cutoff,
        {"seed": seed},
        load=Model.load,
        fit=lambda: Model(text),
        save=Model.save,
        **settings,
    )


def test_it_is_fitted_once(tmp_path: Path) -> None:
    assert cached(tmp_path, "first") == cached(tmp_path) == "first"


def test_another_input_or_cutoff_is_fitted_beside_it(tmp_path: Path) -> None:
    assert cached(tmp_path, "first") == "first"
    assert cached(tmp_path, "second", seed=1) == "second"
    assert cached(tmp_path, "third", cutoff=CUTOFF - dt.timedelta(days=1)) == "third"
    assert [cached(tmp_path), cached(tmp_path, seed=1)] == ["first", "second"]
    names = sorted(path.name for path in (tmp_path / "models").iterdir())
    assert [name[:11] for name in names] == ["2026-02-28-", "2026-03-01-", "2026-03-01-"]


def test_only_the_models_used_last_stay(tmp_path: Path) -> None:
    for seed in range(KEPT_MODELS):
        cached(tmp_path, f"model {seed}", seed=seed)
    for number, path in enumerate(sorted((tmp_path / "models").iterdir())):
        os.utime(path, (number, number))
    assert cached(tmp_path, seed=0) == "model 0"
    (tmp_path / "models" / ".being-written").mkdir()
    (tmp_path / "models" / "note.txt").write_text("")
    for seed in range(KEPT_MODELS, 2 * KEPT_MODELS - 1):
        cached(tmp_path, f"model {seed}", seed=seed)
    names = [path.name for path in (tmp_path / "models").iterdir()]
    assert len([name for name in names if name.startswith("2026")]) == KEPT_MODELS
    assert {".being-written", "note.txt"} < set(names)
    assert cached(tmp_path, seed=0) == "model 0"
    assert cached(tmp_path, "again", seed=1, newest=1) == "again"
    assert len(list((tmp_path / "models").glob("2026*"))) == 1


def test_a_model_that_may_not_be_kept_is_used_once(tmp_path: Path) -> None:
    for text in ("first", "second"):
        assert cached(tmp_path, text, may_keep=lambda: nullcontext(False)) == text
    assert not list((tmp_path / "models").iterdir())


def test_what_a_killed_command_left_goes_with_the_next_model(tmp_path: Path) -> None:
    left = tmp_path / "models" / ".2026-02-01-0123456789ab-frontrow-a1b2c3d4"
    (left / "staged" / "new").mkdir(parents=True)
    cached(tmp_path, "first")
    assert not left.exists()
    (left / "staged" / "new").mkdir(parents=True)
    cached(tmp_path)
    assert not left.exists()


@pytest.mark.parametrize("damage", ["damaged", None])
def test_what_cannot_be_read_is_fitted_again(tmp_path: Path, damage: str | None) -> None:
    cached(tmp_path, "first")
    (file,) = (tmp_path / "models").rglob("model.txt")
    file.unlink() if damage is None else file.write_text(damage)
    assert cached(tmp_path, "second") == cached(tmp_path) == "second"


def test_a_missing_extra_is_reported(tmp_path: Path) -> None:
    def load(_: Path) -> Model:
        raise MissingExtraError("torch", extra="neural")

    with pytest.raises(MissingExtraError):
        load_or_fit(tmp_path, CUTOFF, {}, load=load, fit=lambda: Model("first"), save=Model.save)


def test_a_save_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def full(_: Model, path: Path) -> None:
        path.mkdir()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        load_or_fit(tmp_path / "models", CUTOFF, {}, load=Model.load, fit=lambda: Model("first"), save=full)
    assert not list((tmp_path / "models").iterdir())


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_who_may_only_read_gets_a_model_that_is_not_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    assert cached(tmp_path, "saved") == "saved"

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "utime", refuse)
    assert cached(tmp_path) == "saved"
    monkeypatch.setattr(os, "mkdir", refuse)
    assert cached(tmp_path, "not saved", seed=1) == "not saved"
    assert len(list((tmp_path / "models").iterdir())) == 1
