"""Files that others read: each is there whole or not at all, and stays after a power cut."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from monitor.errors import UserError

PRIVATE = 0o600
"""For its owner alone."""


@contextmanager
def whole_file(path: Path, mode: int = PRIVATE) -> Iterator[IO[bytes]]:
    """A file in place of what is there, once the block has ended well; else nothing is left of it.

    Raises UserError when it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        if isinstance(error, BrokenPipeError):
            raise
        raise UserError(f"{path}: cannot be written: {error.strerror}") from None
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """A folder and those above it, where they are missing. Raises UserError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UserError(f"{folder}: is a file, not a folder") from None
    except OSError as error:
        raise UserError(f"{folder}: cannot be made: {error.strerror}") from None


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
