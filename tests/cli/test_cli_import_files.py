"""`frontrow import` reads standard input and compressed files as it reads the file itself."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from frontrow.errors import SettingError
from frontrow.service.file_arguments import gather_files
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files

ORDERS = "order_id,ordered_at,title,quantity,price\n1,2026-03-01,Pot,1,9.5\n2,2026-03-02,Vase,2,4\n"


def test_standard_input_gives_the_shop_that_the_file_gives(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, "utf-8")
    import_files([file], tmp_path / "of_file", settings=ImportSettings(time_zone="UTC"))
    command = [sys.executable, "-m", "frontrow.cli", "import", str(tmp_path / "of_stream"), "-", "--time-zone", "UTC"]
    content = gzip.compress(ORDERS.encode())
    piped = subprocess.run([*command, "--json"], input=content, capture_output=True, timeout=60, check=True)
    assert json.loads(piped.stdout)["files"][0]["file"] == "standard input.csv"
    orders = [Shop.read(tmp_path / name).orders.collect() for name in ("of_file", "of_stream")]
    assert orders[0].equals(orders[1])


def test_standard_input_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="once"), gather_files(["-", str(tmp_path), "-"], sys.stdin.buffer):
        pass
