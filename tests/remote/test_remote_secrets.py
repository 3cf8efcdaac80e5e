"""Secrets: read from where they lie, refused where others could read them, and shown nowhere."""

import copy
import json
import pickle

import pytest

from frontrow.errors import CredentialError, SettingError
from frontrow.remote.secrets import Secret, SecretReference

TOKEN = "shpat_0123456789abcdef"


def test_a_secret_is_never_shown_nor_written():
    secret = Secret(TOKEN)
    assert TOKEN not in f"{secret} {secret!r} {secret:>30} {[secret]} {vars(Secret)}"
    for write in (pickle.dumps, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            write(secret)
    assert secret.reveal() == TOKEN


def test_a_secret_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("FRONTROW_TEST_TOKEN", f" {TOKEN}\n")
    assert SecretReference.parse("env:FRONTROW_TEST_TOKEN").read().reveal() == TOKEN


def test_a_secret_is_read_from_a_file_of_its_owner(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    assert SecretReference.parse(f"file:{file}").read().reveal() == TOKEN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_file_that_others_may_use_is_refused(tmp_path, mode):
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(mode)
    with pytest.raises(CredentialError, match="chmod 600") as caught:
        SecretReference.parse(f"file:{file}").read()
    assert TOKEN not in str(caught.value)


def test_what_is_no_secret_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("FRONTROW_TEST_TOKEN", raising=False)
    with pytest.raises(CredentialError, match="FRONTROW_TEST_TOKEN is not set"):
        SecretReference.parse("env:FRONTROW_TEST_TOKEN").read()
    with pytest.raises(CredentialError, match="cannot be read"):
        SecretReference.parse(f"file:{tmp_path / 'absent'}").read()
    for content, words in (
        (b"", "empty"),
        (b"a\nb", "line break"),
        (b"\xff\xfe", "not text"),
        (b"a" * 70_000, "large"),
    ):
        file = tmp_path / "token"
        file.write_bytes(content)
        file.chmod(0o600)
        with pytest.raises(CredentialError, match=words):
            SecretReference.parse(f"file:{file}").read()


@pytest.mark.parametrize("text", [TOKEN, "env:", "env:a b", "file:", f"token:{TOKEN}", "file:token", ""])
def test_a_secret_itself_is_not_taken_for_its_place(text):
    with pytest.raises(SettingError) as caught:
        SecretReference.parse(text)
    assert TOKEN not in str(caught.value)
