"""The demo province on disk: trust folders, agency registry, settings, and what the terminal says.

Everything lies below one state folder; removing it removes the demo. A second start with the same
folder keeps the province and its PKI, renews the revocation lists and numbers its mails on.
"""

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from string import Template

from cryptography.hazmat.primitives.asymmetric import rsa

from monitor.clock import Clock
from monitor.clock import now as system_clock
from monitor.demo.agencies import (
    AGENCIES,
    BY_CODE,
    CLERK,
    DOMAIN,
    FOLDER_AGENCIES,
    TWO_LEVEL_SINCE,
    DemoAgency,
)
from monitor.demo.gateway_hosts import AUTHORITY, GatewayHost, write_certificates
from monitor.demo.mail_key import mail_key
from monitor.demo.mail_system import AUDIT_LOG, MAIL_LOG, TARGETS, MailSystem
from monitor.demo.mails import GATEWAY
from monitor.demo.past import Past
from monitor.demo.pki import Pki
from monitor.demo.register import RegisterExport
from monitor.demo.zone import FREE_ACCOUNT, FREE_DOMAIN, GATEWAY_NETWORK, OLD_DOMAIN, SELECTOR
from monitor.errors import UserError
from monitor.material.demo_mark import DEMO_LABEL
from monitor.whole_file import whole_file

JOURNAL_ADDRESS = f"journal@congvu.{DOMAIN}"
MAIL_SOURCE = "demo-gateway"
FOLDER_SOURCE = "demo-docsys"
AXIS_SOURCE = "demo-axis"
ARCHIVE_SOURCE = "demo-archive"
HTTP_PORT = 9465
SMTP_PORT = 2525
VIEWER_PORT = 5433
NAMES_PORT = 5354
GATEWAY_DAYS = {"mail-1": 200, "mail-2": 12}
"""Hosts of its gateway, and for how many days their certificates last."""
REPORT_KEY = "report.p12"
PKI_LASTS = timedelta(days=300)
"""After it the generated certificates near their end and a fresh PKI is made."""


@dataclass(frozen=True)
class DemoPlan:
    """A prepared province: what to start and what to feed."""

    state_dir: Path
    config_path: Path
    seed: int
    run: int
    """0 at the first start with this folder; keeps later runs' mails and numbers apart."""
    http_port: int
    smtp_port: int
    inbox: Path
    """The watched document folder."""
    axis: Path
    """The folder of the exchange axis."""
    archive: Path
    """The folder that archives of mail are put into."""
    names_port: int
    """Where its resolver answers."""
    gateways: tuple[GatewayHost, ...]
    pki: Pki
    mail_key: rsa.RSAPrivateKey
    """What its gateway signs mail with (DKIM)."""
    mail_system: MailSystem
    register: RegisterExport
    past: Past
    """What was sent before."""
    notes: tuple[str, ...] = ()
    """What differs from the defaults, one line each."""

    @property
    def month(self) -> str:
        """The month before the demo was made: the newest that a report can be closed of."""
        last = self.mail_system.made_on.replace(day=1) - timedelta(days=1)
        return f"{last:%Y-%m}"

    @property
    def journal_address(self) -> str:
        """The private address that journal copies go to."""
        return JOURNAL_ADDRESS


@dataclass(frozen=True)
class _Past:
    """What demo.json keeps between runs."""

    created_at: datetime
    run: int


