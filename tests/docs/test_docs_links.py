"""Links between pages have a target."""

import re

import pytest
from docs_pages import PAGES, ROOT, prose

LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)


def anchors(page):
    """Headings as GitHub names them in links."""
    titles = [match["title"].lower() for match in HEADING.finditer(prose(page))]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_resolves(page):
    targets = [match["target"] for match in LINK.finditer(prose(page)) if "://" not in match["target"]]
    for target in targets:
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.is_relative_to(ROOT)
        assert file.exists(), f"{page.name} links to {target}, which is not there"
        assert not anchor or anchor in anchors(file), f"{page.name} links to {target}; the page has no such heading"


def test_every_page_can_be_reached_from_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    linked = {match["target"].partition("#")[0] for match in LINK.finditer(readme)}
    assert {str(page.relative_to(ROOT)) for page in PAGES} - {"README.md"} <= linked
