"""`congvu posture` as it is called: the province on a page, one domain, lists for others."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.commands.posture_table import Overview, overview
from monitor.commands.posture_words import Words
from monitor.model import Check, Language
from monitor.posture.model import CheckResult, DomainPosture, GatewayState
from monitor.posture.names import Why
from monitor.posture.words import Reason
from monitor.record import AgencyRow, Database
from monitor.record.posture import store, store_gateway, sync_domains
from monitor.record.posture_domains import DomainStanding, ordered
from monitor.record.posture_standing import Seen, Standing
from tests.support.database import Server
from tests.support.looks import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, look

Congvu = Callable[..., subprocess.CompletedProcess[str]]
NOW = datetime.now(UTC)
YEARS, DAYS, HOURS = timedelta(days=800), timedelta(days=3), timedelta(hours=5)
EVIL = "=cmd|' /C calc'!A0\x1b[2J\x9b31m\u202e"
ONE, TWO, OTHER = "so-mot.tinh.gov.vn", "so-hai.tinh.gov.vn", "cu.tinh.gov.vn"


def with_reason(
    seen: DomainPosture, check: Check, reason: Reason, evidence: str = "", **facts: str
) -> DomainPosture:
    """The same look; one check says why by that reason."""
    results = [
        each
        if each.check is not check
        else CheckResult(
            check=check, status=each.status, reason=reason, facts=facts,
            evidence=(evidence,) if evidence else (),
        )
        for each in seen.results
    ]  # fmt: skip
    return seen.model_copy(update={"results": tuple(results)})


async def looked(database: Database, *looks: DomainPosture) -> None:
    for each in looks:
        await store(database, [(each, 1.0)], 21_600)


@pytest.fixture
async def empty(database: Database, postgres_server: Server, tmp_path: Path) -> Congvu:
    """Run `congvu posture` on a record in which there is nothing."""
    await database.sync_agencies(
        [
            AgencyRow("so-mot", "Sở Một", "department", "tinh"),
            AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
            AgencyRow("so-ba", "Sở Ba", "department", "tinh"),
        ]
    )
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    config = tmp_path / "congvu.toml"
    config.write_text(
        f'state_dir = "{postgres_server.state_dir}"\n[database]\n'
        f'dsn = "{postgres_server.dsn(name)}"\n[agencies]\nregistry = "{tmp_path}/agencies.toml"\n'
    )

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "monitor", "posture", *words, "--config", str(config)],
            capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", **environment},
        )  # fmt: skip

    return run


@pytest.fixture
async def congvu(empty: Congvu, database: Database) -> Congvu:
    """With two agencies' domains: one is fine, one fell three days ago and is not answered now."""
    owners = {ONE: ["so-mot"], TWO: ["so-hai"], OTHER: ["so-hai", "so-mot"]}
    await sync_domains(database, owners, NOW - YEARS)
    fell = [
        with_reason(
            look(TWO, at, dmarc_policy=FAIL, mta_sts=NOT_APPLICABLE),
            Check.DMARC_POLICY, Reason.DMARC_POLICY_NONE, f"v=DMARC1; p=none {EVIL}",
            name="_dmarc." + TWO, tag="p",
        )
        for at in (NOW - DAYS, NOW - DAYS + timedelta(minutes=6))
    ]  # fmt: skip
    silent = with_reason(
        look(TWO, NOW - HOURS, UNKNOWN), Check.SPF_VALID, Reason.UNANSWERED, why=Why.SERVFAIL
    )
    await looked(
        database, look(ONE, NOW - YEARS), look(ONE, NOW - HOURS),
        look(TWO, NOW - YEARS, mta_sts=NOT_APPLICABLE), *fell, silent,
    )  # fmt: skip
    return empty


@pytest.fixture
async def gateways(congvu: Congvu, database: Database) -> Congvu:
    async with database.connection() as connection:
        for name, status, days in (("mail-1", PASS, 12), ("mail-2", FAIL, -2)):
            state = GatewayState(
                name=name, checked_at=NOW, status=status, facts={"port": "25", "host": "h"},
                reason=Reason.FINE if status is PASS else Reason.GATEWAY_EXPIRED,
                certificate_not_after=NOW + timedelta(days=days, hours=1),
            )  # fmt: skip
            await store_gateway(connection, state)
    return congvu


