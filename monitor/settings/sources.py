"""Where mail, documents and log lines come from."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator

from monitor.errors import UserError
from monitor.model import Channel, Journal
from monitor.settings.kinds import (
    MIB,
    Address,
    Bytes,
    Encoding,
    Host,
    HostName,
    Name,
    Network,
    Port,
    Seconds,
    Section,
    Url,
    WorkingHours,
    Zone,
    host_entry,
)


class Password(Section):
    """A password in a file that only the daemon can read: systemd's LoadCredential, mode 0600."""

    password_file: Path | None = None

    def password(self) -> str:
        """Raises UserError when it is not set, cannot be read or is empty."""
        path = self.password_file
        if path is None:
            raise UserError("no password is set: set password_file")
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = (isinstance(error, OSError) and error.strerror) or "it is not UTF-8"
            raise UserError(f"{path}: the password cannot be read: {why}") from None
        if not text:
            raise UserError(f"{path} is empty: write the password into it")
        return text


class MailOrigin(Section):
    """What may be believed of the mail of a source, however it comes."""

    name: Name
    silent_after_hours: WorkingHours = 2
    journal: Journal = Journal.COPY
    """How the source wraps what it copies."""
    journal_address: Address | None = None
    """Address that its copies are delivered to: it is no recipient of the mail."""
    trusted_hops: tuple[Network, ...] = ()
    """Addresses of the gateway's own servers: their Received headers are believed."""
    internal_networks: tuple[Network, ...] = ()
    """Clients from which such a server takes submissions as internal without authentication."""


class MailSource(MailOrigin, Password):
    """Who may deliver journal copies, and what such a source may say."""

    journal_address: Address
    """Private address that this source, and it alone, may deliver to."""
    networks: tuple[Network, ...]
    """Clients allowed to speak for it."""
    client_certificates: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    """SHA-256 of client certificates, one of which must be shown; empty asks for none."""
    username: str | None = None
    """What a client must log in with, and the password (RFC 4954), over TLS alone; None asks for
    none."""

    @model_validator(mode="after")
    def _reports_need_proof(self) -> "MailSource":
        if bool(self.username) != bool(self.password_file):
            raise ValueError("username and password_file go together: set both or neither")
        if self.journal is Journal.EXCHANGE and not (self.client_certificates or self.username):
            raise ValueError(
                "a journal report says who the sender was, so its source has to prove itself: set "
                "client_certificates, or username and password_file"
            )
        return self


class ImapSource(MailOrigin, Password):
    """A mailbox that a mail system delivers journal copies to, read over IMAP (RFC 9051)."""

    host: HostName
    port: Port = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    """`none` only to this machine."""
    ca: Path | None = None
    """PEM of the authority of its certificate; None is the system's."""
    username: str
    folder: str = "INBOX"
    archive: str | None = "Archive"
    """Folder that a mail is moved to once it is recorded; None deletes it."""
    poll_seconds: Seconds = 30
    """Longest pause between two looks; a server with IDLE (RFC 2177) says at once."""

    @model_validator(mode="after")
    def _speaks_safely(self) -> "ImapSource":
        if self.password_file is None:
            raise ValueError("needs a password: set password_file")
        if self.security == "none" and self.host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("security none is for this machine only: use tls or starttls")
        if self.archive == self.folder:
            raise ValueError("archive and folder are the same: mail has to leave the folder")
        return self


class MailFolderSource(MailOrigin):
    """A folder that mail is put into: a Maildir, mboxes or single mails."""

    path: Path
    format: Literal["maildir", "mbox", "eml"] = "maildir"
    poll_seconds: Seconds = 5
    settle_seconds: Annotated[float, Field(ge=0)] = 2
    """An mbox or mail is complete when it has not changed for so long; a Maildir's are at once."""
    max_file_bytes: Bytes = 4096 * MIB


class FolderSource(Section):
    """A watched folder of documents with a manifest."""

    name: Name
    silent_after_hours: WorkingHours = 8
    path: Path
    channel: Channel = Channel.DOCSYS
    agencies: tuple[str, ...] = Field(min_length=1)
    """Codes of the agencies this folder may speak for."""
    poll_seconds: Seconds = 5
    settle_seconds: Annotated[float, Field(ge=0)] = 2
    """A file is complete when it has not changed for so long and a manifest names it."""
    orphan_seconds: Seconds = 3600
    """A file that no manifest names, or a row whose file does not come, is rejected after it."""
    max_file_bytes: Bytes = 256 * MIB


