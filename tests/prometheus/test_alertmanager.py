"""The shipped rules and routes in the real programs: a Prometheus that reads a page of ours, an
Alertmanager that groups, inhibits and resolves, a webhook and a mail server that are told.
"""

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support import bound
from tests.support.daemon import free_port
from tests.support.needs import needs, program

DEPLOY = Path(__file__).parents[2] / "deploy"
WITHIN = 90.0
pytestmark = needs("prometheus", "prometheus-alertmanager", "amtool")

QUIET = {
    "congvu_working_hours": 1, "congvu_working_day": 1, "congvu_start_timestamp_seconds": 1,
    'congvu_part_ready{part="database"}': 1, 'congvu_part_ready{part="children"}': 1,
    "congvu_trust_anchors": 3, "congvu_spool_bytes": 0, "congvu_spool_capacity_bytes": 2e10,
    "congvu_spool_free_bytes": 5e10, "congvu_spool_reserve_bytes": 1e9,
}  # fmt: skip
JOBS = [
    f"congvu_{job}_last_success_timestamp_seconds"
    for job in ("measure", "accounts", "privacy", "revalidation")
]
MEASURED_LONG_AGO = {JOBS[0]: 2.0}


def low_coverage(code: str, name: str) -> dict[str, float]:
    labels = f'agency="{code}",channel="mail"'
    info = f'agency="{code}",name="{name}",level="department",parent="ubnd"'
    return {
        f"congvu_adoption_coverage_ratio{{{labels}}}": 0.5,
        f"congvu_adoption_coverage_denominator{{{labels}}}": 60,
        f"congvu_agency_info{{{info}}}": 1,
    }


