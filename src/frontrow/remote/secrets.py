"""Secrets, such as access tokens: where one lies is stored and shown, the secret itself never is."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from frontrow.errors import CredentialError, SettingError

VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")
OTHERS: Final = 0o077
"""The bits of a file's mode that let anybody but its owner do something with it."""

MOST_BYTES: Final = 64 * 1024
"""No token or key file is longer."""

HOW_TO_GIVE: Final = (
    "Give the place of a secret, not the secret itself: env:NAME for the environment variable NAME, or file:/PATH for "
    "a file that only you may read."
)


class Secret:
    """A secret in memory; it is shown as three stars, and cannot be pickled.

    Example:
        >>> secret = Secret("s3cr3t")
        >>> f"{secret} {secret!r}", secret.reveal()
        ('*** ***', 's3cr3t')
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the header of a request and for nothing else."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"

    def __format__(self, format_spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is never written")


@dataclass(frozen=True)
class SecretReference:
    """Where a secret lies: an environment variable, or a file that only its owner may read.

    Attributes:
        place: `env` or `file`.
        name: The variable's name, or the file's path.

    Example:
        >>> SecretReference.parse("env:SHOPIFY_TOKEN")
        SecretReference(place='env', name='SHOPIFY_TOKEN')
        >>> str(SecretReference.parse("file:/run/secrets/shopify"))
        'file:/run/secrets/shopify'
    """

    place: Literal["env", "file"]
    name: str

    @classmethod
    def parse(cls, text: str) -> SecretReference:
        """Make a reference of what a person typed or a configuration says.

        Args:
            text: `env:NAME` or `file:/PATH`.

        Raises:
            SettingError: The text is neither; it may be a secret, so the message does not show it.
        """
        place, sign, name = text.strip().partition(":")
        if sign and place == "env" and VARIABLE.fullmatch(name):
            return cls("env", name)
        if sign and place == "file" and name.strip():
            if not Path(name).is_absolute():
                raise SettingError(
                    "secret", "The file of a secret needs its whole path, such as file:/home/me/shopify-token."
                )
            return cls("file", name)
        raise SettingError("secret", HOW_TO_GIVE)

    def __str__(self) -> str:
        return f"{self.place}:{self.name}"

    def read(self) -> Secret:
        """Read the secret.

        Raises:
            CredentialError: The variable is not set, or the file is missing, empty or open to others.
        """
        text = self._read_variable() if self.place == "env" else self._read_file()
        if not text.strip():
            raise CredentialError(f"The secret in {self} is empty. Write the token or key there, and try again.")
        secret = text.strip()
        if not secret.isprintable():
            raise CredentialError(
                f"The secret in {self} has a line break or another character that no token has. Write the token or "
                "key there, and nothing else."
            )
        return Secret(secret)

    def _read_variable(self) -> str:
        text = os.environ.get(self.name)
        if text is None:
            raise CredentialError(
                f"The environment variable {self.name} is not set. Set it to the token or key, and run the command "
                "again in the same terminal or service."
            )
        return text

    def _read_file(self) -> str:
        try:
            # opened once: what is checked is what is read
            with Path(self.name).open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if not stat.S_ISREG(mode):
                    raise CredentialError(f"{self.name} is no file. Name the file that holds the token or key.")
                if os.name != "nt" and mode & OTHERS:
                    raise CredentialError(
                        f"Others than its owner may use {self.name}, so its secret is not read. Close it with: "
                        f"chmod 600 {self.name}"
                    )
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            raise CredentialError(
                f"The secret's file {self.name} cannot be read: {reason}. Write the token or key there, readable by "
                "you alone."
            ) from None
        if len(content) > MOST_BYTES:
            raise CredentialError(f"{self.name} is too large for a token or key. Name the file that holds the secret.")
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            # without its cause, which holds the bytes
            raise CredentialError(f"{self.name} is not text. Write the token or key there, and nothing else.") from None


def reveal_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values with secrets revealed, to be handed to what sends them and to nothing else.

    Example:
        >>> reveal_values({"page": 2, "key": Secret("s3cr3t")})
        {'page': 2, 'key': 's3cr3t'}
    """
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in values.items()}


def reveal_headers(values: Mapping[str, str | Secret]) -> dict[str, str]:
    """The same for headers.

    Raises:
        CredentialError: A value cannot stand in a header.
    """
    revealed = reveal_values(values)
    for name, value in revealed.items():
        # the error of the library that sends them would show a part of the secret
        if not (value.isascii() and value.isprintable()):
            raise CredentialError(
                f"The secret for the header {name} has a character that no token has, such as a letter with an accent. "
                "Copy the token again, and put it where the old one is."
            )
    return revealed
