"""A server of one small shop, as a program sees it; jobs are done in the process of the test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from frontrow.web.app import create_app
from frontrow.web.jobs.child import run_job
from frontrow.web.jobs.job import Job
from frontrow.web.server_state import Server
from frontrow.web.settings import ServeSettings

SHOP = "garden"


@dataclass(frozen=True)
class ApiSite:
    """A server, and a program that may do everything."""

    app: FastAPI
    client: TestClient
    token: str

    @property
    def server(self) -> Server:
        server: Server = self.app.state.server
        return server

    @property
    def shop_folder(self) -> Path:
        return self.server.settings.folder / SHOP

    def client_with(self, *scopes: str) -> TestClient:
        """A program with a token of its own."""
        name = "-".join(("program", *scopes))
        self.server.tokens.remove(name)
        return open_client(self.app, self.server.tokens.add(name, scopes))

    def run(self, job_id: str) -> Job:
        """Do a job, and return it as it ended."""
        assert self.server.jobs.start(job_id) is not None
        run_job(self.server.runner.places, job_id)
        job = self.server.jobs.get(job_id)
        assert job is not None
        return job

    def done(self, path: str, body: dict[str, Any]) -> Job:
        """Ask for a job, and do it."""
        answer = self.client.post(path, json=body)
        assert answer.status_code == 202, answer.text
        job = self.run(answer.json()["job_id"])
        assert job.state == "done", job.error
        return job


def open_client(app: FastAPI, token: str) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {token}"})


def open_api(folder: Path, **settings: Any) -> ApiSite:
    """A server of the shops of a folder; its runner does nothing."""
    app = create_app(ServeSettings(folder, **settings))
    token = app.state.server.tokens.add("test", ("read", "plan", "addresses"))
    return ApiSite(app, open_client(app, token), token)
