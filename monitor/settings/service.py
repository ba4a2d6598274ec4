"""The daemon itself: where it listens, what it keeps, how it judges."""

from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator

from monitor.model import Revocation
from monitor.settings.kinds import MIB, Bytes, Host, Port, Seconds, Section, Url, host_entry


class DatabaseSettings(Section):
    """PostgreSQL: embedded unless a DSN is given."""

    dsn: SecretStr | None = None
    pool_size: Annotated[int, Field(ge=2, le=50)] = 4
    batch_items: Annotated[int, Field(ge=1, le=10_000)] = 500
    batch_delay_seconds: Seconds = 0.1


class ViewerSettings(Section):
    """How Grafana reads the views of the embedded database (docs/grafana.md)."""

    enabled: bool = False
    """Listen on 127.0.0.1 for the role `congvu_viewer`, which sees views of counts alone."""
    port: Annotated[int, Field(ge=1, le=65535)] = 5433


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
    tls_port: Port | None = None
    """A listener that speaks TLS from the first byte (RFC 8314 3.3)."""
    require_tls: bool = False

    @model_validator(mode="after")
    def _tls_is_whole(self) -> "SmtpSettings":
        if self.tls_port is not None and not self.tls_certificate:
            raise ValueError("tls_port needs tls_certificate and tls_key")
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("tls_certificate and tls_key go together: set both or neither")
        if (self.require_tls or self.tls_client_ca) and not self.tls_certificate:
            raise ValueError("require_tls and tls_client_ca need tls_certificate and tls_key")
        return self


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


class SamplingSettings(Section):
    """Which share of messages is verified (docs/sampling.md); capture and counting are of all."""

    automatic: bool = True
    """Whether this node lowers the shared rate under a backlog and raises it again."""
    lowest_rate: Annotated[float, Field(ge=0.01, le=1)] = 0.1
    backlog_seconds: Annotated[float, Field(ge=60)] = 900
    """Age of the oldest item past which a backlog that grows lowers the rate."""
    drained_seconds: Annotated[float, Field(ge=1)] = 60
    """Age of the oldest item below which the rate rises again."""
    hold_seconds: Annotated[float, Field(ge=60)] = 300
    """Between two steps."""

    @model_validator(mode="after")
    def _drained_is_less(self) -> "SamplingSettings":
        if self.drained_seconds >= self.backlog_seconds:
            raise ValueError("drained_seconds must be below backlog_seconds")
        return self


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
            if host_entry(url) not in self.hosts:
                raise ValueError(f"urls has {url}: add {host_entry(url)} to hosts as well")
        return self


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"
