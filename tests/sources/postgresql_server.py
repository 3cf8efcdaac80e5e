"""A PostgreSQL server for tests: made in a second or two, on this machine alone, gone with the tests.

As root it runs as another user, for PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PASSWORD = "s3cr3t p@ss/word'%:"
READER_PASSWORD = "re@der/secret"
USERS = ("postgres", "nobody")
SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=20",
    "lock_timeout=5s",
)


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        port: On 127.0.0.1.
        folder: Its folder; it may write there.
    """

    port: int
    folder: Path

    def url(self, user: str = "admin", password: str = PASSWORD, port: int | None = None) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{port or self.port}/postgres?sslmode=disable"

    def run(self, *statements: str) -> None:
        import adbc_driver_manager
        import adbc_driver_postgresql

        with (
            adbc_driver_postgresql.connect(self.url()) as database,
            adbc_driver_manager.AdbcConnection(database) as connection,
        ):
            for sql in statements:
                with adbc_driver_manager.AdbcStatement(connection) as statement:
                    statement.set_sql_query(sql)
                    statement.execute_update()


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    in_path = shutil.which("initdb")
    candidates = [*reversed(versions), *([Path(in_path).resolve().parent] if in_path else [])]
    return next(
        (folder for folder in candidates if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None
    )


def find_user() -> str | None:
    """Whom it runs as: another user where this one is root, else this one; None where there is nobody."""
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in USERS if name in names), None)


def reason_to_skip() -> str:
    """Why there can be no server here; empty where there can be one."""
    if os.name == "nt" or find_programs() is None:
        return "PostgreSQL is not installed (Debian's package postgresql)"
    return "PostgreSQL does not run as root, and there is no other user" if not os.geteuid() and not find_user() else ""


@contextmanager
def run_server() -> Iterator[Server]:
    """A server with the user admin."""
    programs, user = find_programs(), find_user()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="frontrow-postgresql-"))
    try:
        folder.joinpath("password").write_text(PASSWORD + "\n", "utf-8")
        if user is not None:
            for path in (folder, folder / "password"):
                shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
        _run(programs / "initdb", "-D", str(folder / "data"), "-U", "admin", "-A", "scram-sha-256", "-E", "UTF8",
             "--locale=C", f"--pwfile={folder / 'password'}", "--no-sync", user=user)  # fmt: skip
        port = find_free_port()
        settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=''", *SETTINGS]
        options = " ".join(f"-c {setting}" for setting in settings)
        control = (programs / "pg_ctl", "-D", str(folder / "data"), "-s", "-w")
        _run(*control, "-l", str(folder / "log"), "-o", options, "start", user=user)
        try:
            yield Server(port, folder)
        finally:
            _run(*control, "-m", "immediate", "stop", user=user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(program: Path, *arguments: str, user: str | None) -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid} if user else {}
    done = subprocess.run(
        [str(program), *arguments], cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, check=False, **as_user,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
