"""What the page for engineers shows works as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from api_site import SHOP, ApiSite

PAGE = Path(__file__).parents[3] / "docs" / "http-interface.md"
CODE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def read_blocks(language: str) -> list[str]:
    return [code for name, code in CODE.findall(PAGE.read_text("utf-8")) if name == language]


COMMANDS = [line for block in read_blocks("text") for line in block.splitlines() if line.startswith("curl ")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.rpartition("/")[2])
def test_the_commands_are_answered(site: ApiSite, trained: str, command: str) -> None:
    assert trained in " ".join(COMMANDS)
    words = shlex.split(command.replace("$TOKEN", site.token).replace("$SERVER", ""))
    headers: dict[str, str] = {}
    method, content, address = "GET", None, words[-1]
    for option, value in zip(words[1:-1:2], words[2:-1:2], strict=True):
        if option == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        elif option == "-d":
            method, content = "POST", value
        else:
            assert option == "-T"
            method, content = "PUT", "Name,Lineitem name\n#1,Pot\n"
    answer = site.client.request(method, address, headers=headers, content=content)
    assert answer.status_code in {200, 201, 202}, answer.text


def test_the_client_does_a_job(site: ApiSite, audience: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (program,) = read_blocks("python")
    names: dict[str, Any] = {}
    exec(compile(program, str(PAGE), "exec"), names)
    client = names["Frontrow"].__new__(names["Frontrow"])
    client.client = site.client
    body = site.client.get(f"/v1/jobs/{audience}").json()["request"]
    monkeypatch.setattr(site.server.runner, "wake", lambda: run_waiting(site))
    result = client.do("/v1/audiences", "from the page", shop=SHOP, products=body["products"])
    assert result["products"] == site.client.get(f"/v1/audiences/{audience}").json()["products"]
    with pytest.raises(RuntimeError, match="no shop of that name"):
        client.do("/v1/audiences", "nowhere", shop="nowhere", products=body["products"])


def run_waiting(site: ApiSite) -> None:
    """Do the newest job, in the place of the runner."""
    site.run(site.server.jobs.list(state="waiting", limit=1)[0].job_id)
