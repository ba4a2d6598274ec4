"""Who may be asked, and when: the rules alone."""

from datetime import timedelta

import pytest
from yarl import URL

from monitor.fetch.hosts import Failure, Gate, entry_of, may_ask, public
from monitor.fetch.schedule import LONGEST_PAUSE, SHORTEST, after_failure, after_success
from monitor.fetch.wire import Outcome, Rules
from tests.verify.making import DAY, NOW

HOSTS = ("ca.gov.vn", "ocsp.ca.gov.vn:8080", "[2001:db8::1]", "203.0.113.5")


@pytest.mark.parametrize(
    "url",
    [
        "http://ca.gov.vn/a.crl",
        "https://ca.gov.vn/a.crl",
        "http://CA.gov.vn:80/a.crl",
        "https://ca.gov.vn:443/a.crl",
        "http://ocsp.ca.gov.vn:8080/",
        "http://[2001:db8::1]/x",
    ],
)
def test_a_listed_host_is_asked(url: str) -> None:
    assert may_ask(url, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/a.crl",
        "http://www.ca.gov.vn/a.crl",
        "http://ca.gov.vn.evil.example/",
        "http://ca.gov.vn:8080/",
        "https://ca.gov.vn:80/",
        "http://ca.gov.vn@evil.example/",
        "http://evil.example\\@ca.gov.vn/",
        "http://user@ca.gov.vn/",
        "http://evil.example#ca.gov.vn/",
        "http://evil.example?ca.gov.vn/",
        "http://ca.gov.vn./a.crl",
        "ftp://ca.gov.vn/a.crl",
        "file:///etc/passwd",
        "ldap://ca.gov.vn/cn=x",
        "//ca.gov.vn/a.crl",
        "http:///a.crl",
        "http://[",
        "http://ca.gov.vn:99999/",
        "",
    ],
)
def test_nobody_else_is(url: str) -> None:
    assert not may_ask(url, HOSTS)


def test_the_client_and_the_rule_read_one_host() -> None:
    assert entry_of(URL("http://ca.gov.vn/x", encoded=True)) == "ca.gov.vn"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_inside_are_told_whatever_they_are_wrapped_in(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_told(address: str) -> None:
    assert public(address)


def gate(*private: str, proxy: str | None = None) -> Gate:
    return Gate(
        Rules(
            hosts=("ca.gov.vn", "127.0.0.1:8080", "10.0.0.1"), allow_private=private,
            timeout_seconds=1, max_bytes=1, proxy=proxy,
        )
    )  # fmt: skip


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    assert gate().admits("ca.gov.vn", 80, ["8.8.8.8"])
    assert not gate().admits("ca.gov.vn", 80, ["8.8.8.8", "10.0.0.1"])
    assert gate("ca.gov.vn").admits("ca.gov.vn", 80, ["10.0.0.1"])


def test_a_listed_literal_of_a_private_address_needs_to_be_allowed_too() -> None:
    for url in ("http://10.0.0.1/x", "http://127.0.0.1:8080/x"):
        with pytest.raises(Failure) as refused:
            gate().check(URL(url))
        assert refused.value.outcome is Outcome.ADDRESS_REFUSED
    gate("10.0.0.1").check(URL("http://10.0.0.1/x"))


def test_the_proxy_may_have_any_address() -> None:
    assert gate(proxy="http://proxy.example:3128").admits("proxy.example", 3128, ["10.1.1.1"])
    assert not gate(proxy="http://proxy.example:3128").admits("ca.gov.vn", 80, ["10.1.1.1"])


def test_a_list_is_fetched_again_with_a_quarter_of_its_time_left() -> None:
    due = after_success(NOW, NOW, NOW + 4 * DAY, timedelta(days=30), 0.0)
    assert due == NOW + 3 * DAY


def test_the_interval_bounds_the_pause() -> None:
    assert after_success(NOW, NOW, NOW + 90 * DAY, DAY, 0.0) == NOW + DAY
    assert after_success(NOW, None, None, DAY, 0.0) == NOW + DAY


def test_a_list_that_has_run_out_is_asked_for_again_soon() -> None:
    assert after_success(NOW, NOW - 9 * DAY, NOW - DAY, DAY, 0.0) == NOW + SHORTEST


def test_chance_brings_a_look_forward_and_puts_a_retry_off() -> None:
    assert after_success(NOW, None, None, DAY, 1.0) < NOW + DAY
    assert after_failure(NOW, 1, 1.0) > after_failure(NOW, 1, 0.0)


def test_retries_become_rare_and_never_stop() -> None:
    pauses = [after_failure(NOW, failures, 0.0) - NOW for failures in range(1, 100)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
