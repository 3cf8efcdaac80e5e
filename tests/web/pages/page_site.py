"""A server of small shops, and a browser that is signed in to it; jobs run when a test says so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi.testclient import TestClient

from frontrow.web.app import create_app
from frontrow.web.jobs.child import run_job
from frontrow.web.jobs.job import Job
from frontrow.web.server_state import Server
from frontrow.web.settings import ServeSettings

TOKEN = "opening" * 6
SHOP = "garden"


@dataclass(frozen=True)
class Site:
    """A server as a browser sees it."""

    client: TestClient
    server: Server

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, status: int = 303, **fields: str | list[str]) -> tuple[str, str]:
        """Send a form; the text of the answer, and where it leads."""
        answer = self.client.post(path, data=fields)
        assert answer.status_code == status, answer.text
        return answer.text, answer.headers.get("location", "")

    def run(self, job_id: str) -> Job:
        """Do a job in this process, as its own process would."""
        self.server.jobs.start(job_id)
        run_job(self.server.runner.places, job_id)
        job = self.server.jobs.get(job_id)
        assert job is not None
        return job

    @property
    def shop_folder(self) -> Path:
        return self.server.settings.folder / SHOP


def open_site(folder: Path) -> Site:
    """A server of the shops of a folder, and a browser that came in by the address it printed."""
    app = create_app(ServeSettings(folder), opening_token=TOKEN)
    client = TestClient(
        app, base_url="http://127.0.0.1", follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert client.get(f"/enter?token={TOKEN}").status_code == 303
    return Site(client, app.state.server)
