"""A real Dovecot with one journal mailbox, in a temporary folder and on free ports."""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from monitor.settings import ImapSource
from tests.collect.certificates import Issuer
from tests.support import bound
from tests.support.database import open_folder
from tests.support.needs import needs, program

USER, PASSWORD = "journal@tinh.example", "mật khẩu của sổ nhật ký"
with_dovecot = needs("dovecot")

CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
instance_name = congvu-{name}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0 secs
auth_verbose = yes
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {internal_group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{root}/mail
mail_privileged_group =
imap_capability = {capability}
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """Runs from `start` to `stop` or `kill`, and may be started again on the same mail."""

    def __init__(self, capability: str = "") -> None:
        """`capability` replaces the list that is offered after login."""
        self.root = open_folder("congvu-dovecot-")
        self.port, self.tls_port = _free_port(), _free_port()
        self.issuer = Issuer(self.root)
        issued = self.issuer.issue("localhost")
        self.password_file = self.root / "password"
        self.set_password(PASSWORD)
        login, internal, mail = (_account(name) for name in ("dovenull", "dovecot", "mail"))
        for name in ("run", "state", "mail", "home"):
            folder = self.root / name
            folder.mkdir()
            if name in {"mail", "home"}:
                os.chown(folder, mail.pw_uid, mail.pw_gid)
        self._config = self.root / "dovecot.conf"
        self._config.write_text(
            CONFIG.format(
                root=self.root, name=self.root.name, certificate=issued.certificate,
                key=issued.key, login=login.pw_name, internal=internal.pw_name,
                internal_group=grp.getgrgid(internal.pw_gid).gr_name, uid=mail.pw_uid,
                gid=mail.pw_gid, port=self.port, tls_port=self.tls_port, capability=capability,
            ),
            encoding="utf-8",
        )  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    # -- the server -----------------------------------------------------------------------------

    def start(self) -> None:
        self._process = bound.start(
            [program("dovecot"), "-F", "-c", str(self._config)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(200):
            if self._process.poll() is not None:
                break
            try:
                self.client().logout()
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"dovecot does not serve: {self.log()[-3000:]}")

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None

    def kill(self) -> None:
        """SIGKILL to the server and all that it has started."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
        (self.root / "run" / "master.pid").unlink(missing_ok=True)

    def log(self) -> str:
        path = self.root / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def set_password(self, password: str) -> None:
        """What the server takes from now on; the client's file has the right one at first."""
        (self.root / "users").write_text(f"{USER}:{{PLAIN}}{password}\n", encoding="utf-8")
        (self.root / "users").chmod(0o644)
        if not self.password_file.exists():
            self.password_file.write_text(password + "\n", encoding="utf-8")

    def source(self, **more: Any) -> ImapSource:
        """Settings of a source that reads the mailbox."""
        values: dict[str, Any] = {
            "name": "journal", "host": "127.0.0.1", "port": self.tls_port, "security": "tls",
            "ca": self.issuer.path, "username": USER, "password_file": self.password_file,
            "poll_seconds": 5, "journal_address": USER,
        }  # fmt: skip
        return ImapSource(**(values | more))

    # -- its mail -------------------------------------------------------------------------------

    def client(self) -> imaplib.IMAP4:
        """A second client, logged in."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client

    def put(self, *mails: bytes, at: datetime | None = None, folder: str = "INBOX") -> None:
        """Deliver mails, at a time in the past if one is given."""
        client = self.client()
        when = imaplib.Time2Internaldate(at) if at else ""
        for mail in mails:
            typ, said = client.append(folder, "", when, mail)
            assert typ == "OK", said
        client.logout()

    def deliver(self, mails: Iterable[bytes]) -> None:
        """Many mails at once, as a delivery agent leaves them: a file each, lines ended by LF."""
        box, mail = self.root / "mail", _account("mail")
        for name in ("tmp", "new", "cur"):
            (box / name).mkdir(exist_ok=True)
            os.chown(box / name, mail.pw_uid, mail.pw_gid)
        for number, raw in enumerate(mails):
            # A Maildir's names are never used again: Dovecot would take a mail for the earlier one.
            path = box / "tmp" / f"{int(time.time())}.M{number}N{time.monotonic_ns()}.test"
            path.write_bytes(raw.replace(b"\r\n", b"\n"))
            os.chown(path, mail.pw_uid, mail.pw_gid)
            path.rename(box / "new" / path.name)

    def holds(self, folder: str = "INBOX") -> int:
        """How many mails lie in a folder; -1 when there is none."""
        client = self.client()
        try:
            typ, data = client.select(folder, readonly=True)
            return int(data[0] or 0) if typ == "OK" else -1
        finally:
            client.logout()


def _account(name: str) -> pwd.struct_passwd:
    """An account of the system's, or our own where we may be no other."""
    return pwd.getpwuid(os.getuid()) if os.geteuid() else pwd.getpwnam(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
