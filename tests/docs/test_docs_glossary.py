"""The glossary: each term is listed once, and no name in the source is one of the replaced words."""

import ast
import functools
import re
from pathlib import Path

import pytest
from docs_pages import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \|([^|]*)\|$", PAGE, re.MULTILINE)
TERMS = [term.strip() for term, _, _ in ROWS if term.strip() != "term" and not term.startswith("---")]
OLD_WORDS = sorted({word for _, _, old in ROWS for word in re.findall(r"`(\w+)`", old)})
# Names defined by Python and libraries that the source has to use.
FOREIGN = re.compile(r"NotFoundError$|^named$")


def names_in(tree: ast.AST) -> set[str]:
    """Every name that a module gives or uses: variables, parameters, attributes, functions, classes, keywords."""
    names = set()
    for node in ast.walk(tree):
        for attribute in ("id", "arg", "attr", "name"):
            name = getattr(node, attribute, None)
            if isinstance(name, str):
                names.add(name)
    return names


@functools.cache
def words_of(name: str) -> str:
    """The words of a name in lower case, an underscore between them and on both sides."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    return f"_{'_'.join(parts).lower()}_"


@functools.cache
def names_by_file() -> dict[Path, set[str]]:
    """Every name of every module: read by the first test that asks, and not where tests are only collected."""
    files = sorted((ROOT / "src").rglob("*.py"))
    return {path: {path.stem, *names_in(ast.parse(path.read_text("utf-8")))} for path in files}


def test_each_term_is_listed_once():
    assert len(TERMS) > 40
    assert len(TERMS) == len(set(TERMS))


def test_no_term_is_a_replaced_word():
    assert not set(TERMS) & set(OLD_WORDS)


@pytest.mark.parametrize("old", OLD_WORDS)
def test_a_replaced_word_names_nothing(old):
    using = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, names in names_by_file().items()
        for name in names
        if f"_{old}_" in words_of(name) and not FOREIGN.search(name)
    }
    assert not using


@pytest.mark.parametrize("filler", ["one", "there", "known", "kept", "said", "thing", "stuff", "info", "tmp"])
def test_nothing_has_a_filler_name(filler):
    """As a part of a name such as `is_known` they may have a meaning; alone they do not."""
    allowed = {"kept"} if filler == "kept" else set()
    assert not {f"{path.relative_to(ROOT)}" for path, names in names_by_file().items() if filler in names - allowed}


def test_words_are_found_in_names():
    assert words_of("ToldByReasons") == "_told_by_reasons_"
    assert "_shelf_" in words_of("build_shelf")
    assert "_one_" not in words_of("none")
