"""From the Received lines that real servers write to whose the mail is."""

import pytest

from monitor.agencies.hops import submitted_inside
from monitor.extract.received import parse_received
from tests.agencies.attribution_samples import GATEWAY, SOURCE

TLS = b" (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))"
END = b" for <x@tinh.gov.vn>; Tue, 10 Mar 2026 10:00:00 +0700 (+07)"
JOURNAL = (
    b"from mx.tinh.gov.vn (mx.tinh.gov.vn [10.0.0.4]) by mx.tinh.gov.vn (Postfix) with ESMTP id 1"
)
AMAVIS = b"from localhost ([10.0.0.3]) by localhost (amavisd-new, port 10032) with ESMTP id 2"


def submitted(*lines: bytes) -> bool:
    return submitted_inside(parse_received([line + END for line in lines]), GATEWAY, SOURCE)


@pytest.mark.parametrize(
    "line",
    [
        b"from [192.168.1.5] (unknown [203.0.113.9])" + TLS
        + b" (Authenticated sender: an) by mx.tinh.gov.vn (Postfix) with ESMTPSA id 3",
        b"from pc (pc.tinh.gov.vn [10.8.1.7]) by mx.tinh.gov.vn (Postfix) with ESMTP id 3",
        b"from pc ([10.8.1.7] helo=pc) by mx.tinh.gov.vn with esmtp (Exim 4.96) id 3",
        b"from zimbra (LHLO zimbra) (10.0.0.5) by mx.tinh.gov.vn with LMTP",
        b"from EX1 (10.8.0.2) by EX1 (10.8.0.2) with Microsoft SMTP Server id 15.1",
    ],
)  # fmt: skip
def test_an_officials_submission_is_recognised(line: bytes) -> None:
    assert submitted(line)
    assert submitted(JOURNAL, AMAVIS, line)


@pytest.mark.parametrize(
    "line",
    [
        b"from x (unknown [203.0.113.9]) by mx.tinh.gov.vn (Postfix) with ESMTPS id 3",
        b"from [10.8.1.7] (unknown [203.0.113.9]) by mx.tinh.gov.vn (Postfix) with ESMTP id 3",
        b"from x (10.8.1.7-x.example.org [203.0.113.9]) by mx (Postfix) with ESMTP id 3",
        b"from x (10.8.1.7.example.org [203.0.113.9]) by mx.tinh.gov.vn (Postfix) with ESMTP id 3",
        b"from x (unknown [203.0.113.9])" + TLS + b' (Client CN "10.8.1.7", Issuer "10.8.1.7"'
        b" (not verified)) by mx.tinh.gov.vn (Postfix) with ESMTPS id 3",
        b"from x (unknown [203.0.113.9])" + TLS + b' (Client CN "[10.8.1.7]", Issuer "[10.8.1.7]"'
        b" (not verified)) by mx.tinh.gov.vn (Postfix) with ESMTPS id 3",
        b"from x.with.ESMTPSA (unknown [203.0.113.9]) by mx.tinh.gov.vn (Postfix) with ESMTP id 3",
        b"from x ([203.0.113.9] helo=[10.8.1.7]) by mx.tinh.gov.vn with esmtp (Exim 4.96) id 3",
        b"by mx.tinh.gov.vn (Postfix, from userid 33) id 3",
    ],
)  # fmt: skip
def test_what_an_outsider_says_of_himself_is_not_taken_for_his_address(line: bytes) -> None:
    assert not submitted(line)
    assert not submitted(JOURNAL, AMAVIS, line)
    forged = b"from pc (pc [10.8.1.7]) by mx.tinh.gov.vn (Postfix) with ESMTPSA id 9"
    assert not submitted(JOURNAL, line, forged)
