"""Malformed mails, PDFs and CMS through the whole daemon: alive, flat, every one accounted for.

CONGVU_HOSTILE_ITEMS says how many: a few hundred in `make test`, 10,000 in `make fuzz`.
"""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from tests.daemon.conftest import Start
from tests.support.corpus import CORPUS
from tests.support.daemon import JOURNAL, DaemonProcess
from tests.support.mutations import mutants, seeds

ITEMS = int(os.environ.get("CONGVU_HOSTILE_ITEMS", "300"))
SENDERS = 4
MIB = 1024 * 1024
pytestmark = pytest.mark.timeout(300 + ITEMS // 3)


def rss(pid: int) -> int:
    """Resident bytes of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def send_all(daemon: DaemonProcess, mails: list[bytes]) -> int:
    """Each over the wire as it is, dot-stuffed; the number acknowledged."""
    acknowledged = 0
    with daemon.smtp() as client:
        for number, mail in enumerate(mails):
            if number % 500 == 499:
                client.close()
                client.connect("127.0.0.1", daemon.smtp_port)
            client.ehlo_or_helo_if_needed()
            assert client.mail("nguyen@mot.example")[0] == 250
            assert client.rcpt(JOURNAL)[0] == 250
            code, _ = client.data(mail)
            acknowledged += code == 250
    return acknowledged


def test_malformed_input_costs_its_own_verdict_and_nothing_else(daemon: Start) -> None:
    running = daemon()
    chance = random.Random(7)
    stock = seeds(CORPUS)
    sent, early = 0, 0
    stream = mutants(stock, chance)
    while sent < ITEMS:
        batch = list(islice(stream, min(400, ITEMS - sent)))
        with ThreadPoolExecutor(SENDERS) as pool:
            done = sum(
                pool.map(
                    lambda part: send_all(running, part),
                    (batch[n::SENDERS] for n in range(SENDERS)),
                )
            )
        assert done == len(batch), "every one is acknowledged"
        sent += done
        running.wait_drained(600)
        assert running.process is not None
        if not early and sent >= ITEMS // 5:
            early = rss(running.process.pid)
    assert running.readyz()[0]
    metrics = running.metrics()
    [[items]] = running.sql("SELECT count(*) FROM item")
    assert items + metrics["congvu_quarantine_items"] == sent
    [[lost]] = running.sql(
        "SELECT count(*) FROM item i LEFT JOIN message m ON m.message_uid = i.dispatch"
        " WHERE m.message_uid IS NULL"
    )
    assert lost == 0, "an item without its message"
    assert running.process is not None
    late = rss(running.process.pid)
    verdicts = dict(running.sql("SELECT overall, count(*) FROM document GROUP BY 1"))
    print(
        f"{sent} items, {items} recorded, {metrics['congvu_quarantine_items']:.0f} set aside; "
        f"documents {verdicts}; memory {early // MIB} -> {late // MIB} MiB"
    )
    assert late < early * 1.5 + 64 * MIB, "memory grows"
    assert running.stop() == 0
