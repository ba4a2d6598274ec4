"""Where the embedded server keeps its data and its socket.

`<state>/postgres` when the server's account can reach it. Permissions of parent folders are never
changed; below a closed folder (a checkout in root's home) the data lives in a folder of its own
under /var/lib, and `<state>/postgres-place` names it.
"""

import hashlib
import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import UserError
from monitor.record.account import Account
from monitor.record.process import account_arguments

ELSEWHERE = Path("/var/lib")
PORT = 5432
LONGEST_SOCKET_PATH = 107
"""sockaddr_un on Linux holds 108 bytes with the final NUL (unix(7))."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folders and files of one embedded server, all owned by its account."""

    home: Path
    moved: bool = False
    """Not below the state directory."""

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def lock(self) -> Path:
        return self.home / "lock"

    @property
    def socket(self) -> Path:
        """Folder of the socket: short enough for its path, so not always below `home`."""
        near = self.home / "run"
        if _fits(near):
            return near
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        name = f"congvu-{digest}"
        run = Path("/run") if os.geteuid() == 0 else Path(f"/run/user/{os.geteuid()}")
        base = run if os.access(run, os.W_OK) else Path("/tmp")  # noqa: S108 - 0700 and ours
        return base / name

    def password(self, role: str) -> str:
        """Password of a role, from its 0600 file."""
        return (self.home / f"password-{role}").read_text(encoding="ascii").strip()


def _fits(folder: Path) -> bool:
    """With any port."""
    return len(os.fsencode(folder / ".s.PGSQL.65535.lock")) <= LONGEST_SOCKET_PATH


def known(state_dir: Path) -> Place | None:
    """The place made by an earlier start, if there is one."""
    state = state_dir.resolve()
    pointer = state / "postgres-place"
    if pointer.is_file():
        return Place(Path(pointer.read_text(encoding="utf-8").strip()), moved=True)
    place = Place(state / "postgres")
    return place if place.data.exists() else None


def make(state_dir: Path, account: Account, elsewhere: Path = ELSEWHERE) -> Place:
    """The place of this state directory, made if need be and reachable by the account."""
    state = state_dir.resolve()
    state.mkdir(parents=True, exist_ok=True)
    place = known(state)
    if place is None:
        place = _choose(state, account, elsewhere)
    _own(place.home, account)
    if not _reaches(place.home, account):
        raise UserError(
            f"{place.home}: account {account.name} cannot reach it, because a folder above it "
            "is closed; open that folder (chmod o+x), or set `user` or another state_dir"
        )
    for folder in (place.log, place.socket):
        _own(folder, account)
    return place


def _choose(state: Path, account: Account, elsewhere: Path) -> Place:
    near = Place(state / "postgres")
    _own(near.home, account)
    if _reaches(near.home, account):
        return near
    near.home.rmdir()
    # A random name, never one made from the path: a state directory that was removed and made
    # anew must not meet the data of the one before it.
    far = Place(elsewhere / f"congvu-postgres-{secrets.token_hex(6)}", moved=True)
    _own(far.home, account)
    pointer = state / "postgres-place"
    fresh = pointer.with_name(".postgres-place.new")
    fresh.write_text(f"{far.home}\n", encoding="utf-8")
    fresh.rename(pointer)
    return far


def _own(folder: Path, account: Account) -> None:
    """Make the folder 0700 and the account's; an existing one must be the account's already."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        mine = found.st_uid == account.uid and folder.is_dir() and not folder.is_symlink()
        if not mine:
            raise UserError(
                f"{folder}: is not a folder of account {account.name or account.uid}; "
                "remove it, or set `user` to the account that owns it"
            ) from None
        if found.st_mode & 0o077:
            folder.chmod(0o700)
        return
    except OSError as error:
        raise UserError(f"{folder}: cannot be made: {error.strerror}") from None
    if account.switch:
        os.chown(folder, account.uid, account.gid)


def _reaches(folder: Path, account: Account) -> bool:
    """Whether the account itself can enter and write the folder; asked of the kernel."""
    user, group, extra = account_arguments(account)
    asked = subprocess.run(  # noqa: S603 - a fixed command
        ["/bin/sh", "-c", 'cd "$1" && test -w .', "sh", str(folder)],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=30,
        check=False,
        user=user,
        group=group,
        extra_groups=extra,
    )
    return asked.returncode == 0


def write_private(path: Path, text: str, account: Account) -> None:
    """Write a 0600 file of the account, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if account.switch:
        os.chown(fresh, account.uid, account.gid)
    fresh.rename(path)
