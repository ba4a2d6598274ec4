"""A daemon that verifies a share knows of all mail whence it comes and what goes by free mail."""

import json

from tests.daemon.conftest import Start
from tests.daemon.test_freemail import OFFICER, PRIVATE, SUBMITTED, mail, province, with_trace
from tests.daemon.test_origin import STRANGER, asking, entered, letter, names
from tests.daemon.test_sampling import keep_at
from tests.support.small_dns import SmallDns

__all__ = ["names"]

EACH = 30
"""Messages of a kind: all are drawn, or none is, once in five hundred million runs."""


def test_every_spoof_and_every_use_of_free_mail_counts_though_half_is_verified(
    daemon: Start, names: SmallDns
) -> None:
    running = daemon(dns=asking(names), origin={"wait_seconds": 60})
    keep_at(running, 0.5)
    for number in range(EACH):
        running.send(with_trace(SUBMITTED, mail(f"to-{number}", OFFICER, [PRIVATE])), OFFICER)
        running.send(entered(letter(f"spoof-{number}"), STRANGER), "x@evil.test")
    running.wait_drained()
    rows = running.sql("SELECT origin, sampled, count(*) FROM message GROUP BY 1, 2")
    found = {row[:2]: row[2] for row in rows}
    assert found.keys() == {(each, drawn) for each in ("internal", "unaligned")
                            for drawn in (True, False)}  # fmt: skip
    assert sum(found.values()) == 2 * EACH
    running.wait_metric('congvu_mail_spoofed_total{agency="mot"}', EACH)
    metrics = running.metrics()
    assert metrics['congvu_mail_origin_total{origin="internal"}'] == EACH
    assert metrics['congvu_mail_origin_total{origin="unaligned"}'] == EACH
    assert metrics['congvu_findings_total{finding="sender_spoofed"}'] == EACH
    listed = running.congvu("freemail", "list", "--json", "--limit", "1000").stdout.splitlines()
    assert [json.loads(each)["ways"] for each in listed] == [["to"]] * EACH
    spoofed = running.congvu("origins", "--origin", "unaligned", "--json", "--limit", "1000")
    assert len(spoofed.stdout.splitlines()) == EACH
    running.wait_for(lambda: province(running, "denominator") == EACH, "every unit counted")
    assert province(running, "ratio") == 1
    assert running.stop() == 0
