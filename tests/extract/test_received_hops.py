"""Received fields of the servers that the product meets, and of clients that lie."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.received import MAX_HOPS, parse_date, parse_received

AT = datetime(2026, 3, 2, 2, 0, 1, tzinfo=UTC)
STAMP = "; Mon,  2 Mar 2026 09:00:01 +0700 (+07)"


def hop(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    (found,) = parse_received([(text + STAMP).encode()])
    assert found.at == AT
    return found.from_host, found.from_address, found.by_host, found.protocol


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "from pc1.tinh.vn (unknown [10.1.2.3]) (using TLSv1.3 with cipher "
                "TLS_AES_256_GCM_SHA384 (256/256 bits)) (Authenticated sender: a@so.tinh.gov.vn) "
                "by mx.tinh.gov.vn (Postfix) with ESMTPSA id 4ABC for <x@y.vn>"
            ),
            ("pc1.tinh.vn", "10.1.2.3", "mx.tinh.gov.vn", "ESMTPSA"),
        ),
        (
            (
                "from localhost (localhost [127.0.0.1])\r\n\t"
                "by zimbra.tinh.vn (Postfix) with ESMTP id 9"
            ),
            ("localhost", "127.0.0.1", "zimbra.tinh.vn", "ESMTP"),
        ),
        (
            "from zimbra.tinh.vn (LHLO zimbra.tinh.vn) (10.0.0.5) by mbs.tinh.vn with LMTP",
            ("zimbra.tinh.vn", "10.0.0.5", "mbs.tinh.vn", "LMTP"),
        ),
        (
            (
                "from EX1.tinh.local (10.2.0.7) by EX2.tinh.local (10.2.0.8) with Microsoft SMTP "
                "Server (version=TLS1_2, cipher=TLS_ECDHE) id 15.1.2507.6"
            ),
            ("ex1.tinh.local", "10.2.0.7", "ex2.tinh.local", "MICROSOFT SMTP SERVER"),
        ),
        (
            "from EX1.tinh.local ([fe80::1%12]) by EX2 ([fe80::2]) with mapi id 15.01",
            ("ex1.tinh.local", "fe80::1", "ex2", "MAPI"),
        ),
        (
            "from [203.0.113.9] (helo=pc1) by exim.vn with esmtpsa (TLS1.3) (Exim 4.96) id 1x",
            ("203.0.113.9", "203.0.113.9", "exim.vn", "ESMTPSA"),
        ),
        (
            "from mail.x.vn ([203.0.113.9] helo=pc1) by exim.vn with esmtp (Exim) id 1x",
            ("mail.x.vn", "203.0.113.9", "exim.vn", "ESMTP"),
        ),
        (
            "from pc (pc.x.vn [203.0.113.9] (may be forged)) by sm.vn (8.17) with ESMTP id 2",
            ("pc", "203.0.113.9", "sm.vn", "ESMTP"),
        ),
        (
            "from h (h.x.vn [IPv6:2001:db8::5]) by mx.vn (Postfix) with UTF8SMTPS id 3",
            ("h", "2001:db8::5", "mx.vn", "UTF8SMTPS"),
        ),
        (
            "by mx.tinh.gov.vn (Postfix, from userid 33) id 5",
            (None, None, "mx.tinh.gov.vn", None),
        ),
        ("(qmail 12 invoked by uid 0)", (None, None, None, None)),
    ],
)
def test_a_server_s_form_is_read(text: str, expected: tuple[str | None, ...]) -> None:
    assert hop(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "from [10.0.0.1] (unknown [203.0.113.9]) by mx.vn with ESMTP id 1",
        "from 10.0.0.1 (10.0.0.1.evil.example [203.0.113.9]) by mx.vn with ESMTP id 1",
        "from pc ([203.0.113.9] helo=[10.0.0.1]) by exim.vn with esmtp id 1",
        "from by (unknown [203.0.113.9]) by mx.tinh.gov.vn (Postfix) with ESMTP id 1",
        "from [203.0.113.9] (helo=[10.0.0.1]) by exim.vn with esmtp id 1",
        "from x (a [10.0.0.1]) (b [203.0.113.9]) by mx.vn with ESMTP id 1",
    ],
)
def test_what_a_client_says_of_itself_is_never_its_address(text: str) -> None:
    assert hop(text)[1] == "203.0.113.9"


def test_a_client_cannot_say_that_it_had_authenticated() -> None:
    text = "from pc-with-ESMTPSA (x [203.0.113.9]) (with ESMTPSA id 1) by mx.vn with ESMTP id 1"
    assert hop(text)[3] == "ESMTP"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 2 Mar 2026 09:00:01 +0700", AT),
        ("2 Mar 2026 02:00:01 -0000", AT),
        ("Mon, 2 Mar 26 02:00:01 GMT (chu thich)", AT),
        ("yesterday", None),
        ("Mon, 31 Feb 2026 09:00:01 +0700", None),
        ("Mon, 2 Mar 2026 09:00:01 +9999", None),
        ("Mon, 2 Mar 99999999999 09:00:01 +0700", None),
        ("", None),
    ],
)
def test_a_date_is_an_instant_or_nothing(text: str, moment: datetime | None) -> None:
    assert parse_date(text) == moment


def test_hops_are_bounded() -> None:
    assert len(parse_received([b"by x; never"] * 500)) == MAX_HOPS


@given(st.binary(max_size=400) | st.text("from by with id;()[]: 1.a\t").map(str.encode))
def test_nothing_raises(value: bytes) -> None:
    assert len(parse_received([value])) == 1
