"""The errors of a step on their way from a worker, with the place in a file or the setting that they are about."""

from __future__ import annotations

import json

from frontrow.errors import EngineError, FrontrowError, InputError, SettingError


def pack_refusal(error: FrontrowError) -> str:
    """An error as text for `unpack_refusal`.

    Args:
        error: Raised by a step.
    """
    values: dict[str, str | int | None] = {"message": str(error)}
    if isinstance(error, InputError):
        values |= {"sentence": error.sentence, "file": str(error.file), "row": error.row, "column": error.column}
    elif isinstance(error, SettingError):
        values["setting"] = error.setting
    return json.dumps(values)


def unpack_refusal(text: str) -> FrontrowError:
    """The error again: about a file, about a setting, or else of the engine, with the same message.

    Args:
        text: What `pack_refusal` made of it.

    Example:
        >>> refusal = InputError("is not a date", file="orders.csv", row=7, advice="Export it again.")
        >>> again = unpack_refusal(pack_refusal(refusal))
        >>> print(again)
        orders.csv, row 7: is not a date. Export it again.
        >>> again.row
        7
    """
    values = json.loads(text)
    if "file" in values:
        return InputError(values["sentence"], file=values["file"], row=values["row"], column=values["column"])
    if "setting" in values:
        return SettingError(values["setting"], values["message"])
    return EngineError(values["message"])
