"""check-config, doctor, replay, quarantine and documents on a running daemon."""

import json
import mailbox
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.model import Channel, ItemHeader, PayloadKind
from monitor.spool.dropbox import Dropbox
from tests.cli.conftest import Congvu
from tests.support.daemon import DaemonProcess
from tests.support.database import open_folder
from tests.support.load import key_of, plain_mail


@pytest.fixture(scope="module")
def running() -> Iterator[DaemonProcess]:
    daemon = DaemonProcess(open_folder("congvu-cli-"))
    daemon.start()
    yield daemon
    daemon.stop()


def copies(daemon: DaemonProcess) -> dict[str, int]:
    return dict(daemon.sql("SELECT encode(message_key, 'hex'), copies FROM message"))


def test_a_mail_replayed_twice_and_captured_live_counts_once(
    running: DaemonProcess, tmp_path: Path
) -> None:
    running.send(plain_mail(1))
    box = mailbox.mbox(tmp_path / "archive.mbox")
    for number in (1, 2):
        box.add(plain_mail(number))
    box.close()
    maildir = mailbox.Maildir(tmp_path / "maildir")
    maildir.add(plain_mail(3))
    (tmp_path / "single").mkdir()
    (tmp_path / "single" / "vier.eml").write_bytes(plain_mail(4))
    paths = [str(tmp_path / name) for name in ("archive.mbox", "maildir", "single")]
    for _ in range(2):
        done = running.congvu("replay", "--source", "gateway", *paths)
        assert done.returncode == 0, done.stderr
        assert "4 mails handed over, 0 left out" in done.stderr
    wanted = {key_of(number) for number in (1, 2, 3, 4)}
    running.wait_for(lambda: wanted <= copies(running).keys(), "all four recorded")
    running.wait_drained()
    found = copies(running)
    # The live copy and the archived one are two copies of one message; a replay adds no third.
    assert [found[key_of(number)] for number in (1, 2, 3, 4)] == [2, 1, 1, 1]
    out = 'congvu_mail_messages_total{agency="mot",direction="out"}'
    assert running.metrics()[out] == len(found)


def test_a_spool_segment_can_be_replayed_without_counting_again(running: DaemonProcess) -> None:
    running.send(plain_mail(10))
    running.wait_for(lambda: key_of(10) in copies(running), "the live mail")
    before = copies(running)
    segments = sorted((running.state / "spool" / "segments").glob("*.seg"))
    done = running.congvu("replay", "--source", "gateway", str(segments[-1]))
    assert done.returncode == 0, done.stderr
    waiting = running.state / "spool" / "requeue"
    running.wait_for(lambda: not list(waiting.iterdir()), "the replayed items taken")
    running.wait_drained()
    assert copies(running) == before


def test_replay_names_the_sources_there_are(running: DaemonProcess, tmp_path: Path) -> None:
    done = running.congvu("replay", "--source", "elsewhere", str(tmp_path))
    assert done.returncode == 2
    assert "no such mail source; configured: gateway" in done.stderr


def test_what_was_set_aside_is_listed_shown_and_put_back(running: DaemonProcess) -> None:
    assert running.congvu("quarantine", "list").stdout == "The quarantine is empty.\n"
    # An item of a source that is not configured any more cannot be attributed.
    header = ItemHeader(
        item_id="00000000000000000000000000000abc", kind=PayloadKind.MAIL, source="gone",
        channel=Channel.MAIL, received_at="2026-11-16T01:00:00Z", size=4,
    )  # fmt: skip
    Dropbox(running.state / "spool").put(header, [b"body"])
    running.wait_metric("congvu_quarantine_items", 1)
    listed = running.congvu("quarantine", "list", "--json")
    [entry] = map(json.loads, listed.stdout.splitlines())
    assert (entry["item_id"], entry["reason"]) == (header.item_id, "examine_failed")
    shown = json.loads(running.congvu("quarantine", "show", header.item_id).stdout)
    assert shown["header"]["source"] == "gone"
    raw = running.congvu("quarantine", "show", header.item_id, "--raw")
    assert raw.stdout == "body"
    put_back = running.congvu("quarantine", "requeue", "--all")
    assert "1 put back" in put_back.stdout
    dropped = 'congvu_dropped_total{reason="quarantined",stage="examine"}'
    running.wait_for(lambda: running.metrics().get(dropped) == 2, "set aside once more")
    assert running.congvu("quarantine", "requeue", "nothing").returncode == 2


def test_the_doctor_sees_what_is_wrong_and_says_what_to_do(running: DaemonProcess) -> None:
    done = running.congvu("doctor")
    assert done.returncode == 1
    assert "no trust anchors: nothing can be valid" in done.stdout
    assert "daemon: database" in done.stdout


def test_the_doctor_sees_how_old_lists_are_and_what_no_copy_came_of(
    running: DaemonProcess,
) -> None:
    before = running.congvu("doctor").stdout
    assert before.count("none was ever imported") == 3  # people, accounts, registers
    running.sql(
        "WITH run AS (INSERT INTO import_run (what, source, as_of, whole, actor, added, changed,"
        " ended, unchanged) VALUES ('people', 'hr', date '2026-01-02', true, 'x', 0, 0, 0, 0)),"
        " rotation AS (INSERT INTO meta (name, value) VALUES ('resealing', 'x'))"
        " INSERT INTO coverage_day SELECT current_date - n, agency_id, 10, 5"
        " FROM agency, generate_series(1, 30) n WHERE code = 'mot' RETURNING day"
    )
    words = " ".join(running.congvu("doctor").stdout.split())
    assert "list of people hr as of 02/01/2026" in words
    assert "a new key is in force, not everything is sealed with it yet" in words
    assert "50.0% of 50 messages of the last 5 working days; below 90%: mot 50%" in words
    running.sql(
        "WITH rotation AS (DELETE FROM meta WHERE name = 'resealing'),"
        " run AS (DELETE FROM import_run) DELETE FROM coverage_day RETURNING day"
    )


