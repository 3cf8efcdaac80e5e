"""Every example of every page runs, in order, on a small demo shop."""

import os
import re
import shutil
import subprocess
import sys
from functools import partial

import polars as pl
import pytest
from docs_commands import OPTIONS, find_commands
from docs_pages import PAGES, ROOT, blocks

import frontrow.importing.formats
import frontrow.models.baselines
import frontrow.models.recommenders
from command_server import run_command_server
from frontrow import BacktestSettings, Shop, backtest, import_files
from frontrow.importing.format import get_format
from frontrow.models.baseline import baselines
from frontrow.recommend.evaluate.evaluation import evaluate
from frontrow.recommend.registry import get_recommender
from frontrow.testing.formats import FormatContract
from frontrow.testing.models import BaselineContract
from frontrow.testing.recommenders import RecommenderContract
from frontrow.testing.shops import table_file

DEMO = "frontrow demo --output demo"
SMALL = " --customers 600"
ACTIVATION = "source .venv/bin/activate"


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Runs commands in a folder as a user with an activated environment does."""
    with run_command_server(tmp_path_factory.mktemp("commands")) as programs:
        yield partial(run_in_shell, programs)


def run_in_shell(programs, script, folder):
    path = os.pathsep.join([str(programs), os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120
    result = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{script}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def demo_and_printed(shell, tmp_path_factory):
    """A folder in which the demo was run, on a smaller shop, and what it printed."""
    folder = tmp_path_factory.mktemp("pages")
    return folder, shell(DEMO + SMALL, folder)


@pytest.fixture(scope="module")
def demo(demo_and_printed):
    return demo_and_printed[0]


@pytest.fixture
def workspace(demo, tmp_path, monkeypatch):
    """A copy of that folder to work in, with the exports also in the place of the user's own."""
    shutil.copytree(demo, tmp_path, dirs_exist_ok=True)
    shutil.copytree(demo / "demo" / "exports", tmp_path / "exports")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(command):
    """Whether a command can only run in the checkout itself; such a command has to be correct."""
    if command.startswith("make "):
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert set(command.split()[1:]) <= set(targets), command
        return True
    if command.startswith(".venv/bin/python -m pytest "):
        assert (ROOT / command.split()[-1]).exists(), command
        return True
    return command in (ACTIVATION, DEMO)


def write_files(page, folder):
    """Blocks that are the content of a file become that file."""
    for block in blocks(page):
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, "utf-8")


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_examples_run(page, workspace, shell):
    write_files(page, workspace)
    names = {}
    for block in blocks(page):
        if block.language == "bash":
            script = "\n".join(line for line in block.text.splitlines() if not checked(line))
            if script:
                shell(script, workspace)
        elif block.language == "shell":
            # needs a service, such as a shop's own at Shopify
            commands = list(find_commands(block.text))
            assert commands, f"{page.name}, line {block.line}: no command of frontrow"
            for command, options in commands:
                assert options <= OPTIONS[command], f"{page.name}, line {block.line}: {command}"
        elif block.language == "python" and not block.file:
            exec(compile("\n" * block.line + block.text, page.name, "exec"), names)
        else:
            assert block.file or block.language in ("text", "json", "sql"), f"{page.name}, line {block.line}: not run"


def keeps_the_contract(contract, folder, **subject):
    """Run every test of a contract; not as a subclass, because other tests count the subclasses."""
    for name, value in subject.items():
        setattr(contract, name, value)
    for name in [name for name in dir(contract) if name.startswith("test_")]:
        (folder / name).mkdir()
        test = getattr(contract, name)
        test(*([folder / name] if test.__code__.co_argcount > 1 else []))


def test_the_demo_runs_the_main_job(demo_and_printed):
    folder, printed = demo_and_printed
    assert "times that of the best baseline" in " ".join(printed.split())
    for name in ("audience.csv", "report.html", "new.csv", "shop/shop.json"):
        assert (folder / "demo" / name).is_file()
    assert "@example.com" not in (folder / "demo" / "report.html").read_text("utf-8")


def test_the_tutorial_gives_what_it_promises(workspace, shell):
    page = ROOT / "docs" / "tutorial.md"
    promised = re.findall(
        r"^\| `([\w./]+)` \| ", page.read_text("utf-8").partition("in `demo/`")[2][:700], re.MULTILINE
    )
    assert promised
    assert all((workspace / "demo" / name).exists() for name in promised)
    shell("frontrow import my-shop demo/exports/*.csv --time-zone America/New_York", workspace)
    before = table_file(workspace / "my-shop", "orders").read_bytes()
    shell("frontrow import my-shop demo/exports/*.csv", workspace)
    assert table_file(workspace / "my-shop", "orders").read_bytes() == before


def test_the_example_model_is_in_the_back_test(workspace, monkeypatch):
    write_files(ROOT / "docs" / "add-a-model.md", workspace)
    added = str(workspace / "src" / "frontrow" / "models" / "baselines")
    monkeypatch.setattr(frontrow.models.baselines, "__path__", [*frontrow.models.baselines.__path__, added])
    example = next(baseline for baseline in baselines().values() if baseline.name == "overdue spend")
    keeps_the_contract(BaselineContract(), workspace, baseline=example, floor=0.65)
    result = backtest(Shop.read("demo/shop").as_of(), backtest_settings=BacktestSettings(test_days=90, min_buyers=3))
    values = result.values.filter(result.values["model"] == "overdue spend")
    assert values.height
    assert values["value"].is_finite().all()


def test_the_example_recommender_keeps_the_contract(workspace, monkeypatch):
    write_files(ROOT / "docs" / "add-a-model.md", workspace)
    added = str(workspace / "src" / "frontrow" / "models" / "recommenders")
    recommenders = frontrow.models.recommenders
    monkeypatch.setattr(recommenders, "__path__", [*recommenders.__path__, added])
    example = get_recommender("bought_again")
    keeps_the_contract(RecommenderContract(), workspace, recommender=example, floor=0.01, floor_new=0.01)
    result = evaluate(Shop.read("demo/shop"), models=["bought_again"], only=True)
    assert result.values["model"].unique().to_list() == ["bought_again"]


def test_the_example_format_keeps_the_contract(workspace, monkeypatch):
    write_files(ROOT / "docs" / "add-a-format.md", workspace)
    added = str(workspace / "src" / "frontrow" / "importing" / "formats")
    monkeypatch.setattr(frontrow.importing.formats, "__path__", [*frontrow.importing.formats.__path__, added])
    sample = workspace / "tests" / "importing" / "samples" / "till_journal.csv"
    keeps_the_contract(FormatContract(), workspace, file_format=get_format("till_journal"), sample=sample)
    assert import_files([sample], "till").files[0].dropped == {"returned": 1}


def test_the_consent_example_leaves_out_whoever_did_not_agree(workspace, shell):
    shell("python examples/with_consent.py demo/shop demo/audience.csv to-mail.csv", workspace)
    mailed = pl.read_csv("to-mail.csv")["email"]
    agreed = Shop.read("demo/shop").customers.filter("accepts_email").select("email").collect()["email"]
    assert 0 < mailed.len() < agreed.len()
    assert mailed.is_unique().all()
    assert mailed.is_in(agreed.implode()).all()
