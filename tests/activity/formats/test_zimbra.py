"""Zimbra's audit.log and mailbox.log."""

from datetime import UTC, date, datetime

import pytest

from tests.activity.formats.reading import (
    AUTOMATIC,
    IMAP,
    LOGIN,
    POP,
    SENT,
    SUBMISSION,
    SYNC,
    on,
    read,
    read_sample,
    sent,
)

DAY = date(2026, 11, 2)


def auth(
    context: str = "name=an@x.example;oip=10.1.1.1;ua=zclient/10.0;",
    tail: str = "account=an@x.example; protocol=soap;",
    thread: str = "qtp1-2:https://mail.example/service/soap/AuthRequest",
    command: str = "Auth",
) -> str:
    return (
        f"2026-11-02 08:00:00,001 INFO  [{thread}] [{context}] security - cmd={command}; {tail}\n"
    )


def test_audit_logs_of_version_8_are_read_to_the_right_counts() -> None:
    """Lines as in specs of grok patterns, scripts of administrators and rules of fail2ban."""
    found = read_sample("zimbra_audit_8")
    assert on(found, date(2015, 12, 5)) == {
        "pepe": LOGIN, "dizihelp": LOGIN, "terriw": POP, "jbarrera": POP, "djd123": IMAP,
        "leer": IMAP, "smtp.user": SUBMISSION, "quan.tri": LOGIN, "cong.thong.tin": LOGIN,
    }  # fmt: skip
    assert (found.lines, found.unknown, found.failures) == (19, 0, 3)
    assert found.newest == datetime(2015, 12, 5, 11, 54, tzinfo=UTC)


def test_audit_logs_of_version_10_are_read_to_the_right_counts() -> None:
    """Lines as in the notes of a Z-Push extension and of an analyser of SMTP logins (8.8 to 10)."""
    found = read_sample("zimbra_audit_10")
    assert on(found, date(2025, 9, 18)) == {"an.nv": LOGIN}
    assert on(found, date(2025, 9, 19)) == {
        "binh.tt": LOGIN, "login": SYNC, "zpush": SYNC, "lich": SYNC, "chi.lt": SUBMISSION,
        "dung.pv": IMAP, "cert": LOGIN,
    }  # fmt: skip
    assert (found.lines, found.unknown, found.failures) == (15, 1, 1)


def test_a_mailbox_log_is_read_to_the_right_counts() -> None:
    """Lines as in pull requests and issues of zm-mailbox, zimbra_logstash, Rocket and Z-Push."""
    found = read_sample("zimbra_mailbox")
    assert on(found, date(2019, 11, 20)) == {
        "an.nv": SENT | LOGIN, "binh.tt": LOGIN, "chi.lt": AUTOMATIC, "djd123": IMAP,
        "dung.pv": SYNC, "em.dt": SENT, "ha.nt": AUTOMATIC, "lich": SYNC,
        "phong.tchc": AUTOMATIC, "quan.tri": LOGIN, "terriw": POP, "thu.ky": SENT,
    }  # fmt: skip
    assert sent(found) == {
        "1342530317.85.1518698157119.JavaMail.zimbra@so-a.tinh.example": "an.nv",
        "24727957.79@so-a.tinh.example": "thu.ky",
        "phone-1@so-b.tinh.example": "em.dt",
    }
    assert (found.lines, found.unknown, found.failures) == (32, 1, 1)


@pytest.mark.parametrize(
    ("client", "kind"),
    [
        ("zclient/10.0.5_GA_0423", LOGIN),
        ("ZimbraWebClient - FF3.0 (Win)/8.8.15_GA_3869", LOGIN),
        ("ZimbraWebClient - GC118 (Mac)", LOGIN),
        ("ZimbraXWebClient - GC118 (Linux)", LOGIN),
        ("ZimbraConnectorForOutlook/9.0.0.1903", SYNC),
        ("Zimbra Desktop/7.3.1", SYNC),
        ("Outlook/16.0 devip=10.0.0.1 ZPZB/74", SYNC),
        ("Mozilla/5.0 (X11;; Linux) Thunderbird/115", SYNC),
        ("Mozilla/5.0 (X11;; Linux) Firefox/115", LOGIN),
        ("", SYNC),
    ],
)
def test_only_the_web_client_is_an_interactive_login_by_soap(client: str, kind: int) -> None:
    found = read("zimbra-audit", auth(f"name=an@x.example;oip=10.1.1.1;ua={client};"))
    assert found.activity == {("an@x.example", DAY): kind}


def test_an_administrators_login_is_proven_by_its_password_alone() -> None:
    web = "name=qt@x.example;ip=10.1.1.1;ua=ZimbraWebClient - FF115 (Win);"
    asked = auth(web, "account=qt@x.example;", command="AdminAuth")
    assert not read("zimbra-audit", asked).activity
    checked = auth(web, "account=qt@x.example; protocol=soap;")
    assert read("zimbra-audit", asked + checked).activity == {("qt@x.example", DAY): LOGIN}


