"""The page on campaigns lists every reason and export, and its example of a platform fulfils the contract."""

import re

import pytest
from docs_pages import ROOT, blocks

import frontrow.campaign.exports
from frontrow.campaign.eligibility.eligible_customers import REASONS
from frontrow.campaign.export import export_names, get_export
from frontrow.testing.exports import ExportContract

PAGE = ROOT / "docs" / "campaigns.md"


def test_every_reason_and_every_export_is_on_the_page():
    text = PAGE.read_text("utf-8")
    assert re.findall(r"^\| ([a-z][a-z -]+) \|", text, re.MULTILINE) == ["reason", *REASONS]
    assert [name for name in export_names() if f"`{name}`" not in text] == []


def test_the_example_export_keeps_the_contract(tmp_path, monkeypatch):
    for block in blocks(PAGE):
        if block.file.endswith("brevo.py") and "exports" in block.file:
            (tmp_path / "brevo.py").write_text(block.text, "utf-8")
    monkeypatch.setattr(frontrow.campaign.exports, "__path__", [*frontrow.campaign.exports.__path__, str(tmp_path)])
    contract = ExportContract()
    contract.export, contract.email_header, contract.sms_header = get_export("brevo"), ("EMAIL",), ("SMS",)
    contract.test_its_name_is_that_of_its_file()
    for channel in ("email", "sms"):
        contract.test_the_header_is_the_documented_one(channel, tmp_path)
        contract.test_nothing_else_of_the_person_is_in_the_file(channel, tmp_path)
        with pytest.MonkeyPatch.context() as patch:
            contract.test_files_are_split_at_the_limits(channel, tmp_path, patch)
