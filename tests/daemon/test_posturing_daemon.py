"""A real daemon looks at the domains of its registry by a resolver of its own, and at a gateway."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.daemon.conftest import Start
from tests.support.daemon import REGISTRY, DaemonProcess
from tests.support.load import plain_mail
from tests.support.small_dns import SmallDns

PUBLISHED = {"mot.example": "v=spf1 -all", "moi.example": "v=spf1 ?all"}
STATUSES = ("pass", "fail", "not_applicable", "unknown")


@pytest.fixture
def names() -> Iterator[SmallDns]:
    with SmallDns(PUBLISHED) as found:
        yield found


@contextmanager
def gateway(port: int = 0) -> Iterator[int]:
    """Greets whoever connects, and closes; gives its port."""
    with socket.create_server(("127.0.0.1", port)) as listening:

        def greet() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                with line:
                    line.sendall(b"220 mail.tinh.example ESMTP\r\n")
                    line.recv(512)
                    line.sendall(b"250 mail.tinh.example\r\n")
                    line.recv(512)

        thread = threading.Thread(target=greet)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def asking(names: SmallDns) -> dict[str, object]:
    return {"resolvers": [names.address], "timeout_seconds": 0.5, "tries": 1}


def decided(running: DaemonProcess, check: str) -> dict[str, float]:
    metrics = running.metrics()
    found = {each: metrics.get(f'congvu_posture_checks{{check="{check}",status="{each}"}}')
             for each in STATUSES}  # fmt: skip
    return {status: number for status, number in found.items() if number}


def test_domains_are_looked_at_silence_changes_nothing_and_the_registry_is_followed(
    daemon: Start, names: SmallDns
) -> None:
    running = daemon(dns=asking(names))
    running.wait_for(lambda: len(decided(running, "spf_closed")) == 2, "a first look")
    # hai.example is not there: no mail could come from it.
    assert decided(running, "spf_closed") == {"pass": 1, "not_applicable": 1}
    before = running.sql("SELECT domain, check_name, decided FROM posture_check ORDER BY 1, 2")
    assert running.metrics()['congvu_posture_checks_failing{agency="hai"}'] >= 1

    names.silent = True
    running.sql("UPDATE posture_domain SET next_at = now()")
    running.wait_for(
        lambda: running.metrics()["congvu_posture_undecided"] > 0, "a look without answers"
    )
    after = running.sql("SELECT domain, check_name, decided FROM posture_check ORDER BY 1, 2")
    assert after == before
    assert running.readyz()[0]
    running.send(plain_mail(1))
    running.wait_drained()
    assert running.sql("SELECT count(*) FROM message") == [(1,)]

    names.silent = False
    path = running.folder / "agencies.toml"
    path.write_text(REGISTRY.replace('["hai.example"]', '["moi.example"]'), encoding="utf-8")
    assert running.process is not None
    running.process.send_signal(signal.SIGHUP)
    running.wait_for(
        lambda: ("moi.example",) in running.sql("SELECT DISTINCT domain FROM posture_check"),
        "the new domain",
    )
    assert running.sql("SELECT domain FROM posture_domain ORDER BY 1") == [
        ("moi.example",), ("mot.example",),
    ]  # fmt: skip
    assert running.stop() == 0
    assert "posture_fell" not in running.log.read_text(encoding="utf-8")


def test_without_resolvers_nothing_is_asked_and_a_gateway_is_looked_at(daemon: Start) -> None:
    with gateway() as port:
        section = {
            "name": "mail-1", "host": "127.0.0.1", "port": port, "starttls": False,
            "interval_seconds": 10, "timeout_seconds": 5,
        }  # fmt: skip
        running = daemon(gateways=section)
        running.wait_metric('congvu_gateway_up{gateway="mail-1"}', 1)
        running.wait_for(
            lambda: running.sql("SELECT status FROM gateway_check") == [("pass",)], "a stored look"
        )
        assert not [name for name in running.metrics() if name.startswith("congvu_posture")]
        assert running.sql("SELECT count(*) FROM posture_domain") == [(0,)]
        assert running.stop() == 0
