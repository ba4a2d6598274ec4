"""Postfix's log: who submitted mail, and which."""

import json
from datetime import UTC, date, datetime

import pytest

from monitor.activity.formats import reader
from monitor.activity.formats.postfix import OPEN
from tests.activity.formats.reading import (
    SENT,
    SUBMISSION,
    WRITTEN,
    on,
    read,
    read_sample,
    sent,
    source,
)

AN = "an.nv@so-a.tinh.example"


def mail(
    queue_id: str = "AA10A2839B",
    client: str = "unknown[10.8.3.7], sasl_method=PLAIN, sasl_username=an.nv@so-a.tinh.example",
    sender: str = AN,
    message_id: str = "<m1@so-a.tinh.example>",
    smtpd: str = "postfix/submission/smtpd",
    at: str = "Nov  2 08:01:02",
) -> str:
    """The lines of a mail up to its being queued."""
    return (
        f"{at} mail {smtpd}[1]: {queue_id}: client={client}\n"
        f"{at} mail postfix/cleanup[2]: {queue_id}: message-id={message_id}\n"
        f"{at} mail postfix/qmgr[3]: {queue_id}: from=<{sender}>, size=9, nrcpt=1 (queue active)\n"
    )


def test_a_traditional_log_is_read_to_the_right_counts() -> None:
    """Lines as in guides of hosting firms and in tests of exporters: Debian, rsyslog, no year."""
    found = read_sample("postfix_traditional")
    assert on(found, date(2026, 11, 2)) == {
        "an.nv": SENT | SUBMISSION, "binh.tt": SENT | SUBMISSION, "vanthu01": SENT | SUBMISSION,
    }  # fmt: skip
    assert len(found.activity) == 3
    assert sent(found) == {
        "FB6213FA-6F13-49A8-A5DD-F324A4FCF9E9@so-a.tinh.example": "an.nv",
        "44464D8E4DDB46EA2A40EA7A0135D7B1@so-b.tinh.example": "binh.tt",
        "cv-118@so-b.tinh.example": "vanthu01",
    }
    assert (found.lines, found.unknown, found.failures) == (51, 1, 2)
    assert found.newest == datetime(2026, 11, 2, 3, 3, 24, tzinfo=UTC)


def test_time_stamps_with_a_zone_are_read_to_the_right_days() -> None:
    """Lines as in a user's report on RFC 3339 stamps, long queue ids, RFC 5424 and 587 and 465."""
    found = read_sample("postfix_rfc3339")
    assert on(found, date(2026, 11, 27)) == {"an.nv": SENT | SUBMISSION}
    assert on(found, date(2026, 11, 28)) == {"an.nv": SENT | SUBMISSION}
    assert found.sent["late@so-a.tinh.example"] == (AN, date(2026, 11, 28))
    assert (found.lines, found.unknown, found.failures) == (14, 0, 1)


def test_zimbras_content_filters_give_mail_back_and_it_counts_once() -> None:
    """Lines as in two Vietnamese operators' notes on Zimbra: DKIM and amavis after each other."""
    found = read_sample("postfix_zimbra")
    assert on(found, date(2026, 5, 5)) == {"lanh.dao": SENT, "van.thu": SENT | SUBMISSION}
    assert sent(found) == {
        "1406627814.5.1651732554479.JavaMail.zimbra@tinh.example": "lanh.dao",
        "FAB0EC23-B0CC-6648-BD19-FC0B3FD9DE79@hxcore.ol": "van.thu",
    }
    assert (found.lines, found.unknown) == (53, 0)


def test_several_instances_and_a_copy_to_the_journal_count_each_mail_once() -> None:
    """Lines as on the mailing list of Dovecot: instances of their own names, XFORWARD."""
    found = read_sample("postfix_instances")
    assert found.sent == {
        "scan-1@tinh.example": ("phong.tchc@tinh.example", date(2015, 12, 14)),
        "v6-1@tinh.example": ("phong.tchc@tinh.example", date(2015, 12, 15)),
    }
    assert found.unknown == 0


def test_without_internal_networks_only_authentication_proves_a_sender() -> None:
    found = read_sample("postfix_zimbra", internal_networks=())
    assert on(found, date(2026, 5, 5)) == {"van.thu": SENT | SUBMISSION}


def test_a_spoofed_sender_from_outside_is_nobodys_activity() -> None:
    for networks in ((), ("10.0.0.0/8",)):
        found = read("postfix", mail(client="x.example[203.0.113.9]"), internal_networks=networks)
        assert not found.activity
        assert not found.sent


