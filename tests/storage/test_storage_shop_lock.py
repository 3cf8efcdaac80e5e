"""One command changes a shop at a time, and a command that dies gives the lock back."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from frontrow.errors import ShopError, ShopLockedError
from frontrow.storage.commit import commit
from frontrow.storage.shop_lock import LOCK, lock_shop

HOLDER = """
import sys, time
from pathlib import Path
from frontrow.storage.shop_lock import lock_shop
with lock_shop(Path(sys.argv[1]), "import"):
    print("locked", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    commit(tmp_path / "shop", {}, {})
    return tmp_path / "shop"


@pytest.fixture
def holder(folder: Path):
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_another_command_is_refused_and_told_who_has_the_lock(folder, holder):
    expected = rf"frontrow import, process {holder.pid}, since .* --wait SECONDS"
    with pytest.raises(ShopLockedError, match=expected), lock_shop(folder, "forget", wait=0):
        pytest.fail("two commands have the lock")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_killed_command_gives_the_lock_back(folder, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with lock_shop(folder, "forget", wait=0):
        assert json.loads((folder / LOCK).read_text())["command"] == "forget"


def test_a_command_waits_as_long_as_it_should(folder):
    entered, leave, order = threading.Event(), threading.Event(), []

    def first() -> None:
        with lock_shop(folder, "import"):
            entered.set()
            leave.wait(10)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait(10)
    start = time.monotonic()
    with pytest.raises(ShopLockedError), lock_shop(folder, "config", wait=0.2):
        pytest.fail("two threads have the lock")
    assert 0.2 <= time.monotonic() - start < 5
    threading.Timer(0.1, leave.set).start()
    with lock_shop(folder, "config", wait=10):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_a_command_may_lock_again_what_it_has_locked(folder):
    refusals = []

    def other() -> None:
        with pytest.raises(ShopLockedError) as caught, lock_shop(folder, "import", wait=0):
            pytest.fail("two threads have the lock")
        refusals.append(caught.value)

    with lock_shop(folder, "campaign", wait=0):
        with lock_shop(folder, "contacted", wait=0):
            pass
        # the inner one gives back its own part only
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refusals) == 1
    with lock_shop(folder, "import", wait=0):
        assert json.loads((folder / LOCK).read_text())["command"] == "import"


def test_only_a_new_shop_makes_a_folder(tmp_path):
    with pytest.raises(ShopError, match="holds no shop"), lock_shop(tmp_path / "shop", "forget"):
        pytest.fail("there is no shop")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ZeroDivisionError), lock_shop(tmp_path / "shop", "import", new=True):
        1 / 0  # noqa: B018
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").write_text("")
    with pytest.raises(ShopError, match="is not a folder"), lock_shop(tmp_path / "file", "import", new=True):
        pytest.fail("this is a file")


def test_a_lock_that_is_a_link_is_refused_and_what_it_points_to_stays(folder, tmp_path):
    (tmp_path / "mine").write_text("mine")
    (folder / LOCK).symlink_to(tmp_path / "mine")
    with pytest.raises(ShopError, match="cannot be locked"), lock_shop(folder, "import"):
        pytest.fail("the lock is a link")
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.usefixtures("holder")
def test_a_note_that_says_nothing_costs_the_name_only(folder):
    (folder / LOCK).write_text('{"command": 3}')
    with (
        pytest.raises(ShopLockedError, match=r"by another command\. Nothing was done"),
        lock_shop(folder, "config", wait=0),
    ):
        pytest.fail("two commands have the lock")