def prepare(state_dir: Path, seed: int, clock: Clock = system_clock) -> DemoPlan:
    """Write everything the demo needs below `state_dir`.

    The defaults' ports are taken where they are free, else free ones. Raises UserError when the
    folder holds a demo of another seed or cannot be written.
    """
    state_dir = state_dir.resolve()
    instant = clock()
    inbox, axis, archive = state_dir / "inbox", state_dir / "axis", state_dir / "archive"
    try:
        for folder in (inbox, axis, archive):
            folder.mkdir(parents=True, exist_ok=True)
        past = _remember(state_dir / "demo.json", seed, instant)
        pki = Pki.create(seed, past.created_at)
        pki.write(state_dir / "trust", instant)
        with whole_file(state_dir / REPORT_KEY) as file:
            file.write(pki.organisation().pkcs12())
        (state_dir / "agencies.toml").write_text(registry_toml(), encoding="utf-8")
        mail_system = MailSystem(state_dir, seed, past.run, past.created_at)
        register = RegisterExport(state_dir, seed, mail_system.made_on)
        before = Past(seed, mail_system.made_on, register.past)
        mail_system.prepare(before.log_lines() if past.run == 0 else ())
        register.write()
        key = mail_key(state_dir)
        gateways = _gateways(state_dir, instant)
        http_port, smtp_port, names_port = map(_port, (HTTP_PORT, SMTP_PORT, NAMES_PORT))
        config_path = state_dir / "congvu.toml"
        config_path.write_text(
            config_toml(http_port, smtp_port, _port(VIEWER_PORT), names_port, gateways),
            encoding="utf-8",
        )
    except OSError as error:
        raise UserError(
            f"{state_dir}: cannot be written: {error.strerror}; choose another with --state"
        ) from None
    notes = _notes(http_port, smtp_port)
    return DemoPlan(
        state_dir, config_path, seed, past.run, http_port, smtp_port, inbox, axis, archive,
        names_port, gateways, pki, key, mail_system, register, before, notes,
    )  # fmt: skip


def _gateways(state_dir: Path, instant: datetime) -> tuple[GatewayHost, ...]:
    gateways = tuple(GatewayHost(name, free_port(), days) for name, days in GATEWAY_DAYS.items())
    write_certificates(state_dir, gateways, instant)
    return gateways


def _remember(path: Path, seed: int, instant: datetime) -> _Past:
    """The past of this folder with the run counted on; written before anything is generated."""
    past = _Past(instant.replace(microsecond=0), 0)
    if path.exists():
        kept = _kept(path)
        if kept["seed"] != seed:
            raise UserError(
                f"{path.parent}: holds a demo of seed {kept['seed']}: start it with "
                f"--seed {kept['seed']}, choose another --state, or remove the folder"
            )
        created = datetime.fromisoformat(str(kept["created_at"]))
        fresh = instant - created > PKI_LASTS or created > instant
        past = _Past(past.created_at if fresh else created, int(kept["run"]) + 1)
    state = {"seed": seed, "created_at": past.created_at.isoformat(), "run": past.run}
    path.write_text(json.dumps(state), encoding="utf-8")
    return past


def _kept(path: Path) -> dict[str, int | str]:
    try:
        kept: dict[str, int | str] = json.loads(path.read_text(encoding="utf-8"))
        datetime.fromisoformat(str(kept["created_at"]))
        int(kept["run"]), int(kept["seed"])
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{path}: not written by the demo; remove {path.parent}") from None
    return kept


def registry_toml() -> str:
    """The registry file of the province's agencies (docs/agencies.md)."""
    head = f"# {DEMO_LABEL}. Two-level local government since {TWO_LEVEL_SINCE}: districts ended.\n"
    agencies = "".join(_agency_toml(agency) for agency in AGENCIES)
    return head + agencies + "".join(_mailbox_toml(agency) for agency in AGENCIES)


def _mailbox_toml(agency: DemoAgency) -> str:
    """The agency's own mailbox, which its clerk signs for as well."""
    return _entry_toml(
        "mailboxes",
        ("address", agency.mailbox),
        ("agency", agency.code),
        ("officers", [agency.address(CLERK)]),
        ("valid_to", agency.valid_to),
    )


def _agency_toml(agency: DemoAgency) -> str:
    return _entry_toml(
        "agencies",
        ("code", agency.code),
        ("name", agency.name),
        ("name_en", agency.name_en),
        ("level", agency.level),
        ("parent", agency.parent),
        ("domains", [agency.domain]),
        ("addresses", [FREE_ACCOUNT[1]] if agency.code == FREE_ACCOUNT[0] else None),
        ("organ_codes", [agency.organ_codes[1]]),
        ("uid", [agency.uid]),
        ("valid_to", agency.valid_to),
        ("successors", list(agency.successors) or None),
    )


