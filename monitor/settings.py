"""Settings: one TOML file, overridden by `CONGVU_SECTION__KEY`; frozen, unknown keys refused."""

from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from monitor.errors import UserError
from monitor.model import ActivityKind, Channel, Language, Revocation
from monitor.toml_file import read_toml

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Network = IPv4Network | IPv6Network


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone: write Asia/Ho_Chi_Minh or UTC")
    return name


Zone = Annotated[str, AfterValidator(_zone)]


def _encoding(name: str) -> str:
    try:
        keeps_ascii = "a\n".encode(name) == b"a\n"
    except (LookupError, UnicodeError):
        keeps_ascii = False
    if not keeps_ascii:
        raise ValueError(f"{name!r} is no encoding of logs: write utf-8, windows-1258 or latin-1")
    return name


Encoding = Annotated[str, AfterValidator(_encoding)]
"""One that writes ASCII as ASCII: lines are told apart before they are decoded."""
Bytes = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0)]

MIB = 1024 * 1024
INTAKE = "intake"
"""What the record calls captured mail among those who say who is active."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(Section):
    """PostgreSQL: embedded unless a DSN is given."""

    dsn: SecretStr | None = None
    pool_size: Annotated[int, Field(ge=2, le=50)] = 4
    batch_items: Annotated[int, Field(ge=1, le=10_000)] = 500
    batch_delay_seconds: Seconds = 0.1


class HttpSettings(Section):
    """Where `/metrics`, `/healthz` and `/readyz` are served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9465
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    username: str | None = None
    password: SecretStr | None = None

    @model_validator(mode="after")
    def _protected_unless_local(self) -> "HttpSettings":
        local = self.host == "localhost" or _is_loopback(self.host)
        guarded = self.tls_certificate and self.tls_key and self.username and self.password
        if not local and not guarded:
            raise ValueError(
                f"host {self.host} is reachable from outside: set tls_certificate, tls_key, "
                "username and password, or listen on 127.0.0.1"
            )
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class SmtpSettings(Section):
    """The intake of journal copies."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 2525
    lmtp_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    hostname: str = "congvu.localdomain"
    max_message_bytes: Bytes = 64 * MIB
    """Past it a message is accepted, recorded as `oversize`, and its body dropped."""
    max_buffered_bytes: Bytes = 512 * MIB
    """Bodies in memory over all sessions; past it DATA is answered 452."""
    max_connections: Annotated[int, Field(ge=1)] = 200
    max_connections_per_client: Annotated[int, Field(ge=1)] = 100
    max_recipients: Annotated[int, Field(ge=100)] = 2000
    max_messages_per_session: Annotated[int, Field(ge=1)] = 1000
    max_messages_per_minute: Annotated[int, Field(ge=1)] | None = None
    """A client address past it is answered 451; None is no limit."""
    command_timeout_seconds: Seconds = 300
    data_timeout_seconds: Seconds = 180
    min_data_rate_bytes: Bytes = 1024
    """Bytes a second below which a DATA phase is cut after data_timeout_seconds."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    require_tls: bool = False

    @model_validator(mode="after")
    def _tls_is_whole(self) -> "SmtpSettings":
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("tls_certificate and tls_key go together: set both or neither")
        if (self.require_tls or self.tls_client_ca) and not self.tls_certificate:
            raise ValueError("require_tls and tls_client_ca need tls_certificate and tls_key")
        return self


class MailSource(Section):
    """Who may deliver journal copies, and what such a source may say."""

    name: Name
    journal_address: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    """Private address that this source, and it alone, may deliver to."""
    networks: tuple[Network, ...]
    """Clients allowed to speak for it."""
    client_certificates: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    """SHA-256 of client certificates, one of which must be shown; empty asks for none."""
    journal: Literal["copy"] = "copy"
    """`copy`: the envelope sender is the original one (Postfix, Zimbra)."""
    trusted_hops: tuple[Network, ...] = ()
    """Addresses of the gateway's own servers: their Received headers are believed."""
    internal_networks: tuple[Network, ...] = ()
    """Clients from which such a server takes submissions as internal without authentication."""


class FolderSource(Section):
    """A watched folder of documents with a manifest."""

    name: Name
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


class LogSource(Section):
    """A log file of a mail system that says who is active."""

    name: Name
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