def test_mail_from_outside_stays_unproven_when_a_filter_gives_it_back() -> None:
    lines = mail("A0000001", "x.example[203.0.113.9]") + mail("A0000002", "localhost[127.0.0.1]")
    assert not read("postfix", lines, internal_networks=("127.0.0.0/8",)).activity


def test_one_message_id_sent_twice_from_outside_stays_unproven_both_times() -> None:
    lines = "".join(mail(each, "x.example[203.0.113.9]") for each in ("A0000001", "A0000002"))
    for first, back in (("A0000001", "B0000001"), ("A0000002", "B0000002")):
        lines += mail(back, "localhost[127.0.0.1]")
        lines += "".join(
            f"Nov  2 08:01:03 mail postfix/qmgr[3]: {each}: removed\n" for each in (first, back)
        )
    assert not read("postfix", lines, internal_networks=("127.0.0.0/8",)).activity


@pytest.mark.parametrize("restarted", [False, True])
def test_mail_from_outside_that_is_given_its_message_id_here_stays_unproven(
    *, restarted: bool
) -> None:
    """A mail without Message-ID gets one when a filter gives it back from this machine."""
    settings = source("postfix", internal_networks=("127.0.0.0/8",))
    made = "<20261102010102.B0000001@mail.tinh.example>"
    log = reader(settings)
    log.read(mail("A0000001", "x.example[203.0.113.9]", message_id="<>").encode(), WRITTEN)
    if restarted:
        state = json.loads(json.dumps(log.state()))
        log = reader(settings)
        log.restore(state)
    back = log.read(mail("B0000001", "localhost[127.0.0.1]", message_id=made).encode(), WRITTEN)
    assert not back.activity


def test_who_sends_on_anothers_mail_does_not_take_it_over() -> None:
    again = "unknown[10.8.3.8], sasl_method=PLAIN, sasl_username=binh.tt@so-b.tinh.example"
    found = read("postfix", mail() + mail("BB10A2839B", again, "binh.tt@so-b.tinh.example"))
    assert sent(found) == {"m1@so-a.tinh.example": "an.nv"}


@pytest.mark.parametrize("name", ["an nhan", "an,nhan"])
def test_a_login_name_with_blanks_is_not_cut_down_to_anothers(name: str) -> None:
    client = f"unknown[203.0.113.9], sasl_method=PLAIN, sasl_username={name}"
    found = read("postfix", mail(client=client), domain="so-a.tinh.example")
    assert {address for address, _ in found.activity} == {AN}


def test_a_filters_own_warnings_are_nobodys() -> None:
    lines = mail(client="localhost[127.0.0.1]", smtpd="postfix/amavisd/smtpd")
    assert not read("postfix", lines, internal_networks=("127.0.0.0/8",)).activity


def test_a_client_behind_a_proxy_is_judged_by_its_own_address() -> None:
    client = "localhost[127.0.0.1], orig_queue_id=B1, orig_client=x.example[203.0.113.9]"
    assert not read("postfix", mail(client=client), internal_networks=("127.0.0.0/8",)).activity


def test_the_null_sender_and_local_programs_are_nobody() -> None:
    queued = mail(sender="")
    local = (
        mail()
        .replace("client=", "uid=33 from=<www-data> ", 1)
        .replace("submission/smtpd", "pickup")
    )
    assert not sent(read("postfix", queued))
    assert SENT not in read("postfix", queued).activity.values()
    assert not read("postfix", local).activity


@pytest.mark.parametrize(
    ("account", "sender", "whose"),
    [
        ("van.thu@so-a.tinh.example", "so-a@so-a.tinh.example", "van.thu@so-a.tinh.example"),
        ("nvan01", AN, AN),
        ("an.nv@tinh.local", AN, AN),
        ("an.nv@TINH", AN, AN),
        ("AN.NV@so-a.tinh.example", AN, AN),
    ],
)
def test_mail_is_the_authenticated_accounts_where_that_is_an_address_else_the_senders(
    account: str, sender: str, whose: str
) -> None:
    client = f"unknown[10.8.3.7], sasl_method=PLAIN, sasl_username={account}"
    found = read("postfix", mail(client=client, sender=sender))
    assert found.sent["m1@so-a.tinh.example"][0] == whose
    assert {address for address, _ in found.activity} == {whose}


