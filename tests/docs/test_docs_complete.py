"""The pages are complete: folders, dependencies, commands, public names, formats, baselines."""

import re
import tomllib

from docs_pages import ROOT, blocks

import frontrow
from frontrow.cli.application import command_names
from frontrow.cli.command import load_command
from frontrow.cli.reference import list_parameters, main, reference
from frontrow.importing.format import format_names
from frontrow.importing.formats.order_lines import FIELDS
from frontrow.models.baseline import baselines
from frontrow.shop.product_rules import COLUMNS

SOURCE = ROOT / "src" / "frontrow"


def page(name):
    return (ROOT / name).read_text("utf-8")


def test_the_drawing_has_every_folder_and_no_other():
    drawing = blocks(ROOT / "docs" / "architecture.md")[0].text
    drawn = set(re.findall(r"(\w+)/ ", drawing))
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert drawn == folders


def test_the_architecture_names_every_file_outside_the_folders():
    files = {path.name for path in SOURCE.glob("*.py")} - {"__init__.py"}
    assert files <= set(re.findall(r"^\| `(\w+\.py)` \|", page("docs/architecture.md"), re.MULTILINE))


def test_files_named_in_the_architecture_exist():
    for file in re.findall(r"`(\w+/\w+\.py)`", page("docs/architecture.md")):
        root = ROOT if file.startswith(("benchmarks/", "tests/")) else SOURCE
        assert (root / file).is_file(), file


def test_every_dependency_has_its_line():
    project = tomllib.loads(page("pyproject.toml"))["project"]
    dependencies = [
        *project["dependencies"],
        *(dependency for extra in project["optional-dependencies"].values() for dependency in extra),
    ]
    names = {re.match(r"[\w-]+", dependency)[0] for dependency in dependencies} - {"frontrow"}
    rows = re.findall(r"^\| ([\w-]+) \| \d+ \| (.+) \|$", page("docs/architecture.md"), re.MULTILINE)
    assert {name for name, reason in rows if len(reason) > 20} == names


def test_the_command_reference_is_up_to_date():
    assert page("docs/cli.md") == reference(), "Write it anew with: make docs"


def test_the_command_reference_has_every_command_and_option(tmp_path):
    main([str(tmp_path / "cli.md")])
    text = (tmp_path / "cli.md").read_text("utf-8")
    for name in command_names():
        section = text.partition(f"## frontrow {name.rstrip('_').replace('_', '-')}\n")[2].partition("\n## ")[0]
        parameters = list_parameters(load_command(name))
        assert all(f"| `{item.name}` | {item.value} |" in section and item.help for item in parameters)


def test_every_command_is_in_the_tutorial():
    tutorial = page("docs/tutorial.md")
    assert all(f"frontrow {name.rstrip('_').replace('_', '-')} " in tutorial for name in command_names())


def test_every_public_name_is_on_the_python_page():
    text = page("docs/python-api.md")
    assert [name for name in frontrow.__all__ if not re.search(rf"`{name}\b", text)] == []


def test_the_export_page_names_every_format_field_and_column_of_a_rule():
    text = page("docs/your-own-export.md")
    assert [name for name in (*format_names(), *FIELDS, *COLUMNS) if f"`{name}`" not in text] == []


def test_the_model_page_names_every_baseline():
    text = page("docs/how-the-model-works.md")
    assert [baseline.name for baseline in baselines().values() if f"| {baseline.name} |" not in text] == []


def test_the_readme_has_a_place_for_the_measured_figures():
    readme = page("README.md")
    assert readme.index("<!-- figures:start -->") < readme.index("<!-- figures:end -->")
