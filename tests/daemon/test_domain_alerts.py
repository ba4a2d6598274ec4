"""CongvuPostureFell and CongvuGatewayDown from beginning to end: a real daemon whose names and
gateway change, and a real Prometheus with the shipped rules, for which a minute is a second.
"""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import now, vietnam_day
from tests.daemon.conftest import Start
from tests.daemon.test_posturing_daemon import asking, gateway
from tests.support.daemon import DaemonProcess, free_port
from tests.support.needs import needs
from tests.support.prometheus import firing, scraping
from tests.support.small_dns import SmallDns

pytestmark = needs("prometheus")

CLOSED, OPEN = "v=spf1 -all", "v=spf1 ?all"
FELL, DOWN = "CongvuPostureFell", "CongvuGatewayDown"
MOT, HAI, GATEWAY = (FELL, "mot"), (FELL, "hai"), (DOWN, "mail-1")


@pytest.fixture
def names() -> Iterator[SmallDns]:
    with SmallDns({"mot.example": CLOSED, "hai.example": CLOSED}) as found:
        yield found


def at_work() -> dict[str, object]:
    """It is always worked: alerts of domains and gateways begin in working hours."""
    today = vietnam_day(now())
    days = [(today + timedelta(days=ahead)).isoformat() for ahead in (0, 1)]
    return {"hours": [["00:00:00", "23:59:59"]], "worked": days}


def looked_again(running: DaemonProcess, *changes: str) -> None:
    """As if it were later: with these changes of the record all is looked at anew, by a daemon
    that remembers no answer. Prometheus finds nobody meanwhile.
    """
    assert running.process
    running.process.send_signal(signal.SIGSTOP)  # else it may begin a look that it cannot end
    for change in (*changes, "UPDATE posture_domain SET next_at = now()"):
        running.sql(change)
    running.kill()
    running.start()


def test_they_fire_while_it_lasts_and_end_when_it_is_mended_or_known(
    daemon: Start, names: SmallDns, tmp_path: Path
) -> None:
    port = free_port()
    section = {
        "name": "mail-1", "host": "127.0.0.1", "port": port, "starttls": False,
        "interval_seconds": 3600, "timeout_seconds": 5,
    }  # fmt: skip
    with gateway(port):
        running = daemon(dns=asking(names), gateways=section, calendar=at_work())
        running.wait_metric('congvu_gateway_up{gateway="mail-1"}', 1)
        for agency in ("mot", "hai"):
            running.wait_metric(f'congvu_posture_checks_fallen{{agency="{agency}"}}', 0)
    with scraping(running.http_port, tmp_path, ("agencies.yml", "domains.yml")) as url:
        names.texts |= dict.fromkeys(names.texts, OPEN)
        suspected = (
            "UPDATE posture_check SET suspected_at = now() - interval '10 minutes'"
            " WHERE check_name = 'spf_closed'"
        )
        looked_again(running, suspected)
        running.wait_for(lambda: firing(url).keys() == {GATEWAY, MOT, HAI}, "all three fire")
        assert firing(url)[MOT]["name"] == "Sở Thử nghiệm Một"

        names.texts["mot.example"] = CLOSED
        week = (
            "UPDATE posture_check SET decided_since = decided_since - interval '8 days'"
            " WHERE domain = 'hai.example'"
        )
        with gateway(port):
            looked_again(running, week)
            running.wait_metric('congvu_gateway_up{gateway="mail-1"}', 1)
            for agency in ("mot", "hai"):  # an alert also ends where nobody answers for long
                running.wait_metric(f'congvu_posture_checks_fallen{{agency="{agency}"}}', 0)
            running.wait_for(lambda: firing(url) == {}, "their end")
    decided = "SELECT domain, decided FROM posture_check WHERE check_name = 'spf_closed' ORDER BY 1"
    assert running.sql(decided) == [("hai.example", "fail"), ("mot.example", "pass")]
    assert running.stop() == 0
