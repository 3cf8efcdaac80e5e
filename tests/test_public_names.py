"""The public names of `import frontrow`."""

import pytest

import frontrow


def test_every_public_name_is_there_and_sorted():
    assert frontrow.__all__ == sorted(frontrow.__all__)
    assert all(getattr(frontrow, name).__name__ == name for name in frontrow.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        frontrow.nothing  # noqa: B018
