"""A stand-in for the program `frontrow` that starts in a moment: a server forks a child that has imported everything.

The pages of the documentation start some hundred commands, and half of their time went into imports. A folder with a
small program `frontrow` comes first in the path of a shell; it hands its arguments, folder, environment and streams to
the server, and ends with the exit code of the child. A command that runs until it is stopped is started as it is.
"""

from __future__ import annotations

import array
import importlib
import json
import os
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from frontrow.cli.tree_import import import_trees_alone

sys.path.insert(0, str(Path(__file__).parent / "interruptions"))

from forked import import_everything, run_main

PROGRAM = """#!{python} -SE
import array, json, os, socket, sys

if sys.argv[1:2] == ["serve"]:
    os.execv({frontrow!r}, sys.argv)
request = json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    streams = array.array("i", [0, 1, 2]).tobytes()
    server.sendmsg([len(request).to_bytes(8, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
    server.sendall(request)
    code = server.recv(4)
sys.exit(int.from_bytes(code, "big") if code else 70)
"""


@contextmanager
def run_command_server(folder: Path) -> Iterator[Path]:
    """Run the server for as long as the block lasts; gives the folder that holds the program `frontrow`."""
    address, programs = folder / "server", folder / "bin"
    programs.mkdir()
    frontrow = Path(sys.executable).parent / "frontrow"
    program = PROGRAM.format(python=sys.executable, frontrow=str(frontrow), address=str(address))
    (programs / "frontrow").write_text(program, "utf-8")
    (programs / "frontrow").chmod(0o700)
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    server = subprocess.Popen(
        [sys.executable, "-c", "import command_server; command_server.serve()", str(address)],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
    )
    try:
        while not address.exists():
            assert server.poll() is None, "the server of commands ended"
            time.sleep(0.05)
        yield programs
    finally:
        server.kill()
        server.wait()


def serve() -> None:
    """Answer until killed; no thread is started here, which a fork would not copy."""
    import_trees_alone()
    import_everything()
    os.fsync = lambda _descriptor: None  # as in conftest.py
    address = Path(sys.argv[1])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{address}.new")
    listener.listen()
    Path(f"{address}.new").rename(address)
    imports = Path(f"{address}.imports")
    imports.touch()
    while True:
        connection, _ = listener.accept()
        _import(imports)
        if os.fork():
            connection.close()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        else:
            listener.close()
            _answer(connection, imports)


def _import(names: Path) -> None:
    """Import what earlier commands imported when they ran: the next need not."""
    for name in names.read_text("utf-8").splitlines():
        if name not in sys.modules:
            with suppress(Exception):
                importlib.import_module(name)


def _answer(connection: socket.socket, imports: Path) -> None:
    """Run one command in this child, and end with it."""
    code = 70
    try:
        header, ancillary, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(3 * 4))
        streams = array.array("i", ancillary[0][2])
        size, request = int.from_bytes(header, "big"), b""
        while len(request) < size:
            request += connection.recv(size - len(request))
        arguments, folder, environment = json.loads(request)
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
            os.close(descriptor)
        # the server's own were opened on other files
        sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        code = run_main(arguments)
        with imports.open("a", encoding="utf-8") as file:
            file.write("".join(f"{name}\n" for name in sys.modules if not name.startswith("__")))
    except BaseException:
        traceback.print_exc()
    finally:
        connection.sendall(code.to_bytes(4, "big"))
        os._exit(code)
