"""The contract that every connector keeps, beside what the tests with its own loopback server show."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from frontrow.errors import SettingError
from frontrow.service.sources import add_source
from frontrow.sources.checks import complete_source
from frontrow.sources.connector import Connector, list_connectors
from frontrow.sources.source import NAME, Source

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
CONNECTORS = {name: plugin for name, plugin in list_connectors().items() if name != "paged_orders"}
every_connector = pytest.mark.parametrize("kind", CONNECTORS)


def test_loading_all_of_them_loads_no_library_of_services():
    code = (
        "import sys\nfrom frontrow.sources.connector import list_connectors\nprint(len(list_connectors()))\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, _, loaded = done.stdout.partition("\n")
    assert int(count) >= 2
    libraries = {"httpx", "httpcore", "duckdb", "pyarrow", "adbc_driver_manager", "sqlite3", "boto3", "fsspec"}
    assert not {*loaded.split()} & libraries


@every_connector
def test_it_is_named_after_its_file_and_keeps_the_contract(kind):
    connector = CONNECTORS[kind]
    assert isinstance(connector, Connector)
    assert connector.name == kind
    assert NAME.fullmatch(kind)
    assert type(connector).__module__ == f"frontrow.sources.connectors.{kind}"


@every_connector
def test_its_settings_say_what_they_mean(kind):
    settings = CONNECTORS[kind].settings
    assert len({item.name for item in settings}) == len(settings) > 0
    for item in settings:
        assert len(item.meaning) > 8, item.name
        assert not (item.default and (item.secret or item.required)), item.name


@every_connector
def test_what_it_needs_is_brought_by_extras(kind):
    for package, extra in CONNECTORS[kind].packages.items():
        assert extra in EXTRAS, package


@every_connector
def test_a_source_that_states_too_little_is_refused_before_anything_is_written(kind, tmp_path):
    required = [item for item in CONNECTORS[kind].settings if item.required]
    if required:
        with pytest.raises(SettingError, match=f" {required[0].name}="):
            add_source(tmp_path / "shop", Source("main", kind))
    with pytest.raises(SettingError, match=f"{kind} has no such setting"):
        add_source(tmp_path / "shop", Source("main", kind, {"pigeon": "1"}))
    assert not (tmp_path / "shop").exists()


@every_connector
def test_a_secret_is_no_setting(kind):
    """A token that is typed as a setting would be stored."""
    for item in CONNECTORS[kind].settings:
        if item.secret:
            with pytest.raises(SettingError, match="has no such setting"):
                complete_source(Source("main", kind, {item.name: "abc"}), CONNECTORS[kind].settings)


@every_connector
def test_it_has_its_row_on_the_page_of_sources(kind):
    rows = [line for line in (ROOT / "docs" / "sources.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    assert any(f"`{kind}`" in row.split("|")[1] for row in rows)


def test_neither_the_library_nor_the_help_loads_a_connector_or_a_client():
    code = (
        "import sys, frontrow\nfrom frontrow.cli.application import build\nbuild()\n"
        "services = ('frontrow.sources.connectors', 'frontrow.push', 'httpx')\n"
        "print(*(name for name in sys.modules if name.startswith(services)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
