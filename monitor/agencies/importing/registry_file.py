"""The registry file on disk: read, and replaced whole; the version before it stays beside it."""

import fcntl
import hashlib
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from monitor.agencies.importing.edit import Editor
from monitor.agencies.importing.lives import Stretch
from monitor.agencies.importing.plan import Plan
from monitor.agencies.reading import Content, RegistryMistakes, parse, read
from monitor.clock import VIETNAM
from monitor.errors import UserError
from monitor.whole_file import sync_folder

HEAD = b"# Registry of agencies: docs/agencies.md tells what each key means.\n"
BOM = b"\xef\xbb\xbf"


class RegistryFile:
    """One version of a registry file, and what it says."""

    def __init__(self, path: Path) -> None:
        """Raises UserError for a file that is no good registry; one that is not there is empty."""
        self.path = Path(os.path.realpath(path))
        """A link stays one: what it leads to is replaced."""
        self.data: bytes | None = None
        self.content: Content = parse(b"")
        if self.path.exists():
            self.content, fingerprint = read(self.path)
            self.data = self.path.read_bytes()
            if hashlib.sha256(self.data).hexdigest() != fingerprint:
                raise UserError(f"{self.path}: is being changed: try again")

    def edited(self, plan: Plan) -> bytes:
        """The file's bytes after a plan without problems; they say what was planned, no more."""
        data = self.data if self.data is not None else HEAD
        editor = Editor(data.removeprefix(BOM).decode())
        if len(editor.entries) != len(self.content.agencies):
            raise UserError(
                f"{self.path}: agencies cannot be told apart in the text: write each entry as its "
                "own [[agencies]] table"
            )
        _edit(editor, plan.stretches)
        made = (BOM if data.startswith(BOM) else b"") + editor.text().encode()
        self._check(data, made, plan)
        return made

    def _check(self, before: bytes, made: bytes, plan: Plan) -> None:
        try:
            good = parse(made).agencies == plan.agencies and _rest(made) == _rest(before)
        except RegistryMistakes:
            good = False
        if not good:
            raise UserError(
                f"{self.path}: its layout cannot be edited safely; nothing was changed: export it "
                "with `congvu agencies export --history --format toml` and import into that file"
            )

    def apply(self, plan: Plan, at: datetime) -> Path | None:
        """Replace the file durably; where the version before it went, None if there was none.

        Raises UserError, and then the file is as it was.
        """
        made = self.edited(plan)
        try:
            with _lock(self.path.parent):
                now = self.path.read_bytes() if self.path.exists() else None
                if now != self.data:
                    raise UserError(
                        f"{self.path}: was changed meanwhile; nothing was applied: run the import "
                        "again"
                    )
                kept = self._keep(at)
                self._replace(made)
        except OSError as error:
            raise UserError(
                f"{self.path}: cannot be written: {error.strerror}; run this as an account that "
                "may write there"
            ) from None
        return kept

    def _keep(self, at: datetime) -> Path | None:
        """A copy of the file as it is, beside it."""
        if self.data is None:
            return None
        stamp = at.astimezone(VIETNAM).strftime("%Y%m%dT%H%M%S")
        for again in ("", *(f"-{number}" for number in range(2, 1000))):
            kept = self.path.with_name(f"{self.path.name}.{stamp}{again}")
            with suppress(FileExistsError):
                self._write(kept, self.data)
                return kept
        raise UserError(f"{self.path}: has a thousand versions of this second beside it")

    def _replace(self, made: bytes) -> None:
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        try:
            self._write(fresh, made)
            fresh.replace(self.path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        sync_folder(self.path.parent)

    def _write(self, path: Path, data: bytes) -> None:
        """A new file, on the disk when this returns; whose and for whom is as of the registry."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        try:
            with os.fdopen(descriptor, "wb") as file:
                self._adopt(file.fileno())
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise

    def _adopt(self, descriptor: int) -> None:
        if self.data is None:
            return
        like = self.path.stat()
        os.fchmod(descriptor, like.st_mode & 0o7777)
        if os.geteuid() == 0:
            os.fchown(descriptor, like.st_uid, like.st_gid)


def _edit(editor: Editor, stretches: tuple[Stretch, ...]) -> None:
    last_of = {s.values["code"]: n for n, s in enumerate(s for s in stretches if s.entry)}
    number = -1
    for stretch in stretches:
        if stretch.entry is None:
            editor.add(last_of.get(stretch.values["code"]), stretch.ordered())
            continue
        number += 1
        if changes := stretch.changed():
            editor.set(number, changes)


def _rest(data: bytes) -> dict[str, object]:
    """What a registry file says beside its agencies."""
    tree = tomllib.loads(data.decode("utf-8-sig"))
    return {key: value for key, value in tree.items() if key != "agencies"}


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """One import at a time in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
