"""The pages of the platforms say what the command says, and what not to do comes first."""

import re

import pytest
from docs_pages import ROOT

from frontrow.campaign.export import export_names, get_export

WITH_A_PAGE = [name for name in export_names() if get_export(name).guide]


def text_of(name):
    return (ROOT / "docs" / "platforms" / f"{get_export(name).guide}.md").read_text("utf-8")


def test_every_page_is_of_a_platform_and_every_platform_has_one():
    pages = {path.stem for path in (ROOT / "docs" / "platforms").glob("*.md")}
    assert pages == {get_export(name).guide for name in WITH_A_PAGE}
    assert set(export_names()) - {*WITH_A_PAGE} == {"generic_csv", "generic_parquet"}


@pytest.mark.parametrize("name", WITH_A_PAGE)
def test_what_not_to_do_comes_first(name):
    assert re.findall(r"^## (.+)$", text_of(name), re.MULTILINE)[:2] == ["Do not", "Which file goes where"]


@pytest.mark.parametrize("name", WITH_A_PAGE)
def test_the_page_has_the_commands_own_sentences_and_headers(name):
    # an asterisk that is not to be read as Markdown has a backslash
    export, page = get_export(name), " ".join(text_of(name).replace("\\*", "*").split())
    for sentence in (*export.do_not, *export.steps, *export.held_out_steps, *export.lift_steps, *export.list_steps):
        assert sentence in page
    assert f"`{name}-held-out-do-not-contact.csv`" in page
    assert "Sources" in page
    assert "December 2026" in page or "November 2026" in page