def _entry_toml(table: str, *entries: tuple[str, object]) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in entries if value is not None]
    return f"\n[[{table}]]\n" + "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """Strings and lists of strings as JSON writes them, which is TOML too; dates bare."""
    if isinstance(value, str | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def config_toml(
    http_port: int,
    smtp_port: int,
    viewer_port: int,
    names_port: int,
    gateways: Sequence[GatewayHost],
) -> str:
    """The demo's settings; paths are relative to the state folder it is written to."""
    template = (Path(__file__).parent / "settings.template.toml").read_text(encoding="utf-8")
    return Template(template).substitute(
        label=DEMO_LABEL, domain=DOMAIN, http_port=http_port, smtp_port=smtp_port,
        viewer_port=viewer_port, mail_source=MAIL_SOURCE, journal_address=JOURNAL_ADDRESS,
        folder_source=FOLDER_SOURCE, folder_agencies=json.dumps(list(FOLDER_AGENCIES)),
        archive_source=ARCHIVE_SOURCE, axis_source=AXIS_SOURCE, audit_log=AUDIT_LOG,
        mail_log=MAIL_LOG, targets=TARGETS, report_key=REPORT_KEY, names_port=names_port,
        gateway=GATEWAY, gateway_network=GATEWAY_NETWORK, selector=SELECTOR,
        old_domain=OLD_DOMAIN, free_domain=FREE_DOMAIN,
        gateways="".join(_gateway_toml(host) for host in gateways),
    )  # fmt: skip


def _gateway_toml(host: GatewayHost) -> str:
    return _entry_toml(
        "gateways", ("name", host.name), ("host", "127.0.0.1"), ("server_name", GATEWAY),
        ("port", host.port), ("ca", AUTHORITY), ("interval_seconds", 30),
    )  # fmt: skip


def _port(preferred: int) -> int:
    """The port if nobody listens on it, else a free one."""
    try:
        return free_port(preferred)
    except OSError:
        return free_port()


def free_port(port: int = 0) -> int:
    """A port of this machine that nobody listens on; OSError where that one is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return int(probe.getsockname()[1])


def _notes(http_port: int, smtp_port: int) -> tuple[str, ...]:
    ports = (("HTTP", HTTP_PORT, http_port), ("SMTP", SMTP_PORT, smtp_port))
    return tuple(
        f"{what}: cổng {usual} đang bận, dùng {taken} / port {usual} is taken, using {taken}"
        for what, usual, taken in ports
        if usual != taken
    )


def banner(plan: DemoPlan, rate: float) -> str:
    """What runs, where to look, what to try: a few lines, Vietnamese and English."""
    config = _shown(plan.config_path)
    agency = BY_CODE["hs-stc"]
    lines = [
        f"congvu demo · {DEMO_LABEL} · seed {plan.seed}",
        f"  Một tỉnh giả định gửi {rate:g} thư và văn bản mỗi giây.",
        f"  A fictional province sends {rate:g} mails and documents a second.",
        *(f"  ! {note}" for note in plan.notes),
        "Xem / look:",
        f"  http://127.0.0.1:{plan.http_port}/metrics   số liệu / figures",
        f"  http://127.0.0.1:{plan.http_port}/readyz    200 = sẵn sàng / ready",
        f"  http://127.0.0.1:{plan.http_port}/docs      số liệu nghĩa là gì / what figures mean",
        f"  SMTP 127.0.0.1:{plan.smtp_port}, thư mục / folder {_shown(plan.inbox)}",
        "Thử ở cửa sổ khác / try in another terminal:",
        f"  .venv/bin/congvu documents list --config {config} --agency {agency.code}",
        f"  .venv/bin/congvu accounts funnel --agency {agency.code} --config {config}",
        f"  .venv/bin/congvu roster report mailboxes-of-people-who-left --config {config}",
        f"  .venv/bin/congvu coverage --config {config}",
        f"  .venv/bin/congvu axis late --config {config}",
        f"  .venv/bin/congvu register unmatched --agency {agency.code} --config {config}",
        f"  .venv/bin/congvu posture --config {config}",
        f"  .venv/bin/congvu freemail list --agency {agency.code} --config {config}",
        f"  .venv/bin/congvu alerts list --config {config}",
        f"  .venv/bin/congvu report --period {plan.month} --out reports --config {config}",
        f"  .venv/bin/congvu viewer show --config {config}",
        f"  .venv/bin/congvu doctor --config {config}",
        f"  curl -s http://127.0.0.1:{plan.http_port}/metrics | grep congvu_documents_total",
        "Dừng / stop: Ctrl-C",
    ]
    return "\n".join(lines)


def _shown(path: Path) -> str:
    """Relative to the working folder where it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
