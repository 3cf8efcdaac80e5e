"""What a worker could not do is said here as it would be without a cluster."""

from __future__ import annotations

import pytest

from frontrow.engines.refusals import pack_refusal, unpack_refusal
from frontrow.errors import EngineError, FrontrowError, InputError, LaunchError, SettingError


@pytest.mark.parametrize(
    ("error", "kind", "attributes"),
    [
        (
            InputError("holds 3 currencies", file="a.csv", row=2, column="Total", advice="Export them apart."),
            InputError,
            ("sentence", "file", "row", "column"),
        ),
        (InputError("is empty", file="a.csv"), InputError, ("sentence", "file", "row", "column")),
        (SettingError("engine", "Write --engine local."), SettingError, ("setting",)),
        (LaunchError("The history is too short."), EngineError, ()),
    ],
)
def test_an_error_arrives_with_its_message_and_its_place(
    error: FrontrowError, kind: type[FrontrowError], attributes: tuple[str, ...]
) -> None:
    again = unpack_refusal(pack_refusal(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert [getattr(again, name) for name in attributes] == [getattr(error, name) for name in attributes]