class SpoolSettings(Section):
    """The durable hand-over between intake and the rest."""

    max_bytes: Bytes = 20 * 1024 * MIB
    min_free_bytes: Bytes = 1024 * MIB
    """Of the file system; below it intake is answered 452."""
    segment_bytes: Annotated[int, Field(ge=MIB)] = 64 * MIB
    quarantine_max_bytes: Bytes = 2 * 1024 * MIB


class VerifySettings(Section):
    """The isolated children and what they judge by."""

    children: Annotated[int, Field(ge=1, le=64)] = 2
    isolation: Literal["require", "best-effort", "off"] = "require"
    """`require` refuses to start where seccomp is missing; Landlock is used where it exists."""
    timeout_seconds: Seconds = 60
    memory_bytes: Bytes = 2 * 1024 * MIB
    items_per_child: Annotated[int, Field(ge=1)] = 5000
    """A child is replaced after so many items, so that no leak lasts."""
    anchors: Path | None = None
    """Folder of PEM/DER trust anchors; sub-folders cong_vu, cong_cong, internal set the class."""
    intermediates: Path | None = None
    crls: Path | None = None
    """Watched folder of revocation lists and OCSP responses (`.ors`, `.ocsp`)."""
    pins: Path | None = None
    """TOML file of further pins (docs/trust.md), beside those that come with the product."""
    revocation: Revocation = Revocation.REQUIRE
    policy: Path | None = None
    """TOML file that says which algorithms and key sizes prove something, and until when
    (docs/policy.md); None is the one that comes with the product."""
    public_ca_cutoff: date | None = date(2025, 12, 31)


Host = Annotated[str, Field(pattern=r"^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$")]
Url = Annotated[str, Field(pattern=r"^https?://[^/\s@]+(?:/\S*)?$")]


class FetchSettings(Section):
    """The isolated process that fetches revocation lists, where this machine may."""

    enabled: bool = False
    hosts: tuple[Host, ...] = ()
    """All it ever speaks to: exact names, `name:port` for another port than 80 and 443."""
    allow_private: tuple[Host, ...] = ()
    """Those of the hosts that may have a loopback or private address."""
    urls: tuple[Url, ...] = ()
    """Fetched beside what the certificates of the local store name."""
    interval_seconds: Annotated[float, Field(ge=60)] = 86400
    """Longest pause between two looks at one address."""
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 180
    """Of one answer, from first to last byte; ca.gov.vn was seen to take 131."""
    max_bytes: Annotated[int, Field(ge=1024)] = 64 * MIB
    proxy: Url | None = None

    @model_validator(mode="after")
    def _within_the_list(self) -> "FetchSettings":
        for host in self.allow_private:
            if host not in self.hosts:
                raise ValueError(f"allow_private names {host}: add it to hosts as well")
        for url in self.urls:
            if _host_entry(url) not in self.hosts:
                raise ValueError(f"urls has {url}: add {_host_entry(url)} to hosts as well")
        return self


def _host_entry(url: str) -> str:
    """How `hosts` names the server of an address: with its port, unless it is the usual one."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].lower()
    return host.removesuffix(":443" if scheme == "https" else ":80")


class AgencySettings(Section):
    registry: Path | None = None
    """TOML file of agencies (docs/agencies.md)."""


class MeasureSettings(Section):
    interval_seconds: Seconds = 30
    accounts_interval_seconds: Seconds = 600
    """Between two looks at all accounts and their activity."""
    targets: Path | None = None
    """TOML file of a plan's targets (docs/targets.md)."""


class AccountSettings(Section):
    """Who counts as active (docs/accounts.md). No decree defines it: each is printed in reports."""

    human: tuple[ActivityKind, ...] = (ActivityKind.SENT, ActivityKind.LOGIN)
    """Kinds that a person's own doing shows."""
    habitual_days: Annotated[int, Field(ge=1, le=31)] = 10
    """Working days of the window with human activity that make use habitual."""
    dormant_after_days: Annotated[int, Field(ge=1)] = 45
    never_logged_in_after_days: Annotated[int, Field(ge=1)] = 90
    """After its creation, an account without any login is to be locked."""
    system: tuple[str, ...] = (
        "postmaster@*", "mailer-daemon@*", "root@*", "abuse@*", "noreply@*", "no-reply@*",
        "galsync*@*", "spam.*@*", "ham.*@*", "virus-quarantine.*@*", "zimbra@*",
        "healthmailbox*@*", "systemmailbox*@*", "discoverysearchmailbox*@*", "migration.*@*",
    )  # fmt: skip
    """Patterns of addresses that nobody reads: in no figure."""
    leader_words: tuple[str, ...] = (
        "chủ tịch", "phó chủ tịch", "giám đốc", "phó giám đốc", "bí thư", "phó bí thư",
        "chánh văn phòng", "phó chánh văn phòng", "chánh thanh tra", "cục trưởng", "phó cục trưởng",
        "chi cục trưởng", "phó chi cục trưởng", "trưởng ban", "phó trưởng ban", "hiệu trưởng",
        "trưởng phòng", "phó trưởng phòng",
    )  # fmt: skip
    """What the post of a leader begins with, where a roster gives posts and no roles."""


