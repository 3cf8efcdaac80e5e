"""What nobody planned for is answered, and who has left is not."""

from __future__ import annotations

import anyio
import pytest

pytest.importorskip("fastapi", reason="the server needs frontrow[web]")

from starlette.requests import ClientDisconnect

from frontrow.web.failures import Defects

SCOPE = {"type": "http", "method": "POST", "path": "/v1/x", "headers": [], "query_string": b"", "app": None}


def answer_after(error: Exception) -> list[dict]:
    """The messages that are sent where an application raises."""
    sent: list[dict] = []

    async def fail(*_):
        raise error

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    anyio.run(Defects(fail), dict(SCOPE), receive, send)
    return sent


def test_a_browser_that_went_on_is_no_defect(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer_after(ClientDisconnect()) == []
    assert capsys.readouterr().err == ""


def test_what_nobody_planned_for_is_a_defect_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    sent = answer_after(ValueError("anna@example.com"))
    assert sent[0]["status"] == 500
    assert "anna" not in str(sent) + capsys.readouterr().err
