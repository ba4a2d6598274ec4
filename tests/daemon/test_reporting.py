"""A real daemon closes a month that is over, writes its files and sends them by a real Postfix."""

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest

from monitor import clock
from monitor.periods import Kind, Period, Rules, latest_ended
from monitor.record import AgencyRow, Recorder, keyring
from monitor.record.keyring import KEY_FILE
from tests.support.daemon import DaemonProcess
from tests.support.database import Server, open_database, open_folder
from tests.support.outcomes import document, filed, valid, verdict
from tests.support.postfix import Postfix, with_postfix
from tests.support.relay import FakeRelay, relaying

AGENCIES = [AgencyRow("mot", "Sở Thử nghiệm Một", "department"),
            AgencyRow("hai", "Sở Thử nghiệm Hai", "department")]  # fmt: skip


def last_month() -> Period:
    """The month that a schedule of one day closes today at the latest."""
    today = clock.vietnam_day(clock.now())
    return latest_ended(Kind.MONTH, today - timedelta(days=1), Rules())


async def filled(server: Server, daemon: DaemonProcess) -> None:
    """Documents of two agencies in the month before."""
    at = datetime.combine(last_month().first + timedelta(days=9), time(3), UTC)
    database = await open_database(dsn_of(daemon))
    try:
        await database.sync_agencies(AGENCIES)
        await Recorder(database, daemon.state).write([
            filed(document("một", valid()), agency="mot", at=at, sent_at=at),
            filed(document("hai", verdict()), agency="hai", at=at, sent_at=at),
        ])  # fmt: skip
    finally:
        await database.close()


def dsn_of(daemon: DaemonProcess) -> str:
    line = next(each for each in daemon.config.read_text().splitlines() if each.startswith("dsn"))
    return line.partition(" = ")[2].strip('"')


@pytest.fixture
def relay() -> FakeRelay:
    return FakeRelay()


@pytest.fixture
def postfix(relay: FakeRelay) -> Iterator[Postfix]:
    """The office's relay: it hands on to who takes what is delivered."""
    with relaying(relay), Postfix({"relayhost": f"[127.0.0.1]:{relay.port}"}) as started:
        yield started


@pytest.fixture
def daemon(postgres_server: Server, postfix: Postfix) -> Iterator[DaemonProcess]:
    with asyncio.Runner() as runner:
        name = runner.run(postgres_server.create())
        folder = open_folder("congvu-reporting-")
        made = DaemonProcess(
            folder,
            database={"dsn": postgres_server.dsn(name)},
            report={"close": ["month"], "close_after_days": 1, "agency_sheets": True},
            report_mail={
                "host": "127.0.0.1", "port": postfix.port, "tls": "none",
                "sender": "congvu@tinh.example", "recipients": ["ai@tinh.example"],
                "agencies.mot": ["vanthu@mot.example"],
            },
        )  # fmt: skip
        made.state.mkdir()
        keyring.create(made.state / KEY_FILE)
        runner.run(filled(postgres_server, made))
        yield made
        if made.process and made.process.poll() is None:
            made.stop()
        shutil.rmtree(folder)
        runner.run(postgres_server.drop(name))


@with_postfix
def test_a_month_is_reported_without_anybody_s_doing_anything(
    daemon: DaemonProcess, relay: FakeRelay
) -> None:
    daemon.start()
    daemon.wait_for(lambda: len(relay.took) == 2, "both mails", 240)
    daemon.wait_metric('congvu_report_due{stage="mail"}', 0)
    name = f"congvu-{last_month().slug}-v1"
    folder = daemon.state / "reports"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.*")} == {
        f"{each}-vi.{ending}"
        for each in (name, f"agencies/{name}-mot", f"agencies/{name}-hai")
        for ending in ("xlsx", "pdf")
    }
    [province], [sheet] = relay.to("ai@tinh.example"), relay.to("vanthu@mot.example")
    for took, place in ((province, folder), (sheet, folder / "agencies")):
        assert len(took.files) == 2
        for file, content in took.files.items():
            written = (place / file).read_bytes()
            assert hashlib.sha256(content).digest() == hashlib.sha256(written).digest(), file
    assert "hai" not in " ".join(sheet.files)
    assert daemon.metrics()["congvu_report_last_success_timestamp_seconds"] > 0

    again = daemon.congvu("report", "send", last_month().id)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("sent before") == 2
    again = daemon.congvu("report", "send", last_month().id, "--to", "ai@tinh.example", "--again")
    assert again.returncode == 0, again.stderr
    daemon.wait_for(lambda: len(relay.took) == 3, "the mail that was sent again", 30)
    first, second = relay.to("ai@tinh.example")
    assert first.files == second.files
    assert first.mail["Message-ID"] != second.mail["Message-ID"]
    nobody = daemon.congvu("report", "send", last_month().id, "--to", "ma@khong.example")
    assert nobody.returncode == 2
    assert "is to get nothing of it" in nobody.stderr
    never = daemon.congvu("report", "send", "2020-01")
    assert (never.returncode, "no 2020-01 that is closed" in never.stderr) == (2, True)
    assert daemon.stop() == 0