class PrivacySettings(Section):
    """What is kept of people, and how long (docs/privacy.md). None keeps it."""

    keep_names: bool = False
    """Names of rosters, sealed; without it a person is a pseudonym."""
    activity_months: Annotated[int, Field(ge=6)] | None = 24
    gateway_months: Annotated[int, Field(ge=1)] | None = 6
    evidence_months: Annotated[int, Field(ge=6)] | None = None
    """Messages, documents and their evidence."""
    erase_after_days: Annotated[int, Field(ge=0)] | None = 90
    """After a person's employment ended."""


class CalendarSettings(Section):
    """Days off and working days beside the public holidays that come with the product."""

    free: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    """Saturdays and Sundays worked in exchange."""

    @model_validator(mode="after")
    def _free_or_worked(self) -> "CalendarSettings":
        if both := sorted({*self.free} & {*self.worked}):
            raise ValueError(f"{both[0]} is both free and worked: leave it in one of them")
        return self


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Settings(BaseSettings):
    """All settings of one daemon."""

    model_config = SettingsConfigDict(
        env_prefix="CONGVU_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    state_dir: Path = Path("var")
    user: str | None = None
    """Unprivileged account for the embedded database when started as root; None picks one."""
    language: Language = Language.VI
    """Of reports for readers; logs and metrics are English."""
    shutdown_grace_seconds: Seconds = 20
    database: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    smtp: SmtpSettings = SmtpSettings()
    mail_sources: tuple[MailSource, ...] = ()
    folders: tuple[FolderSource, ...] = ()
    logs: tuple[LogSource, ...] = ()
    directories: tuple[DirectorySource, ...] = ()
    spool: SpoolSettings = SpoolSettings()
    verify: VerifySettings = VerifySettings()
    fetch: FetchSettings = FetchSettings()
    agencies: AgencySettings = AgencySettings()
    accounts: AccountSettings = AccountSettings()
    privacy: PrivacySettings = PrivacySettings()
    calendar: CalendarSettings = CalendarSettings()
    measure: MeasureSettings = MeasureSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _sources_are_distinct(self) -> "Settings":
        sources: tuple[MailSource | FolderSource | LogSource, ...] = (
            *self.mail_sources, *self.folders, *self.logs,
        )  # fmt: skip
        names = [source.name for source in sources]
        if INTAKE in (log.name for log in self.logs):
            raise ValueError(f"a log is named {INTAKE}: captured mail is, give it another name")
        lists = [directory.name for directory in self.directories]
        if twice := sorted({name for name in lists if lists.count(name) > 1}):
            raise ValueError(f"two directories share the name {twice[0]}: each needs its own")
        addresses = [source.journal_address.lower() for source in self.mail_sources]
        paths = [str(folder.path) for folder in self.folders]
        for what, values in (("name", names), ("journal_address", addresses), ("path", paths)):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"two sources share the {what} {twice[0]}: each needs its own")
        return self

    @model_validator(mode="after")
    def _fetching_has_a_place(self) -> "Settings":
        if self.fetch.enabled and (not self.fetch.hosts or self.verify.crls is None):
            raise ValueError(
                "fetch.enabled needs fetch.hosts (who may be asked) and verify.crls (where to put "
                "what is fetched)"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which arrives as init values."""
        return env_settings, init_settings


def load(path: Path | None) -> Settings:
    """Settings from a TOML file and the environment.

    Relative paths in the file are relative to the file's folder. Raises UserError with one line
    a problem: where, what is wrong, what was given.
    """
    values = _read(path) if path else {}
    try:
        return Settings(**values)
    except ValidationError as error:
        where = str(path) if path else "settings"
        raise UserError("\n".join(f"{where}: {line}" for line in explain(error))) from None


def _read(path: Path) -> dict[str, Any]:
    parsed = read_toml(path, "--config")
    base = path.resolve().parent
    return {key: _absolute(value, base, key) for key, value in parsed.items()}


PATH_KEYS = {
    "state_dir", "path", "tls_certificate", "tls_key", "tls_client_ca", "anchors",
    "intermediates", "crls", "pins", "policy", "registry", "targets", "ca",
}  # fmt: skip


def _absolute(value: Any, base: Path, key: str = "") -> Any:
    """The same tree with every relative path made relative to the file's folder."""
    if isinstance(value, dict):
        return {k: _absolute(v, base, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_absolute(v, base, key) for v in value]
    if key in PATH_KEYS and isinstance(value, str):
        return str(base / value)
    return value


def explain(error: ValidationError) -> list[str]:
    """One plain line a problem: `section.key: what is wrong (given: …)`; never a secret's value."""
    lines = []
    for problem in error.errors(include_url=False):
        where = _place(problem["loc"])
        given = problem.get("input")
        shown = isinstance(given, str | int | float | bool) and not SECRET_KEYS & {*problem["loc"]}
        lines.append(f"{where}: {_plain(problem)}" + (f" (given: {given!r})" if shown else ""))
    return list(dict.fromkeys(lines))


SECRET_KEYS = {"password", "dsn"}


def _place(loc: tuple[int | str, ...]) -> str:
    """`mail_sources #1.networks #2`: the first source's second network."""
    place = ""
    for part in loc:
        if isinstance(part, int):
            place += f" #{part + 1}"
        elif part.isidentifier():  # others are names of pydantic's own for members of a union
            place += f".{part}" if place else part
    return place or "settings"


def _plain(problem: ErrorDetails) -> str:
    """What is wrong and what to write, in the words of someone who edits a TOML file."""
    key = next((str(part) for part in reversed(problem["loc"]) if isinstance(part, str)), "")
    kind = problem["type"]
    if kind == "tuple_type" and problem["loc"] == (key,):
        kind = "table_list"
    message = problem["msg"].removeprefix("Value error, ")
    words = PROBLEM_WORDS.get(kind) or TYPE_WORDS.get(kind.partition("_")[0])
    if kind == "string_pattern_mismatch":
        words = PATTERN_WORDS.get(problem.get("ctx", {})["pattern"])
    if words is None:
        return message.replace("Input should be", "must be")
    return words.format(key=key, **problem.get("ctx", {}))


PROBLEM_WORDS = {
    "extra_forbidden": "no such setting; see config/congvu.toml for all of them",
    "missing": "is missing: add it (see config/congvu.toml)",
    "ip_v4_network": "is no network: write 10.0.0.4/32 for one address, 10.0.0.0/24 for a network",
    "ip_v6_network": "is no network: write 10.0.0.4/32 for one address, 10.0.0.0/24 for a network",
    "table_list": "begin each entry with a line [[{key}]]",
    "tuple_type": 'must be a list: write {key} = ["…"]',
    "string_type": "must be text in quotation marks",
    "too_short": "needs at least {min_length} entry",
    "model_type": "is a section: write [{key}] and its settings below",
}
TYPE_WORDS = {
    "date": "must be a day: write 2025-12-31, without quotation marks",
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
}
PATTERN_WORDS = {
    r"^[a-z0-9][a-z0-9_-]{0,39}$": 'must be 1 to 40 of a-z, 0-9, "-" and "_"',
    r"^[^@\s]+@[^@\s]+$": "must be a mail address: write journal-7f3a91@congvu.invalid",
    r"^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$": (
        "must be a host name in small letters, without wildcard: write ca.gov.vn, or name:8080"
    ),
    r"^https?://[^/\s@]+(?:/\S*)?$": "must be an address: write http://ca.gov.vn/pki/pub/crl/a.crl",
    r"^[a-z0-9.-]{1,253}$": "must be a domain in small letters: write tinh.gov.vn",
    r"^ldaps?://[^/\s]+$": "must be a directory's address: write ldaps://ad.tinh.gov.vn",
    r"^[0-9a-f]{64}$": "must be a SHA-256 in lower-case hexadecimal, without colons",
}
