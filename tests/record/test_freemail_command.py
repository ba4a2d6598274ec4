"""`congvu freemail` as it is called: the list in force, and the messages behind a figure."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import FreemailUse, FreemailWay, Origin, Outcome
from monitor.record import AgencyRow, Database, Recorder
from tests.support.database import Server
from tests.support.outcomes import document, mail

Congvu = Callable[..., subprocess.CompletedProcess[str]]
EVIL = "=cmd|' /C calc'!A0\x1b[2J\u202e"
SETTINGS = """
[freemail]
domains = ["thu.example.vn"]
official = ["hcm.vnn.vn"]
"""


def used(
    name: str, *uses: tuple[str | None, FreemailWay], day: int = 10, **more: object
) -> Outcome:
    made = mail(
        name,
        [document(name)],
        at=datetime(2026, 3, day, 2, tzinfo=UTC),
        **more,  # type: ignore[arg-type] # what `mail` takes
    )
    given = tuple(FreemailUse(agency=agency, way=way) for agency, way in uses)
    said = {"freemail": given, "origin": Origin.UNALIGNED if "to" in more else Origin.INTERNAL}
    return made.model_copy(update={"attribution": made.attribution.model_copy(update=said)})


@pytest.fixture
async def congvu(
    database: Database, recorder: Recorder, postgres_server: Server, tmp_path: Path
) -> Congvu:
    """Run `congvu freemail` on a record with three messages of free mail and one without."""
    await database.sync_agencies(
        [AgencyRow(code, code, "department", "tinh") for code in ("so-mot", "so-hai", "so-ba")]
    )
    await recorder.write(
        [
            used("một", ("so-mot", FreemailWay.TO), ("so-hai", FreemailWay.FORWARDED)),
            used("hai", ("so-mot", FreemailWay.FROM), day=12, sender_agency=None, to=("so-mot",)),
            used(
                "ba", (None, FreemailWay.FORWARDED), day=11, sender_agency=None,
                to=("so-hai", "so-ba"), facts={"subject": EVIL},
            ),
            used("bốn"),
        ]
    )  # fmt: skip
    async with database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    config = tmp_path / "congvu.toml"
    registry = tmp_path / "agencies.toml"
    registry.write_text(
        '[[agencies]]\ncode = "so-mot"\nname = "Sở Một"\nlevel = "department"\n'
        'domains = ["somot.vnn.vn"]\n',
        encoding="utf-8",
    )
    config.write_text(
        f'state_dir = "{postgres_server.state_dir}"\n[database]\n'
        f'dsn = "{postgres_server.dsn(name)}"\n[agencies]\nregistry = "{registry}"\n' + SETTINGS,
        encoding="utf-8",
    )

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "monitor", "freemail", *options, "--config", str(config)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run


def lines(answer: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert answer.returncode == 0, answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_the_messages_of_an_agency_are_listed_newest_first(congvu: Congvu) -> None:
    found = lines(congvu("list", "--agency", "so-mot", "--json"))
    assert [(each["ways"], each["direction"], each["attached"]) for each in found] == [
        (["from"], "in", 1),
        (["to"], "out", 1),
    ]
    assert all(each["revealed"] is None for each in found)
    page = congvu("list", "--agency", "so-mot").stdout
    assert "gửi tới" in page
    assert "không chứng minh được" in page  # its origin
    assert "2 thư" in page


def test_days_and_ways_choose(congvu: Congvu) -> None:
    def chosen(*options: str) -> list[object]:
        return [each["day"] for each in lines(congvu("list", "--json", *options))]

    assert chosen("--way", "forwarded") == ["2026-03-11", "2026-03-10"]
    assert chosen("--from", "2026-03-11") == ["2026-03-12", "2026-03-11"]
    assert chosen("--to", "2026-03-10") == ["2026-03-10", "2026-03-10"]
    assert chosen("--limit", "1") == ["2026-03-12"]


async def test_a_table_is_a_page_and_a_file_is_all_there_is(
    congvu: Congvu, recorder: Recorder
) -> None:
    await recorder.write([used(f"{n}", ("so-mot", FreemailWay.TO)) for n in range(60)])
    page = congvu("list", "--agency", "so-mot").stdout
    assert "50 thư; giới hạn là 50" in page
    assert len(lines(congvu("list", "--agency", "so-mot", "--json"))) == 62
    rows = congvu("list", "--agency", "so-mot", "--csv").stdout.splitlines()
    assert len(rows) == 63
    assert len(lines(congvu("list", "--json", "--limit", "3"))) == 3


def test_days_in_the_wrong_order_are_a_mistake(congvu: Congvu) -> None:
    answer = congvu("list", "--from", "2026-03-12", "--to", "2026-03-10")
    assert (answer.returncode, answer.stderr) == (2, "congvu: --to is before --from\n")


def test_what_left_from_a_mailbox_that_nobody_can_name_is_listed_as_nobodys(
    congvu: Congvu,
) -> None:
    (nobodys,) = [each for each in lines(congvu("list", "--json")) if each["agency"] is None]
    assert nobodys["day"] == "2026-03-11"


async def test_sender_and_subject_are_shown_only_for_a_reason_that_is_noted(
    congvu: Congvu, database: Database
) -> None:
    refused = congvu("list", "--reveal")
    assert refused.returncode == 2
    assert "--reason" in refused.stderr
    assert "Công văn" not in congvu("list").stdout
    found = lines(
        congvu("list", "--agency", "so-mot", "--reveal", "--reason", "đối chiếu", "--json")
    )
    assert [each["revealed"] for each in found] == [
        {"sender": "van.thu@so.tinh.example", "subject": f"Công văn {name}"}
        for name in ("hai", "một")
    ]
    async with database.connection() as connection:
        noted = await connection.fetch("SELECT action, subject, reason FROM audit")
    assert sorted(tuple(row) for row in noted) == sorted(
        ("reveal", each["message_uid"], "đối chiếu") for each in found
    )


def test_nothing_that_a_message_says_reaches_a_terminal_or_a_formula(congvu: Congvu) -> None:
    page = congvu("list", "--reveal", "--reason", "thử").stdout
    assert "\x1b" not in page
    assert "\u202e" not in page
    table = congvu("list", "--reveal", "--reason", "thử", "--csv").stdout
    rows = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"))))
    assert len(rows) == 5
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_an_agency_that_nobody_knows_is_said_so(congvu: Congvu) -> None:
    answer = congvu("list", "--agency", "so-khong-co")
    assert answer.returncode == 2
    assert "so-khong-co: no such agency; `congvu agencies list`" in answer.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x@gmail.com", "thư miễn phí, theo gmail.com (Google (Gmail))"),
        (
            "a.thu.example.vn",
            "thư miễn phí, theo thu.example.vn (tệp cấu hình, [freemail] domains)",
        ),
        (
            "x@q1.hcm.vnn.vn",
            "không phải thư miễn phí, theo hcm.vnn.vn (tệp cấu hình, [freemail] off",
        ),
        ("x@somot.vnn.vn", "không phải thư miễn phí; tên miền của cơ quan so-mot trong danh mục"),
        ("x@so.gov.vn\x1b[2J", "không có trong danh sách"),
    ],
)
def test_whether_a_domain_is_free_mail_is_said_with_the_reason(
    congvu: Congvu, name: str, said: str
) -> None:
    answer = congvu("domains", name)
    assert said in answer.stdout
    assert "\x1b" not in answer.stdout


@pytest.mark.parametrize("slip", ["", "a b.vn", "gmail", "x@y@z"])
def test_what_is_no_domain_is_a_mistake_and_no_answer(congvu: Congvu, slip: str) -> None:
    answer = congvu("domains", slip)
    assert answer.returncode == 2
    assert "is no domain and no address" in answer.stderr


def test_the_list_in_force_is_shown_whole(congvu: Congvu) -> None:
    entries = {each["domain"]: each for each in lines(congvu("domains", "--json"))}
    assert entries["gmail.com"]["free"] is True
    assert entries["thu.example.vn"]["operator"] == ""
    assert entries["hcm.vnn.vn"]["free"] is False
    assert "rà soát ngày" in congvu("domains").stdout
