"""JSON is standard JSON, and damage is reported as the given error."""

import datetime as dt
from pathlib import Path

import pytest

from frontrow.errors import ShopError
from frontrow.storage.json_file import read_json, to_json_text, write_json


def test_the_text_is_standard_json() -> None:
    value = {"a": (1, float("-inf")), "at": dt.datetime(2026, 3, 1, 12), "folder": Path("shop"), "name": "é"}
    assert to_json_text(value, indent=None) == (
        '{"a": [1, null], "at": "2026-03-01T12:00:00", "folder": "shop", "name": "\\u00e9"}\n'
    )
    assert to_json_text("é", ascii_only=False) == '"é"\n'


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"share": null}', "\x00", "null"])
def test_damage_is_reported_as_the_given_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "control.json"
    path.write_text(text)
    with pytest.raises(ShopError, match="is damaged"):
        read_json(path, lambda values: float(values["share"]), damaged=ShopError("control.json is damaged"))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "control.json"
    write_json({"share": 0.1}, path)
    assert path.read_text() == '{\n  "share": 0.1\n}\n'
    assert read_json(path, dict, damaged=ShopError("damaged")) == {"share": 0.1}
