"""Files as a person names them on the command line, wherever they are, made files on this disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from frontrow.errors import RemoteError, SettingError
from frontrow.sources.objects.address import ObjectAddress, is_object_address
from frontrow.sources.objects.credentials import StoreSettings
from frontrow.sources.objects.store import ObjectStore
from frontrow.tables.opening import STANDARD_INPUT, save_stream
from frontrow.tables.private_folder import private_folder


@contextmanager
def gather_files(arguments: Sequence[str], standard_input: BinaryIO) -> Iterator[list[Path]]:
    """Give the files of a command; what was fetched for it is gone at the end.

    Args:
        arguments: Paths; `-` is standard input; `s3://`, `gs://` and `az://` name objects of a store, whose key the
            environment holds.
        standard_input: Where `-` is read from.

    Raises:
        SettingError: Standard input is named twice, or an object in a way that is none.
        InputError: Nothing came through standard input.
        RemoteError: A store has no such object, or does not answer.
        CredentialError: A store does not accept the key.
    """
    if arguments.count(str(STANDARD_INPUT)) > 1:
        raise SettingError("files", "Standard input (-) can be read once only. Write - once.")
    if not any(argument == str(STANDARD_INPUT) or is_object_address(argument) for argument in arguments):
        yield [Path(argument) for argument in arguments]
        return
    with private_folder() as folder:
        yield [file for argument in arguments for file in _gather(argument, standard_input, folder)]


def _gather(argument: str, standard_input: BinaryIO, folder: Path) -> list[Path]:
    if argument == str(STANDARD_INPUT):
        return [save_stream(standard_input, folder)]
    if not is_object_address(argument):
        return [Path(argument)]
    address = ObjectAddress.parse(argument)
    store = ObjectStore(address, StoreSettings())
    objects = store.find()
    if not objects:
        raise RemoteError(f"Nothing in the bucket matches {address}. Check the pattern.")
    return [store.download(stored, folder) for stored in objects]
