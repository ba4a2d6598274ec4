"""Reports: which periods, who makes them, where they go (docs/reporting.md)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator

from monitor.model import Language
from monitor.periods import CalendarKind, Kind, Rules
from monitor.settings.kinds import Address, HostName, Port, Seconds, Section, Url

ReportFormat = Literal["xlsx", "csv", "json", "pdf"]
ScheduledKind = Literal[Kind.MONTH, Kind.QUARTER, Kind.HALF, Kind.YEAR]


class ReportSigningSettings(Section):
    """The key that PDF reports are signed with (PAdES)."""

    key_file: Path | None = None
    """PKCS#12. None signs nothing."""
    password_file: Path | None = None
    """None where the PKCS#12 file has no password."""
    timestamp_url: Url | None = None
    """RFC 3161 server; None signs without a time-stamp."""
    timestamp_timeout_seconds: Seconds = 150
    """VGCA's server was seen to take up to 131 s."""


class ReportMailSettings(Section):
    """The operator's own relay, and who is sent what."""

    host: HostName | None = None
    """None sends nothing."""
    port: Port = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    tls_ca: Path | None = None
    """None trusts the system's store."""
    username: str | None = None
    password: SecretStr | None = None
    sender: Address | None = None
    recipients: tuple[Address, ...] = ()
    """Of the province's report."""
    agencies: dict[str, tuple[Address, ...]] = Field(default_factory=dict)
    """Of an agency's own sheet, by its code."""
    max_bytes: Annotated[int, Field(ge=100_000)] = 20_000_000
    """A mail is never larger; what does not fit is named in it and stays in the folder."""

    @model_validator(mode="after")
    def _whole(self) -> "ReportMailSettings":
        if self.host and not self.sender:
            raise ValueError("host needs sender: whom its mails are from")
        if self.password and self.tls == "none":
            raise ValueError('password needs tls = "starttls" or "tls": it would be sent in clear')
        return self


class ReportSettings(Section):
    """The reports of closed periods."""

    superior: str = ""
    """Whom the reporting office is under, above its name: "UBND TỈNH …"."""
    issuer: str = ""
    """The reporting office: "TRUNG TÂM CÔNG NGHỆ THÔNG TIN"."""
    place: str = ""
    """Before the date of a report."""
    calendar: CalendarKind = CalendarKind.CALENDAR
    administrative_day: Annotated[int, Field(ge=2, le=28)] = 15
    """First day of an administrative month, in the month before."""
    administrative_half_years: bool = True
    close: tuple[ScheduledKind, ...] = ()
    """Kinds of periods that the daemon closes and writes by itself; else by command alone."""
    close_after_days: Annotated[int, Field(ge=1, le=60)] = 5
    """Complete days after a period's last day in which late data may come."""
    folder: Path | None = None
    """Where the daemon writes reports; None is `reports` in the state folder."""
    formats: tuple[ReportFormat, ...] = Field(("xlsx", "pdf"), min_length=1)
    languages: tuple[Language, ...] = Field((Language.VI,), min_length=1)
    agency_sheets: bool = False
    """Write each agency's own sheet, too."""
    few_documents: Annotated[int, Field(ge=1)] = 10
    """An agency with fewer in a period is named as having too few to be ranked or assessed."""

    @property
    def rules(self) -> Rules:
        return Rules(self.calendar, self.administrative_day, self.administrative_half_years)