def test_a_portals_key_opens_web_mail_to_a_browser_and_mailboxes_to_gateways() -> None:
    tail = "account=an@x.example; admin=false;"
    page = auth("ip=10.1.1.1;", tail, "qtp1-2:https://m/service/preauth", "PreAuth")
    gateway = auth("ip=10.1.1.1;ua=ZPZB/74;", tail, command="PreAuth")
    assert [*read("zimbra-audit", page).activity.values()] == [LOGIN]
    assert [*read("zimbra-audit", gateway).activity.values()] == [SYNC]


def test_the_servers_own_tools_are_nobody() -> None:
    for tool in ("zmprov/8.6.0_GA_1229", "zmmailbox/8.6.0_GA_1229"):
        assert not read("zimbra-audit", auth(f"name=an@x.example;ua={tool};")).activity


def test_an_administrator_who_looks_into_a_mailbox_is_not_its_owner() -> None:
    asked = auth(command="DelegateAuth", tail="accountId=1; accountName=boss@x.example;")
    within = auth("name=boss@x.example;aname=admin@x.example;ua=zclient/10.0;",
                  tail="account=boss@x.example; protocol=soap;")  # fmt: skip
    assert not read("zimbra-audit", asked + within).activity


@pytest.mark.parametrize(
    "context",
    [
        "ip=10.0.0.9;ua=x] security - cmd=Auth; account=boss@x.example; protocol=soap;",
        "ip=10.0.0.9;ua=x] security - cmd=Auth;; account=boss@x.example;; protocol=soap;;;",
        "ip=10.0.0.9;ua=x] [name=boss@x.example;] security - cmd=Auth; account=boss@x.example;",
    ],
)
def test_what_a_client_calls_itself_cannot_forge_a_login(context: str) -> None:
    failed = "account=an@x.example; protocol=soap; error=authentication failed for [an];"
    found = read("zimbra-audit", auth(context, failed).replace("INFO ", "WARN "))
    assert not found.activity
    found = read("zimbra-audit", auth(context, failed))
    assert not found.activity


def test_a_sender_from_outside_cannot_forge_a_login_by_a_message_id() -> None:
    line = (
        "2026-11-02 08:00:00,001 INFO  [LmtpServer-7] [ip=10.1.0.48;] lmtp - Delivering message: "
        "size=1 bytes, nrcpts=1, sender=x@y.example, msgid=<] imap - user boss@x.example "
        "authenticated, mechanism=LOGIN\n"
    )
    assert not read("zimbra-mailbox", line).activity


def test_a_wrong_password_for_web_mail_is_no_session() -> None:
    line = (
        "2026-11-02 08:00:00,001 INFO  [qtp1-2:https://m/service/soap/AuthRequest] "
        "[name=an@x.example;oip=10.1.1.1;ua=zclient/10.0;] soap - AuthRequest elapsed=4\n"
    )
    assert not read("zimbra-mailbox", line).activity


def test_what_a_client_calls_itself_cannot_forge_a_sent_mail() -> None:
    """A wrong password is enough to have a name in the context."""
    begin = (
        "2026-11-02 08:00:00,001 INFO  [qtp1-2:https://mail.example/service/soap/AuthRequest] "
        "[name=an@x.example;oip=203.0.113.9;ua=x] smtp - Sending message to MTA at h: Message-ID="
    )
    for rest in ("<f@x>", "<f@x>, replyType=w", "<f", "<f@[1"):
        found = read("zimbra-mailbox", f"{begin}{rest};] soap - AuthRequest elapsed=1\n")
        assert not found.activity
        assert not found.sent


def test_a_message_id_of_a_host_without_a_name_is_one() -> None:
    line = (
        "2026-11-02 08:00:00,001 INFO  [qtp1-2:https://mail.example/service/soap/SendMsgRequest] "
        "[name=an@x.example;mid=1;] smtp - Sending message to MTA at h: Message-ID=<f@[10.0.0.1]>, "
        "replyType=w\r\n"
    )
    assert sent(read("zimbra-mailbox", line)) == {"f@[10.0.0.1]": "an"}


def test_a_windows_1258_name_does_not_stop_the_lines_after_it() -> None:
    bad = auth("name=an@x.example;ua=ZimbraWebClient \xd0\xd2;").encode("latin-1")
    found = read("zimbra-audit", bad + auth().encode())
    assert found.activity == {("an@x.example", DAY): LOGIN}


def test_an_address_that_cannot_be_read_is_counted_and_nobodys() -> None:
    bad = auth(tail="account=nguy\u1ec5n@x.example; protocol=imap;").encode("utf-8")
    broken = bad.replace("ễ".encode(), b"\xea\xff")
    found = read("zimbra-audit", broken)
    assert not found.activity
    assert found.unknown == 1
    assert set(read("zimbra-audit", bad).activity) == {("nguyễn@x.example", DAY)}
