"""A model is fitted once, again when an input changes, and again when what was saved cannot be read."""

import datetime as dt
from pathlib import Path

import pytest

from frontrow.errors import ArtifactError, MissingExtraError
from frontrow.storage.fit_cache import load_or_fit

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
    folder: Path, text: str = "never fitted", *, cutoff: dt.datetime = CUTOFF, seed: int = 0, only_latest: bool = False
) -> str:
    return load_or_fit(
        folder / "models",
        cutoff,
        {"seed": seed},
        load=Model.load,
        fit=lambda: Model(text),
        save=Model.save,
        only_latest=only_latest,
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


def test_only_the_latest_stays_with_that_setting(tmp_path: Path) -> None:
    cached(tmp_path, "first")
    (tmp_path / "models" / ".being-written").mkdir()
    (tmp_path / "models" / "note.txt").write_text("")
    cached(tmp_path, "second", seed=1, only_latest=True)
    assert sorted(path.name[:4] for path in (tmp_path / "models").iterdir()) == [".bei", "2026"]
    assert cached(tmp_path, "third") == "third"


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
