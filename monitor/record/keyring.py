"""The key file of a state directory: the secrets that seal, newest first, one a line.

A line is the secret in hexadecimal and, but for the oldest, the Vietnam day from which on the
Message-IDs of mail are named by it (`Sealer.reference`): `9f…3c 2027-01-15`. A file that was never
rotated has one line without a day.
"""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from monitor.errors import UserError
from monitor.whole_file import sync_folder

KEY_FILE = "sealing.key"
NEXT_FILE = "sealing.key.next"
"""What a rotation makes the key file as soon as the database has taken it over."""
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """One secret, and since which Vietnam day it names Message-IDs (None: since ever)."""

    secret: bytes
    since: date | None = None


def new_key(since: date | None = None) -> Key:
    return Key(secrets.token_bytes(SECRET_BYTES), since)


def read(path: Path) -> tuple[Key, ...]:
    """The keys of a file, newest first; none if there is no such file.

    Raises UserError when it is not a key file or others can read it.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    if found.st_mode & 0o077:
        raise UserError(f"{path}: others can read it; chmod 600 it")
    try:
        keys = tuple(_key(line) for line in path.read_text(encoding="ascii").splitlines())
    except PermissionError:
        raise UserError(
            f"{path}: not readable by this account; use the one that runs congvu"
        ) from None
    except ValueError:
        keys = ()
    if not keys:
        raise UserError(
            f"{path}: is not a sealing key; restore it from a backup (a new key cannot open "
            "what was sealed before)"
        )
    return keys


def _key(line: str) -> Key:
    text, _, day = line.strip().partition(" ")
    secret = bytes.fromhex(text)
    if len(secret) != SECRET_BYTES:
        raise ValueError("a sealing secret has 32 bytes")
    return Key(secret, date.fromisoformat(day) if day else None)


def create(path: Path) -> None:
    """Make a key file with one new key, unless another process has just made one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _written(path, [new_key()])
    try:
        os.link(fresh, path)  # unlike rename, never replaces a key that another process made
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    sync_folder(path.parent)


def replace(path: Path, keys: Sequence[Key]) -> None:
    """Make the file hold these keys, whole or not at all, durably."""
    _written(path, keys).rename(path)
    sync_folder(path.parent)


def promote(state_dir: Path) -> None:
    """The next key file becomes the key file, durably."""
    (state_dir / NEXT_FILE).rename(state_dir / KEY_FILE)
    sync_folder(state_dir)


def discard_next(state_dir: Path) -> None:
    """Forget the next key file: the database never took it over."""
    (state_dir / NEXT_FILE).unlink(missing_ok=True)
    sync_folder(state_dir)


def _written(path: Path, keys: Sequence[Key]) -> Path:
    """A file of these keys beside `path`, whole; raises UserError when it cannot be written."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(fresh, path, keys)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise UserError(f"{path}: cannot be written: {error.strerror}") from None
    return fresh


def _write(fresh: Path, path: Path, keys: Sequence[Key]) -> None:
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    if os.geteuid() == 0:  # root rotates the key of a daemon that runs as somebody else
        key_file = path.with_name(KEY_FILE)
        owner = (key_file if key_file.exists() else path.parent).stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        for key in keys:
            since = f" {key.since.isoformat()}" if key.since else ""
            file.write(f"{key.secret.hex()}{since}\n")
        file.flush()
        os.fsync(file.fileno())