def test_documents_can_be_listed_and_explained(running: DaemonProcess) -> None:
    done = running.congvu("documents", "list", "--json", "--agency", "mot")
    assert done.returncode == 0, done.stderr
    absent = running.congvu("documents", "explain", "abcdef123456")
    assert absent.returncode == 2
    assert "no recorded document has this content hash" in absent.stderr
    refused = running.congvu("documents", "explain", "abcdef123456", "--reveal")
    assert refused.returncode == 2
    assert "--reveal needs --reason" in refused.stderr


def test_check_config_reads_everything_that_the_settings_name(
    congvu: Congvu, tmp_path: Path
) -> None:
    config = tmp_path / "congvu.toml"
    config.write_text(
        '[agencies]\nregistry = "absent.toml"\n[verify]\nanchors = "roots"\n'
        '[[folders]]\nname = "qlvb"\npath = "inbox"\nagencies = ["so-y-te"]\n'
    )
    done = congvu("check-config", "--config", config)
    assert done.returncode == 2
    assert "absent.toml" in done.stderr
    assert f"verify.anchors: {tmp_path / 'roots'}: no such folder" in done.stderr
    assert f"source qlvb: {tmp_path / 'inbox'} is not a folder; create it" in done.stderr
    config.write_text('[dns]\nresolvers = ["10.0.0.53"]\n')
    done = congvu("check-config", "--config", config)
    assert done.returncode == 0
    assert "1 resolvers, 0 hosts of the gateway" in done.stdout


def test_help_teaches_without_loading_the_daemon(congvu: Congvu) -> None:
    done = congvu("--help")
    assert done.returncode == 0
    for command in (
        "run",
        "demo",
        "check-config",
        "verify",
        "replay",
        "documents",
        "trust",
        "doctor",
    ):
        assert command in done.stdout


def test_coverage_says_what_is_missing_agency_by_agency_and_day_by_day(
    running: DaemonProcess,
) -> None:
    nothing = running.congvu("coverage", "--from", "2026-03-01", "--to", "2026-03-31")
    assert "Chưa có dữ liệu" in nothing.stdout
    running.sql(
        "INSERT INTO coverage_day SELECT v.day, agency_id, v.logged, v.captured"
        " FROM agency, (VALUES (date '2026-03-02', 1200, 1200), (date '2026-03-03', 800, 300))"
        " AS v (day, logged, captured) WHERE code = 'mot' RETURNING day"
    )
    span = ("--from", "2026-03-01", "--to", "2026-03-31")
    lines = running.congvu("coverage", *span).stdout.splitlines()
    assert next(line.split() for line in lines if line.split()[:1] == ["mot"]) == [
        "mot", "2.000", "1.500", "500", "75,0",
    ]  # fmt: skip
    lines = running.congvu("coverage", "--agency", "mot", *span).stdout.splitlines()
    assert next(line.split() for line in lines if line.split()[:1] == ["03/03/2026"]) == [
        "03/03/2026", "800", "300", "500", "37,5",
    ]  # fmt: skip
    done = running.congvu("coverage", "--json", *span)
    assert [json.loads(line)["captured"] for line in done.stdout.splitlines()] == [1200, 300]
    running.sql(
        "INSERT INTO coverage_day (day, agency_id, channel, logged, captured)"
        " SELECT '2026-03-03', agency_id, 'docsys', 10, 9 FROM agency WHERE code = 'mot'"
        " RETURNING day"
    )
    lines = running.congvu("coverage", *span).stdout.splitlines()
    assert [line.split() for line in lines if line.split()[:1] == ["mot"]] == [
        ["mot", "2.000", "1.500", "500", "75,0"], ["mot", "10", "9", "1", "90,0"],
    ]  # fmt: skip
    title = "Văn bản điện tử, theo sổ văn bản đi (có số tự khai), từ 01/03/2026 đến 31/03/2026:"
    assert title in lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("coverage", "--agency", "nope"), "nope: no such agency; `congvu agencies list`"),
        (("coverage", "--from", "2026-03-02", "--to", "2026-03-01"), "--to is before --from"),
        (("accounts", "figures", "--agency", "nope"), "nope: no such agency"),
        (("accounts", "figures", "--level", "nope"), "no agency is of this level; there are: dep"),
    ],
)
def test_figures_of_nobody_are_a_mistake_in_the_call(
    running: DaemonProcess, words: tuple[str, ...], said: str
) -> None:
    done = running.congvu(*words)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    "words",
    [("coverage",), ("agencies", "list"), ("agencies", "export"), ("accounts", "figures")],
)
def test_a_reader_who_has_gone_ends_a_command_quietly(
    running: DaemonProcess, words: tuple[str, ...]
) -> None:
    done = running.congvu_unread(*words)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")