def test_the_page_shows_domains_by_checks_in_signs_and_in_words(congvu: Congvu) -> None:
    done = congvu()
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    heading = next(line for line in lines if "DMARC" in line)
    assert heading.split() == [
        "Tên", "miền", "MX", "SPF", "DKIM", "DMARC", "STS", "RPT", "DNSSEC", "CNAME",
    ]  # fmt: skip
    assert lines[lines.index("Sở Một (so-mot)") + 1].split() == [
        ONE, "✓✓", "✓✓✓", "✓", "✓✓✓", "✓", "✓", "✓", "✓",
    ]  # fmt: skip
    at = lines.index("Sở Hai (so-hai)")
    assert lines[at + 1].split()[:5] == [TWO, "✓?✓?", "✓?✓?✓?", "✓?", "✓?✗?✓?"]
    words = " ".join(line.strip() for line in lines[at + 2 :])
    fell_on = (NOW - DAYS).astimezone().strftime("%Y")
    assert "không đạt: DMARC chặn (từ " in words
    assert fell_on in words
    assert "chưa hỏi lại được, còn giữ kết quả cũ: MX→cổng, MX có địa chỉ, SPF đúng," in words
    assert words.count("có kết quả lúc") == 3  # once each of pass, fail and not applicable
    assert "cách đây 2 ngày)" in words or "cách đây 3 ngày)" in words  # whole days, near their end
    assert f"{OTHER}: chưa kiểm tra lần nào" in done.stdout
    assert "Sở Hai (so-hai), Sở Một (so-mot)" in lines


def test_the_page_says_what_its_signs_mean_and_what_it_all_comes_to(congvu: Congvu) -> None:
    text = " ".join(congvu().stdout.split())
    assert "✓ đạt ✗ không đạt – không áp dụng ? chưa kiểm tra được" in text
    assert "SPF: SPF đúng, SPF đóng, SPF cho cổng;" in text
    assert (
        "3 tên miền, 26 phép kiểm tra: 24 đạt, 1 không đạt, 1 không áp dụng, 0 chưa kiểm tra được."
        in text
    )
    assert "Mới chuyển từ đạt sang không đạt trong 7 ngày qua: 1." in text
    assert "Chưa khai báo máy chủ DNS: đặt resolvers" in text


def test_in_english(congvu: Congvu) -> None:
    text = " ".join(congvu("--language", "en").stdout.split())
    assert "Domain MX SPF DKIM DMARC STS RPT DNSSEC CNAME" in text
    assert "fails: DMARC policy (since " in text
    assert "3 domains, 26 checks: 24 pass, 1 fail, 1 do not apply, 0 could not be checked." in text


def test_one_domain_says_why_since_when_what_was_seen_and_what_to_publish(congvu: Congvu) -> None:
    done = congvu(TWO.upper() + ".")
    assert done.returncode == 1, done.stderr
    text = " ".join(done.stdout.split())
    assert "Của: Sở Hai (so-hai)" in text
    assert "✗ DMARC yêu cầu cách ly hoặc từ chối thư giả: không đạt, từ " in text
    assert f"Lý do: DMARC tại _dmarc.{TWO} không yêu cầu xử lý thư giả mạo {TWO} (p=none)." in text
    assert "Đã thấy: v=DMARC1; p=none =cmd|" in text
    assert "Cần làm: Xem các báo cáo DMARC;" in text
    assert "Lần kiểm tra cuối: " in text
    assert "Kết quả trên kiểm tra được lúc" in text
    assert "máy chủ DNS báo lỗi" in text
    assert "Thay đổi" in text
    assert "✓ đạt → ✗ không đạt" in text
    for control in ("\x1b", "\x9b", "\u202e"):
        assert control not in done.stdout


async def test_what_is_wrong_with_several_checks_at_once_is_said_once(
    congvu: Congvu, database: Database
) -> None:
    missing = look(ONE, NOW, spf_valid=FAIL, spf_closed=FAIL, spf_gateway=FAIL)
    for check in (Check.SPF_VALID, Check.SPF_CLOSED, Check.SPF_GATEWAY):
        missing = with_reason(missing, check, Reason.SPF_MISSING, record="v=spf1 mx -all")
    again = missing.model_copy(update={"checked_at": NOW + timedelta(minutes=6)})
    await looked(database, missing, again)
    text = " ".join(congvu(ONE).stdout.split())
    assert text.count("v=spf1 mx -all") == 1
    assert text.count("Lý do: như ở “SPF đúng cú pháp và giới hạn”.") == 2


@pytest.mark.parametrize("columns", [24, 60, 80])
def test_a_narrow_terminal_loses_nothing(columns: int) -> None:
    """Rows that do not fit stand below each other (a pipe has always room for 80)."""
    seen = Seen(FAIL, Reason.NO_DOMAIN, {}, (), NOW)
    checks = {each.value: Standing(ONE, each, (), seen, seen, NOW, None, None) for each in Check}
    domain = DomainStanding(ONE, ("so-mot",), NOW, None, ordered(checks))
    lines = [
        line.text for line in overview(Overview([domain], [], {}, NOW), Words(Language.VI), columns)
    ]
    text = " ".join(" ".join(lines).split())
    assert ONE in text
    assert text.count("✗") >= len(Check)
    assert max(map(len, lines)) <= max(columns, 40)