def test_a_login_without_domain_is_an_address_where_the_domain_is_set() -> None:
    client = "unknown[10.8.3.7], sasl_method=PLAIN, sasl_username=an.nv"
    found = read("postfix", mail(client=client, sender="x@y.example"), domain="tinh.example")
    assert {address for address, _ in found.activity} == {"an.nv@tinh.example"}


def test_a_retry_days_later_is_no_new_mail() -> None:
    retry = mail(at="Nov  4 08:00:00").splitlines(keepends=True)[-1]
    assert [*read("postfix", mail() + retry).activity] == [(AN, date(2026, 11, 2))]
    kept = read("postfix", mail() + retry, internal_networks=("10.0.0.0/8",))
    assert [*kept.activity] == [(AN, date(2026, 11, 2))]


def test_a_queue_id_used_again_begins_anew() -> None:
    removed = "Nov  2 08:01:03 mail postfix/qmgr[3]: AA10A2839B: removed\n"
    again = mail(client="x.example[203.0.113.9]", message_id="<spoofed@x>")
    for lines in (mail() + removed + again, mail() + again):
        assert set(read("postfix", lines).sent) == {"m1@so-a.tinh.example"}


def test_an_authenticated_connection_that_sends_nothing_is_a_submission_alone() -> None:
    found = read("postfix", mail().splitlines(keepends=True)[0])
    assert found.activity == {(AN, date(2026, 11, 2)): SUBMISSION}


def test_a_message_id_that_is_logged_late_is_known_all_the_same() -> None:
    client, named, queued = mail().splitlines(keepends=True)
    assert set(read("postfix", client + queued + named).sent) == {"m1@so-a.tinh.example"}


def test_a_mail_without_message_id_is_sent_but_has_no_name() -> None:
    found = read("postfix", mail(message_id="<>"))
    assert found.activity == {(AN, date(2026, 11, 2)): SENT | SUBMISSION}
    assert not found.sent


def test_december_lines_of_a_file_written_in_january_are_last_years() -> None:
    lines = mail("A0000001", at="Dec 31 23:59:59", message_id="<a@x>") + mail(
        "A0000002", at="Jan  1 00:00:01", message_id="<b@x>"
    )
    found = read("postfix", lines, datetime(2027, 1, 5, tzinfo=UTC))
    assert found.sent["a@x"][1] == date(2026, 12, 31)
    assert found.sent["b@x"][1] == date(2027, 1, 1)
    assert found.newest == datetime(2026, 12, 31, 17, 0, 1, tzinfo=UTC)


def test_a_clock_that_is_ahead_at_the_turn_of_the_year_loses_no_year() -> None:
    written = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)
    found = read("postfix", mail(at="Jan  1 00:00:02"), written)
    assert found.sent["m1@so-a.tinh.example"][1] == date(2027, 1, 1)


def test_a_29_february_is_of_the_last_leap_year() -> None:
    found = read("postfix", mail(at="Feb 29 10:00:00"), datetime(2026, 11, 30, tzinfo=UTC))
    assert found.sent["m1@so-a.tinh.example"][1] == date(2024, 2, 29)


def test_impossible_days_are_counted_and_nobodys() -> None:
    found = read("postfix", mail(at="Feb 30 10:00:00") + mail(at="Foo 12 25:61:00"))
    assert not found.activity


def test_a_server_in_another_zone_writes_other_days() -> None:
    found = read("postfix", mail(at="Nov  2 20:00:00"), timezone="Europe/Berlin")
    assert found.sent["m1@so-a.tinh.example"][1] == date(2026, 11, 3)
    found = read("postfix", mail(at="Nov  2 23:29:00"), timezone="Asia/Kolkata")
    assert found.sent["m1@so-a.tinh.example"][1] == date(2026, 11, 3)


def test_what_is_remembered_is_bounded() -> None:
    one = reader(source("postfix", internal_networks=("10.0.0.0/8",)))
    lines = "".join(mail(f"{n:X}".rjust(8, "A"), message_id=f"<{n}@x>") for n in range(OPEN + 500))
    found = one.read(lines.encode(), datetime(2026, 11, 30, tzinfo=UTC))
    assert len(found.sent) == OPEN + 500
    assert len(one.state()["open"]) == OPEN


def test_nothing_is_remembered_of_mail_that_cannot_be_proven() -> None:
    one = reader(source("postfix"))
    one.read(mail(client="x.example[203.0.113.9]").encode(), datetime(2026, 11, 30, tzinfo=UTC))
    one.read(mail("A0000002").encode(), datetime(2026, 11, 30, tzinfo=UTC))
    assert one.state() == {"open": {}}
