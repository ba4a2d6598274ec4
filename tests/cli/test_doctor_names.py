"""`congvu doctor` on mail domains: who answers, what is not known, how gateways stand."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.commands.doctor_names import Found, judged, named
from monitor.commands.observation import Observation
from monitor.model import CheckStatus
from monitor.record.posture_standing import GatewayStanding, PostureCounts, Seen
from monitor.settings import Settings

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
SETTINGS = Settings.model_validate({
    "dns": {"resolvers": ["127.0.0.1"]},
    "gateways": [{"name": "mail-1", "host": "mail.tinh.gov.vn"}],
})  # fmt: skip
WELL = PostureCounts({"so": 0}, {"so": 0}, {("dnssec", "pass"): 7}, 7, 0, 0, NOW, ())


def gateway(status: CheckStatus = CheckStatus.PASS, **more: Any) -> GatewayStanding:
    at = more.pop("at", NOW)
    seen = Seen(status, "gateway_unreachable", more.pop("facts", {}), (), at)
    return GatewayStanding("mail-1", seen, NOW, more.pop("ends", NOW + timedelta(days=90)))


def found(
    counts: PostureCounts = WELL,
    unanswered: tuple[tuple[str, str, int, int], ...] = (),
    gateways: tuple[GatewayStanding, ...] = (gateway(),),
) -> list[Observation]:
    return list(judged(Found(NOW, counts, unanswered, gateways), SETTINGS))


def test_what_is_well_says_so() -> None:
    assert [(each.what, each.mark, each.seen) for each in found()] == [
        ("mail domains", "ok", "7 under watch; 0 checks fail"), ("gateway mail-1", "ok", "answers"),
    ]  # fmt: skip


def test_checks_that_fail_lead_to_the_command() -> None:
    failing = PostureCounts(
        {"so": 2}, {"so": 1}, {("dnssec", "fail"): 2, ("mta_sts", "pass"): 7}, 7, 0, 0, NOW, ()
    )
    first = found(failing)[0]
    assert (first.mark, first.advice) == ("look", "congvu posture")
    assert first.seen == "7 under watch; 2 checks fail; some passed until lately"


def test_domains_that_nothing_is_decided_of_are_named_a_few_of_them() -> None:
    late = tuple(f"d{number}.vn" for number in range(7))
    _, second, _ = found(PostureCounts({}, {}, {}, 7, 0, 0, NOW, late))
    assert second.mark == "bad"
    assert second.seen == (
        "nothing decided for two intervals: d0.vn, d1.vn, d2.vn, d3.vn, d4.vn and 2 more"
    )


def test_why_nothing_was_answered_is_told_with_what_to_do() -> None:
    summary = (("unanswered", "refused", 26, 2), ("not_configured", "", 7, 7))
    _, refused, unset, _ = found(unanswered=summary)
    assert refused.seen == "26 checks of 2 domains not decided: unanswered, refused"
    assert "access list" in refused.advice
    assert "posture.gateway_hosts" in unset.advice


def test_gateways_say_how_they_stand() -> None:
    def told(*standing: GatewayStanding) -> tuple[str, str]:
        last = found(gateways=standing)[-1]
        return last.mark, last.seen

    assert told() == told(gateway(at=NOW - timedelta(hours=1))) == ("look", "not looked at lately")
    assert told(gateway(CheckStatus.FAIL)) == ("bad", "does not answer well: gateway_unreachable")
    assert told(gateway(CheckStatus.UNKNOWN))[0] == "look"
    unasked = gateway(CheckStatus.UNKNOWN, facts={"why": "timeout"})
    assert told(unasked)[1].endswith(", timeout")
    assert found(gateways=(unasked,))[-1].advice.startswith("the way to the resolvers")
    ends = datetime(2026, 3, 11, 20, tzinfo=UTC)  # in Vietnam it is the 12th
    assert told(gateway(ends=ends)) == ("look", "its certificate ends on 12/03/2026")


def test_without_resolvers_it_is_said_once_that_nobody_is_asked(tmp_path: Path) -> None:
    [told] = named(Settings(state_dir=tmp_path))
    assert (told.what, told.mark) == ("resolvers", "look")
    assert "dns.resolvers" in told.advice


# -- resolvers -------------------------------------------------------------------------------------


@contextmanager
def resolver(*answers: bytes) -> Iterator[int]:
    """Answers each question with the next of `answers`, its first two octets the question's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)

        def answer() -> None:
            for each in answers:
                question, whose = listening.recvfrom(512)
                listening.sendto(question[:2] + each if each else b"\xff", whose)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join()


def asked(folder: Path, port: int, *, hosts: Sequence[str] = (), **dns: Any) -> Observation:
    whole = {"resolvers": [f"127.0.0.1:{port}"], "timeout_seconds": 0.2, "tries": 2, **dns}
    settings = Settings.model_validate(
        {"state_dir": folder, "dns": whole, "posture": {"gateway_hosts": hosts}}
    )
    return next(each for each in named(settings) if each.what.startswith("resolver"))


def reply(flags: int) -> bytes:
    return flags.to_bytes(2, "big") + bytes(8)


def test_a_resolver_that_answers_is_well(tmp_path: Path) -> None:
    with resolver(reply(0x8180)) as port:
        assert asked(tmp_path, port).seen == "answers"
    with resolver(b"", reply(0x81A0)) as port:
        assert asked(tmp_path, port, validating=True).seen == "answers and validates"


@pytest.mark.parametrize("of_the_root", [(b"", b""), (reply(0x8182),)])
def test_one_of_a_closed_network_is_well_if_it_knows_the_gateway(
    tmp_path: Path, of_the_root: tuple[bytes, ...]
) -> None:
    with resolver(*of_the_root, reply(0x81A0)) as port:
        told = asked(tmp_path, port, hosts=["mail.tinh.gov.vn"], validating=True)
    assert told.mark == "ok"
    assert told.seen.startswith("answers and validates for mail.tinh.gov.vn, and not for the root")


def test_one_that_reports_failures_of_all_is_told(tmp_path: Path) -> None:
    with resolver(reply(0x8182), reply(0x8182)) as port:
        told = asked(tmp_path, port, hosts=["mail.tinh.gov.vn"])
    assert (told.mark, told.seen) == ("look", "reports a failure for mail.tinh.gov.vn")


def test_one_that_vouches_for_nothing_is_told(tmp_path: Path) -> None:
    with resolver(reply(0x8180)) as port:
        told = asked(tmp_path, port, validating=True)
    assert (told.mark, "dns.validating" in told.advice) == ("look", True)


def test_one_that_refuses_is_told(tmp_path: Path) -> None:
    with resolver(reply(0x8185)) as port:
        told = asked(tmp_path, port)
    assert (told.mark, told.seen) == ("bad", "refuses to answer")


def test_one_that_is_silent_or_not_there_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        assert asked(tmp_path, port).seen == "no answer in 2 × 0.2 s"
    assert asked(tmp_path, port).mark == "bad"