async def test_a_suspected_fall_is_told_and_changes_nothing(
    congvu: Congvu, database: Database
) -> None:
    await looked(database, look(ONE, NOW, dnssec=FAIL))
    done = congvu("--agency", "so-mot")
    assert "đang nghi không đạt, chờ lần kiểm tra sau xác nhận: DNSSEC" in done.stdout
    assert "không đạt: DNSSEC" not in done.stdout
    page = " ".join(congvu(ONE).stdout.split())
    assert "Đang nghi: không đạt từ" in page
    assert congvu(ONE).returncode == 0


def test_only_what_fails(congvu: Congvu) -> None:
    done = congvu("--failing")
    assert done.returncode == 1
    assert TWO in done.stdout
    assert ONE not in done.stdout
    fine = congvu("--failing", "--agency", "so-ba")
    assert fine.returncode == 0
    assert "Không có phép kiểm tra nào không đạt." in " ".join(fine.stdout.split())


def test_exit_status_tells_what_fails_from_what_could_not_be_checked(congvu: Congvu) -> None:
    assert congvu(ONE).returncode == 0
    assert congvu(TWO).returncode == 1
    assert congvu(OTHER).returncode == 3
    assert congvu("nowhere.example").returncode == 2


def test_gateways_stand_below_with_what_is_left_of_their_certificates(gateways: Congvu) -> None:
    text = " ".join(gateways("--agency", "so-mot").stdout.split())
    assert "Cổng thư chính thức ✓ mail-1: đạt" in text
    assert "(còn 12 ngày)" in text
    assert "✗ mail-2: không đạt" in text
    assert "Chứng thư đã hết hạn từ " in text
    found = [json.loads(line) for line in gateways("--json").stdout.splitlines()]
    assert [each["gateway"] for each in found if "gateway" in each] == ["mail-1", "mail-2"]


def test_changes_of_some_days(congvu: Congvu) -> None:
    done = congvu("--changes", "7")
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert f"{TWO}, Sở Hai (so-hai)" in text
    assert "✓ đạt → ✗ không đạt" in text
    quiet = congvu("--changes", "7", "--agency", "so-ba")
    assert quiet.returncode == 0
    assert "Không có thay đổi nào từ" in quiet.stdout
    (line,) = congvu("--changes", "7", "--json").stdout.splitlines()
    change = json.loads(line)
    assert (change["before"], change["status"], change["reason"]) == (
        "pass", "fail", "dmarc_policy_none",
    )  # fmt: skip


def test_json_has_what_stands_and_what_the_last_look_said(congvu: Congvu) -> None:
    found = {each["domain"]: each for each in map(json.loads, congvu("--json").stdout.splitlines())}
    assert set(found) == {ONE, TWO, OTHER}
    assert found[TWO]["agencies"] == [{"code": "so-hai", "name": "Sở Hai"}]
    assert [each["check"] for each in found[TWO]["checks"]] == list(Check)
    (policy,) = (each for each in found[TWO]["checks"] if each["check"] == "dmarc_policy")
    assert (policy["status"], policy["before"], policy["last"]["status"]) == (
        "fail", "pass", "unknown",
    )  # fmt: skip
    assert policy["says"].startswith("DMARC tại")
    one = json.loads(congvu(TWO, "--json").stdout)
    assert one["changes"][0]["check"] == "dmarc_policy"
    assert one["selectors"] == []


def test_csv_is_for_excel_and_no_formula(congvu: Congvu) -> None:
    done = congvu("--csv", "--failing")
    assert done.stdout.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff")))
    assert row["Tên miền"] == TWO
    assert row["Phép kiểm tra"] == "dmarc_policy"
    assert row["Kết quả"] == "không đạt"
    assert row["Lần kiểm tra cuối"] == "chưa kiểm tra được"
    assert "\x1b" not in done.stdout
    assert all(not cell.startswith("=") for cell in row.values())


def test_an_empty_record_says_what_to_set(empty: Congvu) -> None:
    done = empty()
    assert done.returncode == 3
    text = " ".join(done.stdout.split())
    assert 'resolvers = ["10.0.0.53"]' in text
    assert "Chưa có tên miền nào:" in text
    assert "congvu posture --live" in text
    asked = empty("--language", "en", CONGVU_DNS__RESOLVERS='["127.0.0.1"]')
    assert "No resolver is named" not in asked.stdout
    assert "There is no domain yet" in asked.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--csv", "--json"), "--csv and --json exclude each other"),
        (("--live", "--changes", "3"), "--live asks what is now"),
        (("--failing", "--changes", "3"), "choose one"),
        ((ONE, "--failing"), "leave them out, or DOMAIN"),
        (("a b",), "'a b' is no domain"),
        (("localhost",), "is no domain"),
        (("\x1b[2J.vn",), "is no domain"),
        (("nowhere.example",), "no mail domain of the registry"),
        (("--agency", "nobody"), "nobody"),
    ],
)
def test_a_mistake_in_the_call_says_what_to_do(
    congvu: Congvu, words: tuple[str, ...], said: str
) -> None:
    done = congvu(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
