"""The architecture rules of the documentation, checked on the source."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import frontrow

SOURCE = Path(frontrow.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))

PAGE = (Path(__file__).parent.parent / "docs" / "architecture.md").read_text("utf-8")
# Files that belong to no room: they may import only errors and masking, and every room may import them.
GROUND = {"errors", "masking", "schema", "discovery", "progress"}
# What each room may import, as on the architecture page.
IMPORTS = {
    room: set(re.findall(r"\w+", names))
    for room, names in re.findall(r"^\| `(\w+)` \| ([\w, ]*)\|$", PAGE, re.MULTILINE)
}
# `frontrow` itself shows the public names, and `testing` has to import every room.
OPEN = {"__init__", "testing"}
FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "tensorflow", "keras"}


def _room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def _package(path: Path) -> list[str]:
    return ["frontrow", *path.relative_to(SOURCE).parts[:-1]]


def _imports(path: Path) -> list[tuple[int, str]]:
    """Line and full name of everything a file imports, inside functions too; relative imports made absolute."""
    imports = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imports += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = _package(path)
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            imports += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return imports


def _room_of(name: str) -> str:
    """The room of an imported name of frontrow."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in {*IMPORTS, *GROUND, *OPEN} else "__init__"


def _cycles(graph: dict[str, set[str]]) -> set[str]:
    """The nodes in a cycle or that lead only to one."""
    remaining = dict(graph)
    while free := {node for node, needs in remaining.items() if not needs & remaining.keys()}:
        remaining = {node: needs for node, needs in remaining.items() if node not in free}
    return set(remaining)


def test_every_room_is_on_the_plan() -> None:
    assert {_room(path) for path in MODULES} == {*IMPORTS, *GROUND, *OPEN}


def test_the_plan_has_no_cycle() -> None:
    assert not _cycles(IMPORTS)


def test_the_drawing_follows_the_order_of_the_imports() -> None:
    drawing = PAGE.partition("```text")[2].partition("```")[0].partition("beside the flow")[0]
    rooms = [room for room in re.findall(r"(\w+)/ ", drawing) if room in IMPORTS]
    below = {room: set(rooms[place + 1 :]) for place, room in enumerate(rooms)}
    assert len(rooms) > 8
    assert not {room: IMPORTS[room] & below[room] for room in rooms if IMPORTS[room] & below[room]}


def test_imports_are_read_at_any_depth() -> None:
    names = {name for _, name in _imports(SOURCE / "models" / "gradient_boosting.py")}
    assert {"lightgbm", "frontrow.storage.artifact.write_artifact"} <= names
    assert _room_of("frontrow.shop.shop.Shop") == "shop"
    assert _room_of("frontrow.metrics.classification") == "metrics"
    assert _room_of("frontrow.Shop") == "__init__"


def test_each_room_imports_only_what_the_page_allows() -> None:
    imports: dict[str, set[str]] = {room: set() for room in IMPORTS}
    for path in MODULES:
        if (room := _room(path)) in IMPORTS:
            names = {_room_of(name) for _, name in _imports(path) if name.split(".")[0] == "frontrow"}
            imports[room] |= names - {room}
    assert imports == IMPORTS


def test_the_base_modules_import_nothing_but_errors_and_masking() -> None:
    for path in MODULES:
        if _room(path) in GROUND:
            names = {_room_of(name) for _, name in _imports(path) if name.split(".")[0] == "frontrow"}
            assert names <= {"errors", "masking"}, path


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


def test_every_module_has_a_docstring() -> None:
    docstrings = {path.relative_to(SOURCE): ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in MODULES}
    assert not [path for path, docstring in docstrings.items() if not docstring or not docstring.strip()]


def _speaker(path: Path) -> str:
    """The module in a room where only that one may speak narwhals, else the room."""
    return "tables/frames.py" if path.parts[-2:] == ("tables", "frames.py") else _room(path)


def test_only_the_engine_features_and_the_reader_of_frames_speak_narwhals() -> None:
    """Everything else is written on Polars, and Spark is named by its engine alone: the definitions are the same."""
    speaking = {
        _speaker(path) for path in MODULES if any(name.split(".")[0] == "narwhals" for _, name in _imports(path))
    }
    assert speaking == {"engines", "features", "tables/frames.py"}
    spark = {path.name for path in MODULES if any(name.split(".")[0] == "pyspark" for _, name in _imports(path))}
    assert spark == {"spark_failures.py", "spark_session.py", "spark_start.py"}


def test_help_is_quick() -> None:
    """CPU seconds, best of three: wall time would include the load of other processes."""
    seconds = []
    for _ in range(3):
        before = os.times()
        result = subprocess.run([_script(), "--help"], capture_output=True, text=True, check=True)
        after = os.times()
        seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
        assert "Usage" in result.stdout
    assert min(seconds) < 0.3


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nsys.argv = ['frontrow', '--help']\nfrom frontrow.cli.application import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(result.stdout.rsplit("LOADED", 1)[1].split())
    assert "typer" in loaded
    heavy = {"polars", "numpy", "lightgbm", "scipy", "narwhals", "altair", "vl_convert", "pyarrow", "pandas", "jinja2"}
    assert not loaded & heavy


def _script() -> str:
    return str(Path(sys.executable).parent / "frontrow")
