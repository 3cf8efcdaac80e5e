"""The house rules that a reader relies on, checked on the source itself."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import frontrow

SOURCE = Path(frontrow.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))

# Each room may import what stands in the rooms named, and itself. Data flows one way:
# sources -> shop -> features -> models -> launch / recommend -> campaign -> report -> cli.
GROUND = {"errors", "schema", "discovery"}
UPSTREAM: dict[str, set[str]] = {
    "errors": set(),
    "schema": set(),
    "metrics": set(),
    "ranking_metrics": set(),
    "calibration_metrics": set(),
    "engine": set(),
    "sources": GROUND,
    "discovery": set(),
    "shop": {*GROUND, "sources"},
    "artifact": {*GROUND, "shop"},
    "features": {*GROUND, "engine"},
    "training": {*GROUND},
    "models": {*GROUND, "artifact", "metrics", "ranking_metrics", "shop", "features", "training"},
    "launch": {*GROUND, "artifact", "metrics", "calibration_metrics", "engine", "shop", "features", "models"},
    "recommend": {*GROUND, "artifact", "metrics", "ranking_metrics", "engine", "shop", "features", "models", "launch"},
    "campaign": {*GROUND, "artifact", "metrics", "engine", "shop", "features", "models", "launch"},
    "synthetic": {*GROUND, "shop"},
    "report": {*GROUND, "metrics", "engine", "shop", "features", "models", "launch", "recommend", "campaign"},
    "cli": {
        *{*GROUND, "metrics", "engine", "sources", "shop", "features", "models", "launch", "recommend"},
        *{"campaign", "synthetic", "report"},
    },
}
# `frontrow` itself shows the public names, and `testing` has to reach into every room.
OPEN = {"__init__", "testing"}
FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "tensorflow", "keras"}


def _room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def _package(path: Path) -> list[str]:
    return ["frontrow", *path.relative_to(SOURCE).parts[:-1]]


def _imports(path: Path) -> list[tuple[int, str]]:
    """Line and full name of everything a file imports, inside functions too; relative imports made absolute."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = _package(path)
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return found


def _room_of(name: str) -> str:
    """The room an imported name of frontrow stands in."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in {*UPSTREAM, *OPEN} else "__init__"


def test_every_room_is_on_the_plan() -> None:
    assert {_room(path) for path in MODULES} <= {*UPSTREAM, *OPEN}


def test_the_plan_has_no_circle() -> None:
    placed: set[str] = set()
    while len(placed) < len(UPSTREAM):
        free = {room for room, needs in UPSTREAM.items() if room not in placed and needs <= placed}
        assert free, f"rooms that need each other: {set(UPSTREAM) - placed}"
        placed |= free


def test_imports_are_read_wherever_they_stand() -> None:
    names = {name for _, name in _imports(SOURCE / "models" / "gradient_boosting.py")}
    assert {"lightgbm", "frontrow.storage.artifact.write_artifact"} <= names
    assert _room_of("frontrow.shop.shop.Shop") == "shop"
    assert _room_of("frontrow.metrics.classification") == "metrics"
    assert _room_of("frontrow.Shop") == "__init__"


def test_data_flows_one_way() -> None:
    wrong = [
        f"{path.relative_to(SOURCE)}, line {line}: {_room(path)} imports {name}"
        for path in MODULES
        if _room(path) not in OPEN
        for line, name in _imports(path)
        if name.split(".")[0] == "frontrow" and _room_of(name) not in {_room(path), *UPSTREAM[_room(path)]}
    ]
    assert not wrong


def test_nothing_runs_code_from_a_file_and_no_heavy_framework_is_needed() -> None:
    imported = [(path.name, name) for path in MODULES for _, name in _imports(path) if name.split(".")[0] in FORBIDDEN]
    called = [
        (path.name, node.func.id)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}
    ]
    assert not imported
    assert not called


def test_every_module_says_what_it_is() -> None:
    told = {path.relative_to(SOURCE): ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in MODULES}
    assert not [path for path, docstring in told.items() if not docstring or not docstring.strip()]


def test_only_the_engine_and_features_speak_narwhals() -> None:
    """Everything else is written on Polars, and Spark is named nowhere: the definitions are the same."""
    speaking = {_room(path) for path in MODULES if any(name.split(".")[0] == "narwhals" for _, name in _imports(path))}
    assert speaking == {"engine", "features"}
    assert not [path for path in MODULES if any(name.split(".")[0] == "pyspark" for _, name in _imports(path))]


def test_help_is_quick() -> None:
    """Seconds of the processor, best of three: the wall clock would measure what else the machine does."""
    seconds = []
    for _ in range(3):
        before = os.times()
        run = subprocess.run([_script(), "--help"], capture_output=True, text=True, check=True)
        after = os.times()
        seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
        assert "Usage" in run.stdout
    assert min(seconds) < 0.3


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nsys.argv = ['frontrow', '--help']\nfrom frontrow.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.rsplit("LOADED", 1)[1].split())
    assert "typer" in loaded
    heavy = {"polars", "numpy", "lightgbm", "scipy", "narwhals", "altair", "vl_convert", "pyarrow", "pandas", "jinja2"}
    assert not loaded & heavy


def _script() -> str:
    return str(Path(sys.executable).parent / "frontrow")