class Page(ThreadingHTTPServer):
    """`/metrics` as told, and the webhook's receiver."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.samples: dict[str, float] | None = dict(QUIET)
        """None answers 500: the daemon is down."""
        self.told: list[dict[str, Any]] = []
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def names(self, status: str) -> list[str]:
        """Of the alerts of a status that the webhook was told of, notification by notification."""
        return [
            alert["labels"]["alertname"]
            for each in list(self.told)
            for alert in each["alerts"]
            if alert["status"] == status
        ]


class _Handler(BaseHTTPRequestHandler):
    server: Page

    def do_GET(self) -> None:
        samples = self.server.samples
        self.send_response(200 if samples is not None else 500)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        measured = dict.fromkeys(JOBS, time.time()) | (samples or {})
        self.wfile.write("".join(f"{k} {v}\n" for k, v in measured.items()).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


class Mails:
    """What a mail server got."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []

    async def handle_DATA(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        found = message_from_bytes(content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.got.append(found)
        return "250 OK"


class Site:
    """Everything that runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.page = Page()
        self.mails = Mails()
        self.smtp = Controller(self.mails, hostname="127.0.0.1", port=free_port())
        self.prometheus, self.alertmanager = free_port(), free_port()
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.smtp.start()
        self._write_alertmanager()
        self._write_prometheus()
        self._run(
            "prometheus-alertmanager", f"--config.file={self.folder / 'alertmanager.yml'}",
            f"--storage.path={self.folder / 'am'}", "--cluster.listen-address=",
            f"--web.listen-address=127.0.0.1:{self.alertmanager}",
        )  # fmt: skip
        self._run(
            "prometheus", f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.prometheus}",
        )  # fmt: skip

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(timeout=30)
        self.smtp.stop()
        self.page.shutdown()
        self.page.server_close()

    def _write_alertmanager(self) -> None:
        """The shipped file; other places, and seconds in place of minutes."""
        shipped = DEPLOY / "alertmanager"
        text = (shipped / "alertmanager.yml").read_text("utf-8")
        text = text.replace("mail.tinh.gov.vn:587", f"127.0.0.1:{self.smtp.port}")
        text = re.sub(r"  smtp_auth_\w+: .*\n", "", text)
        text = text.replace("global:\n", "global:\n  smtp_require_tls: false\n")
        text = text.replace("http://127.0.0.1:9099/", f"http://127.0.0.1:{self.page.port}/")
        text = re.sub(r"(group_wait|group_interval): \w+", r"\1: 1s", text)
        (self.folder / "alertmanager.yml").write_text(text, "utf-8")
        (self.folder / "congvu.tmpl").write_text((shipped / "congvu.tmpl").read_text("utf-8"))

    def _write_prometheus(self) -> None:
        shipped = DEPLOY / "prometheus"
        text = (shipped / "congvu.yml").read_text("utf-8")
        text = text.replace("127.0.0.1:9465", f"127.0.0.1:{self.page.port}")
        text = text.replace("127.0.0.1:9093", f"127.0.0.1:{self.alertmanager}")
        text = re.sub(r"(scrape_interval|scrape_timeout): \w+", r"\1: 1s", text)
        text = "global: {evaluation_interval: 1s}\n" + text
        (self.folder / "prometheus.yml").write_text(text, "utf-8")
        rules = self.folder / "rules"
        rules.mkdir()
        for file in (shipped / "rules").glob("*.yml"):
            quick = re.sub(r"\bfor: \w+", "for: 1s", file.read_text("utf-8"))
            quick = re.sub(r"\bkeep_firing_for: \w+", "keep_firing_for: 15s", quick)
            quick = re.sub(r"\binterval: \w+", "interval: 1s", quick)
            (rules / file.name).write_text(quick, "utf-8")

    def _run(self, name: str, *options: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            command = [program(name), *options]
            self._running.append(bound.start(command, stdout=log, stderr=log))

    def until(self, happened: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            try:
                if happened():
                    return
            except OSError:
                pass  # not listening yet
            time.sleep(0.2)
        logs = [(p.name, p.read_text("utf-8")[-1500:]) for p in self.folder.glob("*.log")]
        raise AssertionError(f"{what}: not within {WITHIN:.0f} s\n{self.page.told}\n{logs}")

    def evaluations(self) -> int:
        """How often Prometheus has looked at the rules of trust."""
        url = f"http://127.0.0.1:{self.prometheus}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            text = answer.read().decode()
        found = re.search(r"rule_evaluations_total\{.*congvu-trust\"\} (\d+)", text)
        return int(found[1]) if found else 0

    def in_state(self, name: str, state: str) -> bool:
        return self.state_of(name) == state

    def state_of(self, name: str) -> str | None:
        """`active` or `suppressed`, as Alertmanager has it; None where it has none."""
        url = f"http://127.0.0.1:{self.alertmanager}/api/v2/alerts"
        with urllib.request.urlopen(url, timeout=5) as answer:
            found = json.load(answer)
        states = [a["status"]["state"] for a in found if a["labels"]["alertname"] == name]
        return states[0] if states else None


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    running = Site(tmp_path)
    running.start()
    yield running
    running.stop()


def test_amtool_reads_the_shipped_routes() -> None:
    file = DEPLOY / "alertmanager" / "alertmanager.yml"
    done = subprocess.run(
        [program("amtool"), "check-config", str(file)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=CongvuDown severity=page", "truc"),
        ("alertname=CongvuCoverageLow severity=ticket level=department", "so-nganh"),
        ("alertname=CongvuCoverageLow severity=ticket level=commune", "xa-phuong"),
        ("alertname=CongvuDiskFilling severity=ticket", "quan-tri"),
        ("alertname=CongvuCertificatesExpiring severity=info level=commune", "so-nganh"),
        ("alertname=CongvuOffHours severity=info", "khong-ai"),
    ],
)
def test_an_alert_goes_to_who_looks_after_it(labels: str, receiver: str) -> None:
    file = DEPLOY / "alertmanager" / "alertmanager.yml"
    done = subprocess.run(
        [program("amtool"), "config", "routes", "test", f"--config.file={file}", *labels.split()],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == receiver


def test_agencies_with_one_trouble_are_one_mail_in_vietnamese(site: Site) -> None:
    site.page.samples = QUIET | low_coverage("so-yt", "Sở Y tế") | low_coverage("so-ct", "Sở CT")
    site.until(lambda: site.mails.got, "a mail")
    mail = site.mails.got[-1]
    assert mail["To"] == "chuyen-doi-so@tinh.gov.vn"
    assert str(mail["Subject"]).startswith("[congvu] Cần xử lý: congvu không thu đủ thư")
    assert "mục khác" in str(mail["Subject"])
    plain = mail.get_body(("plain",))
    rich = mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    for part in (plain.get_content(), rich.get_content()):
        assert "Sở Y tế" in part
        assert "Sở CT" in part
        assert "http://127.0.0.1:9465/docs/runbooks/CongvuCoverageLow" in part
    assert site.page.told == []  # nobody is called


def test_one_cause_is_one_page_and_its_end_is_told(site: Site) -> None:
    page = site.page
    away = {'congvu_part_ready{part="database"}': 0.0}
    page.samples = QUIET | away
    site.until(lambda: "CongvuDatabaseAway" in page.names("firing"), "a page")
    page.samples = QUIET | away | MEASURED_LONG_AGO | low_coverage("so-yt", "Sở Y tế")
    for name in ("CongvuMeasureLate", "CongvuCoverageLow"):
        suppressed = partial(site.in_state, name, "suppressed")
        site.until(suppressed, f"{name} is inhibited")
    assert site.mails.got[-1]["Subject"] == "[congvu] KHẨN: congvu không ghi được vào cơ sở dữ liệu"
    page.samples = dict(QUIET)
    site.until(lambda: "CongvuDatabaseAway" in page.names("resolved"), "its end")
    assert set(page.names("firing")) == {"CongvuDatabaseAway"}
    assert {str(mail["To"]) for mail in site.mails.got} == {"truc@tinh.gov.vn"}
    assert "Đã hết" in str(site.mails.got[-1]["Subject"])


def test_a_daemon_that_is_down_silences_the_rest(site: Site) -> None:
    page = site.page
    page.samples = QUIET | {"congvu_spool_refusing": 1}
    site.until(lambda: "CongvuSpoolRefusing" in page.names("firing"), "a page")
    page.samples = None
    site.until(lambda: "CongvuDown" in page.names("firing"), "another page")
    page.samples = dict(QUIET)
    site.until(lambda: "CongvuDown" in page.names("resolved"), "its end")
    assert set(page.names("firing")) == {"CongvuSpoolRefusing", "CongvuDown"}


def test_at_night_nobody_is_called_for_what_can_wait_and_somebody_for_what_cannot(
    site: Site,
) -> None:
    page = site.page
    page.samples = QUIET | {'congvu_part_ready{part="database"}': 0.0}
    site.until(lambda: site.state_of("CongvuDatabaseAway") == "active", "a page by day")
    site.until(lambda: page.names("firing"), "its notification")
    page.samples |= {"congvu_working_hours": 0}
    site.until(lambda: site.state_of("CongvuDatabaseAway") == "suppressed", "night falls")
    page.samples |= {"congvu_spool_refusing": 1}
    site.until(lambda: "CongvuSpoolRefusing" in page.names("firing"), "a page by night")
    page.samples |= MEASURED_LONG_AGO | {"congvu_trust_anchors": 0}
    seen = site.evaluations()
    site.until(lambda: site.evaluations() > seen + 5, "the rules are looked at again")
    for name in ("CongvuTrustAnchorsMissing", "CongvuMeasureLate"):
        assert site.state_of(name) is None, "what can wait is not begun at night"


def test_alerts_about_leaders_which_have_no_channel_are_inhibited_without_one() -> None:
    text = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    inhibitions = text.partition("inhibit_rules:")[2].partition("receivers:")[0]
    of_leaders = [each for each in inhibitions.split("- source_matchers") if "Leaders" in each]
    assert any("CongvuProvinceCoverageLow" in each for each in of_leaders)
    assert not [each for each in of_leaders if "equal: [channel]" in each]
