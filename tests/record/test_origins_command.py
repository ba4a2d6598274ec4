"""`congvu origins` as it is called: mail from outside in an agency's name, one by one."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import DkimResult, Origin, OriginEvidence, Outcome, SpfResult
from monitor.record import AgencyRow, Database, Recorder
from tests.support.database import Server
from tests.support.outcomes import mail

Congvu = Callable[..., subprocess.CompletedProcess[str]]
EVIL = "=cmd|' /C calc'!A0\x1b[2J\u202e"
FORGED = OriginEvidence(spf=SpfResult.FAIL, from_domain="so-mot.tinh.example")
SIGNED = OriginEvidence(
    dkim=(("so-mot.tinh.example", "mail", DkimResult.PASS),),
    from_domain="so-mot.tinh.example",
    aligned_by="dkim",
)


def outside(name: str, origin: Origin, evidence: OriginEvidence | None, day: int) -> Outcome:
    at = datetime(2026, 3, day, 2, tzinfo=UTC)
    made = mail(name, [], at=at, sender_agency=None, to=("so-hai",), facts={"subject": EVIL})
    said = {"origin": origin, "origin_evidence": evidence, "claimed_agency": "so-mot"}
    if origin is Origin.UNKNOWN:
        said["origin_due"] = "{}"
    return made.model_copy(update={"attribution": made.attribution.model_copy(update=said)})


@pytest.fixture
async def congvu(
    database: Database, recorder: Recorder, postgres_server: Server, tmp_path: Path
) -> Congvu:
    """Run `congvu origins` on a record with three messages that claim an agency and one without."""
    await database.sync_agencies(
        [AgencyRow(code, code, "department", "tinh") for code in ("so-mot", "so-hai")]
    )
    await recorder.write(
        [
            outside("một", Origin.UNALIGNED, FORGED, 10),
            outside("hai", Origin.ALIGNED, SIGNED, 11),
            outside("ba", Origin.UNKNOWN, None, 12),
            mail("bốn", [], at=datetime(2026, 3, 10, 2, tzinfo=UTC)),
        ]
    )
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    config = tmp_path / "congvu.toml"
    config.write_text(
        f'state_dir = "{postgres_server.state_dir}"\n[database]\n'
        f'dsn = "{postgres_server.dsn(name)}"\n',
        encoding="utf-8",
    )

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "monitor", "origins", *options, "--config", str(config)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run


def test_each_message_is_shown_with_what_proves_it(congvu: Congvu) -> None:
    lines = [json.loads(line) for line in congvu("--json").stdout.splitlines()]
    assert [(each["origin"], each["spf"], each["aligned_by"]) for each in lines] == [
        ("unknown", None, None), ("aligned", None, "dkim"), ("unaligned", "fail", None),
    ]  # fmt: skip
    assert lines[1]["dkim"] == [["so-mot.tinh.example", "mail", "pass"]]
    assert [each["asked_again"] for each in lines] == [True, False, False]
    assert all(each["agency"] == "so-mot" and each["revealed"] is None for each in lines)


def test_the_forged_ones_of_an_agency_and_days_are_chosen(congvu: Congvu) -> None:
    shown = congvu("--agency", "so-mot", "--origin", "unaligned", "--from", "2026-03-10")
    assert shown.returncode == 0
    assert "1 thư từ bên ngoài" in shown.stdout
    assert "không chứng minh được" in shown.stdout
    assert "sender_spoofed" in shown.stdout
    assert "0 messages" in congvu("--to", "2026-03-09", "--language", "en").stdout
    turned = congvu("--from", "2026-03-12", "--to", "2026-03-10")
    assert (turned.returncode, turned.stderr) == (2, "congvu: --to is before --from\n")
    unknown = congvu("--agency", "khong")
    assert unknown.returncode == 2
    assert "khong: no such agency; `congvu agencies list`" in unknown.stderr


def test_what_is_sealed_is_shown_for_a_reason_and_runs_nothing(congvu: Congvu) -> None:
    assert congvu("--reveal").returncode == 2
    assert EVIL[:4] not in congvu().stdout
    revealed = congvu("--reveal", "--reason", "cơ quan hỏi", "--csv").stdout
    rows = list(csv.reader(io.StringIO(revealed.removeprefix("\ufeff"))))
    assert len(rows) == 4
    assert rows[1][-1].startswith("'=cmd")
    assert "\x1b" not in revealed
    assert "\u202e" not in revealed
