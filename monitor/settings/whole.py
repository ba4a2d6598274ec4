"""All settings of one daemon, read from a file and the environment."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from monitor.errors import UserError
from monitor.model import Language
from monitor.settings.explaining import explain
from monitor.settings.figures import (
    AccountSettings,
    AgencySettings,
    CalendarSettings,
    MeasureSettings,
    PrivacySettings,
)
from monitor.settings.kinds import INTAKE, Seconds
from monitor.settings.names import (
    DnsSettings,
    FreemailSettings,
    GatewaySettings,
    OriginSettings,
    PostureSettings,
)
from monitor.settings.report import ReportMailSettings, ReportSettings, ReportSigningSettings
from monitor.settings.service import (
    DatabaseSettings,
    FetchSettings,
    HttpSettings,
    LogSettings,
    SamplingSettings,
    SmtpSettings,
    SpoolSettings,
    VerifySettings,
    ViewerSettings,
)
from monitor.settings.sources import (
    AxisSource,
    DirectorySource,
    FolderSource,
    ImapSource,
    LogSource,
    MailFolderSource,
    MailOrigin,
    MailSource,
    PortalSource,
)
from monitor.toml_file import read_toml


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
    viewer: ViewerSettings = ViewerSettings()
    http: HttpSettings = HttpSettings()
    smtp: SmtpSettings = SmtpSettings()
    mail_sources: tuple[MailSource, ...] = ()
    folders: tuple[FolderSource, ...] = ()
    imap: tuple[ImapSource, ...] = ()
    mail_folders: tuple[MailFolderSource, ...] = ()
    axis: tuple[AxisSource, ...] = ()
    portals: tuple[PortalSource, ...] = ()
    logs: tuple[LogSource, ...] = ()
    directories: tuple[DirectorySource, ...] = ()
    spool: SpoolSettings = SpoolSettings()
    verify: VerifySettings = VerifySettings()
    sampling: SamplingSettings = SamplingSettings()
    fetch: FetchSettings = FetchSettings()
    agencies: AgencySettings = AgencySettings()
    accounts: AccountSettings = AccountSettings()
    privacy: PrivacySettings = PrivacySettings()
    calendar: CalendarSettings = CalendarSettings()
    measure: MeasureSettings = MeasureSettings()
    report: ReportSettings = ReportSettings()
    report_signing: ReportSigningSettings = ReportSigningSettings()
    report_mail: ReportMailSettings = ReportMailSettings()
    dns: DnsSettings = DnsSettings()
    posture: PostureSettings = PostureSettings()
    gateways: tuple[GatewaySettings, ...] = ()
    origin: OriginSettings = OriginSettings()
    freemail: FreemailSettings = FreemailSettings()
    log: LogSettings = LogSettings()

    @property
    def mail_origins(self) -> tuple[MailOrigin, ...]:
        """Every source of mail."""
        return (*self.mail_sources, *self.imap, *self.mail_folders)

    @property
    def item_sources(
        self,
    ) -> tuple[MailOrigin | FolderSource | AxisSource | PortalSource, ...]:
        """Every source of items: what the spool's headers name."""
        return (*self.mail_origins, *self.folders, *self.axis, *self.portals)

    @property
    def watched(self) -> tuple[FolderSource | MailFolderSource | AxisSource, ...]:
        """Every source that is a folder."""
        return (*self.folders, *self.mail_folders, *self.axis)

    @model_validator(mode="after")
    def _sources_are_distinct(self) -> "Settings":
        names = [source.name for source in (*self.item_sources, *self.logs)]
        if INTAKE in (log.name for log in self.logs):
            raise ValueError(f"a log is named {INTAKE}: captured mail is, give it another name")
        lists = [directory.name for directory in self.directories]
        if twice := sorted({name for name in lists if lists.count(name) > 1}):
            raise ValueError(f"two directories share the name {twice[0]}: each needs its own")
        gateways = [gateway.name for gateway in self.gateways]
        if twice := sorted({name for name in gateways if gateways.count(name) > 1}):
            raise ValueError(f"two gateways share the name {twice[0]}: each needs its own")
        addresses = [source.journal_address.lower() for source in self.mail_sources]
        paths = [str(folder.path) for folder in self.watched]
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

    @model_validator(mode="after")
    def _viewer_is_of_the_embedded_server(self) -> "Settings":
        if self.viewer.enabled and self.database.dsn:
            raise ValueError(
                "viewer.enabled is for the embedded database: with database.dsn remove it, and "
                "have an administrator of that server run what `congvu viewer sql` prints"
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
    "intermediates", "crls", "pins", "policy", "registry", "targets", "ca", "password_file",
    "folder", "key_file", "tls_ca",
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
