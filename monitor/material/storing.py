"""Writing into trust folders: a reader sees a file whole or not at all."""

import os
from pathlib import Path

from monitor.errors import UserError
from monitor.whole_file import sync_folder

_FILE_MODE, _FOLDER_MODE = 0o644, 0o755
"""Certificates and lists are public, and the daemon may run under another account.

What root stores belongs to the owner of the folder around it, so that the daemon, which is that
owner, can put a newer list in its place."""


def store(path: Path, content: bytes) -> None:
    """Put a file in place of what is there, durably; folders are made. Raises UserError."""
    try:
        _make_folder(path.parent)
        _replace(path, content)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written: {error.strerror}; run this as an account that may"
        ) from None


def make_folder(folder: Path) -> None:
    """A folder and those above it, where they are missing. Raises UserError."""
    try:
        _make_folder(folder)
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be made: {error.strerror}; run this as an account that may"
        ) from None


def _make_folder(folder: Path) -> None:
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        part.mkdir(exist_ok=True)
        descriptor = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _adopt(descriptor, part.parent, _FOLDER_MODE)
        finally:
            os.close(descriptor)


def _adopt(descriptor: int, parent: Path, mode: int) -> None:
    if os.geteuid() == 0:
        owner = parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    os.fchmod(descriptor, mode)


def _replace(path: Path, content: bytes) -> None:
    # The dot keeps readers from the file until it has its name.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _adopt(file.fileno(), path.parent, _FILE_MODE)
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
