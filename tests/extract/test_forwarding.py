"""Marks of automatic forwarding, as mail systems write them and as strangers do."""

import pytest

from monitor.extract.forwarding import MAX_ADDRESSES, MAX_MARKS
from monitor.extract.mail import read_mail
from monitor.model import Forwarding, ForwardMark, Limits, MailFacts

RECEIVED = "Received: from a (b [192.0.2.1]) by mx with ESMTP; Mon, 9 Mar 2026 10:00:00 +0700\n"
BY_RULE = "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent"
REST = "From: ban@example.org\nTo: a@so.vn\nSubject: x\n\nx\n"


def facts(header: str) -> MailFacts:
    return read_mail((header + REST).replace("\n", "\r\n").encode(), None, Limits()).facts


def marks(header: str) -> tuple[ForwardMark, ...]:
    found = facts(header).forwarding
    return found.marks if found else ()


def test_a_plain_message_bears_none() -> None:
    assert facts(RECEIVED).forwarding is None


@pytest.mark.parametrize(
    ("written", "by", "to"),
    [
        ("X-Sieve-Redirected-From: a@so.vn", ("a@so.vn",), ()),
        ("X-Zimbra-Forwarded: A@so.vn", ("a@so.vn",), ()),
        ("X-MS-Exchange-Inbox-Rules-Loop: a@so.vn", ("a@so.vn",), ()),
        ("X-MS-Exchange-ForwardingLoop: a@so.vn;1f0c-22", ("a@so.vn",), ()),
        ("X-Forwarded-To: b@gmail.com", (), ("b@gmail.com",)),
        ("X-Forwarded-For: a@so.vn b@gmail.com", ("a@so.vn",), ("b@gmail.com",)),
        ("Auto-Submitted: auto-forwarded", (), ()),
        ("Autoforwarded: TRUE", (), ()),
        ("X-MS-Exchange-Organization-AutoForwarded: true", (), ()),
        (BY_RULE, (), ()),
    ],
)
def test_each_system_has_its_field(written: str, by: tuple[str, ...], to: tuple[str, ...]) -> None:
    assert marks(f"{written}\n{RECEIVED}") == (ForwardMark(by=by, to=to),)


def test_resent_fields_that_stand_together_are_one_resending() -> None:
    block = (
        "Resent-From: =?utf-8?q?V=C4=83n_th=C6=B0?= <a@so.vn>\nResent-Sender: may@so.vn\n"
        "Resent-To: b@gmail.com,\n c@gmail.com\nResent-Date: Mon, 9 Mar 2026 10:00:00 +0700\n"
    )
    one = ForwardMark(
        by=("a@so.vn", "may@so.vn"), to=("b@gmail.com", "c@gmail.com"), hops_above=1, resent=True
    )
    older = "Resent-From: d@so.vn\nResent-To: e@so.vn\n"
    other = ForwardMark(by=("d@so.vn",), to=("e@so.vn",), hops_above=1, resent=True)
    assert marks(RECEIVED + block + older) == (one, other)


def test_a_mark_says_how_many_servers_put_their_field_above_it() -> None:
    mark = "X-Sieve-Redirected-From: a@so.vn\n"
    found = marks(mark + RECEIVED + mark + "Received: from c\n\tby d\n" + RECEIVED + mark)
    assert [each.hops_above for each in found] == [0, 1, 3]


def test_a_delivery_that_servers_passed_on_names_the_mailbox_that_it_went_through() -> None:
    forward = "Received: by mx (Postfix)\n\tid 4X; Mon, 9 Mar 2026 10:00:00 +0700\n"
    delivered = "Delivered-To: A@so.vn\n"
    found = marks(RECEIVED + forward + delivered + RECEIVED)
    assert found == (ForwardMark(by=("a@so.vn",), hops_above=2),)
    # The last delivery is no forwarding: above every Received, to the mailbox it was taken from.
    assert facts(delivered + RECEIVED).forwarding is None


def test_the_last_field_of_a_header_without_a_body_is_read() -> None:
    raw = b"From: a@b.vn\r\nX-Zimbra-Forwarded: a@so.vn"
    found = read_mail(raw, None, Limits()).facts.forwarding
    assert found == Forwarding(marks=(ForwardMark(by=("a@so.vn",)),))


@pytest.mark.parametrize(
    ("header", "otherwise"),
    [
        ("Auto-Submitted: auto-forwarded\n", False),
        ("Auto-Submitted: auto-generated\nX-Zimbra-Forwarded: a@so.vn\n", True),
        (
            f"Auto-Submitted: auto-generated\n{BY_RULE}\n",
            False,
        ),
        ("Auto-Submitted: auto-forwarded\nList-Id: <ds.example.org>\n", True),
    ],
)
def test_what_is_automatic_only_because_it_was_sent_on_is_told_apart(
    header: str, *, otherwise: bool
) -> None:
    found = facts(header)
    assert found.automatic
    assert found.forwarding is not None
    assert found.forwarding.otherwise_automatic is otherwise


@pytest.mark.parametrize(
    "header",
    [
        "X-Zimbra-Forwarded: \n", "X-Sieve-Redirected-From: khong-co-a-cong\n",
        "X-MS-Exchange-Inbox-Rules-Loop: @\n", "Auto-Submitted: auto-replied\n",
        "X-MS-Exchange-Organization-AutoForwarded: false\n",
    ],
)  # fmt: skip
def test_fields_that_say_nothing_are_no_marks(header: str) -> None:
    assert marks(header) == ()


def test_thousands_of_fields_and_addresses_are_bounded() -> None:
    many = "X-Zimbra-Forwarded: a@so.vn\n" * 5000
    assert len(marks(many)) == MAX_MARKS
    (one,) = marks("Resent-To: " + ",\n ".join(f"{n}@gmail.com" for n in range(3000)) + "\n")
    assert len(one.to) == MAX_ADDRESSES
    (long,) = marks("X-Zimbra-Forwarded: " + "a" * 3000 + "@so.vn\n")
    assert len(long.by[0]) == 1000


def test_control_and_direction_marks_do_not_survive() -> None:
    (one,) = marks("X-Zimbra-Forwarded: \u202ea@so.vn\x07\n")
    assert one.by == ("a@so.vn",)
    assert marks("X-Zimbra-Forwarded: a\x07@so.vn\n") == ()


def test_who_is_written_for_is_read_from_the_last_clause_of_received() -> None:
    def recipient(text: str) -> str | None:
        return facts(f"Received: {text}; Mon, 9 Mar 2026 10:00:00 +0700\n").hops[0].recipient

    client = "from a (b [192.0.2.1]) by mx"
    assert recipient(f"{client} (Postfix) with ESMTPS id 4X\n\tfor <A@gmail.com>") == "a@gmail.com"
    assert recipient(
        f"{client} with esmtp (Exim 4.96) (envelope-from <x@y.vn>) id 1u for a@so.vn"
    ) == ("a@so.vn")
    assert recipient(f"{client} with ESMTPS id 1 for <a@so.vn> (Google Transport Security)") == (
        "a@so.vn"
    )
    assert recipient(f"{client} with ESMTP id 1") is None
    assert recipient("from for (for <x@gmail.com> [192.0.2.1]) by mx with ESMTP id 1") is None
    assert recipient(f"{client} for khong-ai") is None
    assert recipient(f"{client} for {'a@' * 2000}") is None
