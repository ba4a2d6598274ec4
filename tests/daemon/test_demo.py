"""`congvu demo` as a user starts it: ready, counters move, the record equals what was sent."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.database import open_folder
from tests.support.demo import Demo

COUNTERS = (
    "congvu_mail_messages_total", "congvu_mail_automatic_total", "congvu_documents_total",
    "congvu_documents_editable_total", "congvu_documents_relayed_total",
    "congvu_signatures_total", "congvu_findings_total", "congvu_dropped_total",
    "congvu_events_total", "congvu_verify_duration_seconds_count", "congvu_adoption_ratio",
    "congvu_adoption_group_ratio", "congvu_adoption_state",
)  # fmt: skip
VERDICTS = {"valid", "invalid", "indeterminate", "unsigned", "unreadable"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    running = Demo(open_folder("congvu-demo-"))
    running.start()
    yield running
    if running.process and running.process.poll() is None:
        running.kill()


def series(demo: Demo, name: str) -> dict[str, float]:
    return {key: value for key, value in demo.metrics().items() if key.split("{")[0] == name}


def test_every_counter_moves(demo: Demo) -> None:
    def all_move() -> bool:
        seen = {key.split("{")[0] for key, value in demo.metrics().items() if value}
        return seen >= set(COUNTERS)

    demo.wait_for(all_move, f"every one of {COUNTERS}", 120)
    demo.wait_for(
        lambda: (
            {
                key.split('verdict="')[1].split('"')[0]
                for key in series(demo, "congvu_documents_total")
            }
            >= VERDICTS
        ),
        "every verdict",
        120,
    )
    with urllib.request.urlopen(f"{demo.url}/readyz", timeout=5) as answer:
        assert json.load(answer)["ready"]


def test_not_every_signed_document_bears_the_pair_and_clerks_sign_for_mailboxes(
    demo: Demo,
) -> None:
    where = '{channel="docsys",group="province",indicator="%s",window="period"}'

    def shares() -> list[float]:
        ratio = series(demo, "congvu_adoption_group_ratio")
        named = (where % indicator for indicator in ("document_paired", "document_signed"))
        return [ratio.get(f"congvu_adoption_group_ratio{labels}", 0.0) for labels in named]

    demo.wait_for(lambda: 0 < shares()[0] < shares()[1] < 1, "fewer pairs than signatures", 120)
    lent = 'congvu_findings_total{finding="signed_for_mailbox"}'
    demo.wait_for(lambda: demo.metrics().get(lent, 0) > 0, "a mail of an agency's mailbox", 120)


def test_no_series_is_exposed_twice(demo: Demo) -> None:
    with urllib.request.urlopen(f"{demo.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    names = [line.rsplit(" ", 1)[0] for line in lines if not line.startswith("#")]
    assert [name for name, number in Counter(names).items() if number > 1] == []


def test_its_lists_and_logs_are_in_the_record(demo: Demo) -> None:
    told = "145 people, 158 accounts"
    demo.wait_for(lambda: told in demo.log.read_text("utf-8"), "the lists", 60)
    employed = "SELECT count(*), count(*) FILTER (WHERE last_day < 'infinity') FROM employment"
    [counts] = demo.sql(employed)
    assert tuple(counts) == (150, 5)
    logged = "SELECT count(*) FROM activity_month UNION ALL SELECT count(*) FROM gateway_message"
    demo.wait_for(lambda: all(count > 50 for (count,) in demo.sql(logged)), "both logs", 60)


def test_the_record_equals_what_was_sent_and_all_of_it_goes_with_the_demo(demo: Demo) -> None:
    told = demo.state / "truth.jsonl"
    demo.wait_for(lambda: len(told.read_text("utf-8").splitlines()) >= 120, "120 sendings", 120)
    sent = [json.loads(line) for line in told.read_text("utf-8").splitlines()]
    refused = {
        d["content_hash"]
        for s in sent
        if s["story"] == "folder_not_allowed"
        for d in s["documents"]
    }
    expected = {
        (d["content_hash"], d["issuer"] or ""): (d["overall"], d["relayed"], d["paired"])
        for s in sent
        for d in s["documents"]
        if d["content_hash"] not in refused
    }
    query = (
        "SELECT encode(content_hash, 'hex'), a.code, overall, relayed, paired"
        " FROM document JOIN agency a USING (agency_id)"
    )

    def recorded() -> dict[tuple[str, str], tuple[object, ...]]:
        return {(h, code): tuple(judged) for h, code, *judged in demo.sql(query)}

    demo.wait_for(lambda: expected.keys() <= recorded().keys(), "every document recorded", 60)
    found = recorded()
    assert {key: found[key] for key in expected} == expected
    assert not refused & {content_hash for content_hash, _ in found}
    assert demo.process is not None
    pid = demo.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert len(children) >= 3, "children and the database server"
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(timeout=60) == 0
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_the_demo_and_the_real_daemon_refuse_each_others_data(demo: Demo) -> None:
    if demo.process and demo.process.poll() is None:
        demo.stop()
    environment = os.environ | {"CONGVU_VERIFY__ANCHORS": ""}
    real = subprocess.run(
        [sys.executable, "-m", "monitor", "run", "--config", str(demo.config)],
        capture_output=True, text=True, timeout=120, check=False, env=environment,
    )  # fmt: skip
    assert real.returncode == 2
    assert "demo" in real.stderr
    assert "Traceback" not in real.stderr