class AxisSource(Section):
    """A folder that the document exchange axis leaves its edXML messages in."""

    name: Name
    silent_after_hours: WorkingHours = 4
    path: Path
    poll_seconds: Seconds = 5
    settle_seconds: Annotated[float, Field(ge=0)] = 2
    max_file_bytes: Bytes = 256 * MIB


class PortalSource(Section):
    """A web portal on which an agency publishes documents."""

    name: Name
    silent_after_hours: WorkingHours = 80
    agency: str
    """Code of the agency that publishes there."""
    starts: tuple[Url, ...] = Field(min_length=1)
    """Sitemaps, feeds (RSS, Atom) or pages that lead to documents."""
    hosts: tuple[Host, ...] = ()
    """All that is asked: exact names, `name:port` for another port than 80 and 443; empty is the
    hosts of `starts`."""
    allow_private: tuple[Host, ...] = ()
    """Those of the hosts that may have a loopback or private address."""
    interval_seconds: Annotated[float, Field(ge=1)] = 3600
    """Between two rounds."""
    delay_seconds: Annotated[float, Field(ge=0)] = 1
    """Between two requests to one host; robots.txt may ask for more."""
    depth: Annotated[int, Field(ge=0, le=10)] = 2
    """Links that are followed from a start to a document's page."""
    max_pages: Annotated[int, Field(ge=1, le=100_000)] = 2000
    """Of one round, documents included."""
    max_bytes: Annotated[int, Field(ge=1024)] = 64 * MIB
    """Of one answer."""
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 120
    """Of one answer, from first to last byte."""
    robots: bool = True
    """Keep to robots.txt (RFC 9309)."""
    proxy: Url | None = None

    @model_validator(mode="after")
    def _within_the_list(self) -> "PortalSource":
        hosts = self.allowed()
        for host in self.allow_private:
            if host not in hosts:
                raise ValueError(f"allow_private names {host}: add it to hosts as well")
        for url in self.starts:
            if host_entry(url) not in hosts:
                raise ValueError(f"starts has {url}: add {host_entry(url)} to hosts as well")
        return self

    def allowed(self) -> tuple[str, ...]:
        """Every host that may be asked."""
        return self.hosts or tuple(dict.fromkeys(map(host_entry, self.starts)))


class LogSource(Section):
    """A log file of a mail system that says who is active."""

    name: Name
    silent_after_hours: WorkingHours = 2
    format: Literal["postfix", "dovecot", "zimbra-audit", "zimbra-mailbox", "exchange-tracking"]
    path: Path
    """The file that is written now, or a pattern (`MSGTRK*.LOG`) where each is closed for good;
    rotated predecessors beside it are found by themselves."""
    timezone: Zone = "Asia/Ho_Chi_Minh"
    """Of time-stamps that name none."""
    encoding: Encoding = "utf-8"
    """Of what is not ASCII; bytes that do not fit are replaced, never fatal."""
    poll_seconds: Seconds = 5
    internal_networks: tuple[Network, ...] = ()
    """Clients whose mail a Postfix takes as the officials' own without authentication."""
    webmail_networks: tuple[Network, ...] = ()
    """Web mail's own servers: a Dovecot login from there is a person's web session."""
    domain: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,253}$")] | None = None
    """Of names that log in without one (`user=<an.nv>`); without it they are left out."""


class DirectorySource(Section):
    """An LDAP directory or Active Directory that accounts are imported from."""

    name: Name
    url: Annotated[str, Field(pattern=r"^ldaps?://[^/\s]+$")]
    bind_dn: str | None = None
    password: SecretStr | None = None
    base: str
    """Where the search begins: `ou=People,dc=tinh,dc=gov,dc=vn`."""
    filter: str = "(mail=*)"
    kind: Literal["ldap", "active-directory", "zimbra"] = "ldap"
    """Which attributes say address, state, aliases and last log-on."""
    ca: Path | None = None
    """PEM of the authority of its TLS certificate; None is the system's."""
    start_tls: bool = False
