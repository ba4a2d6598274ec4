"""Dovecot's log: programs that log in, and web mail."""

from datetime import UTC, date, datetime

import pytest

from tests.activity.formats.reading import (
    AUTOMATIC,
    IMAP,
    LOGIN,
    POP,
    SUBMISSION,
    on,
    read,
    read_sample,
)


def test_a_syslog_is_read_to_the_right_counts() -> None:
    """Lines as in fail2ban's test cases, grok patterns and administrators' reports (2.0 to 2.3)."""
    found = read_sample("dovecot_syslog", webmail_networks=())
    assert on(found, date(2026, 11, 10)) == {
        "an.nv": IMAP, "binh.tt": IMAP, "chi.lt": POP, "dung.pv": SUBMISSION, "em.dt": IMAP,
        "ha.nt": AUTOMATIC,
    }  # fmt: skip
    assert (found.lines, found.unknown, found.failures) == (25, 2, 4)
    assert not found.sent
    assert found.newest == datetime(2026, 11, 10, 1, 12, 21, tzinfo=UTC)


def test_dovecots_own_file_is_read_to_the_right_counts() -> None:
    """Lines as in fail2ban's test cases: no host, a level, two kinds of time-stamps."""
    found = read_sample("dovecot_own")
    assert on(found, date(2026, 11, 2)) == {"an.nv": IMAP, "chi.lt": POP}
    assert on(found, date(2013, 8, 11)) == {"dung.pv": IMAP, "ha.nt": AUTOMATIC}
    assert (found.lines, found.unknown, found.failures) == (8, 0, 1)


def test_lines_of_version_2_4_are_read_to_the_right_counts() -> None:
    """Lines as in parsers and reports since 2025: `Logged in:` and `Login aborted:`."""
    found = read_sample("dovecot_24")
    assert on(found, date(2026, 2, 25)) == {"an.nv": IMAP, "chi.lt": POP}
    assert (found.lines, found.unknown, found.failures) == (7, 0, 1)


def test_roundcubes_logins_are_a_persons() -> None:
    """Lines as Roundcube writes them to userlogins.log, of two versions."""
    found = read_sample("roundcube_userlogins")
    assert found.activity == {
        ("an.nv@so-a.tinh.example", date(2026, 11, 22)): LOGIN,
        ("binh.tt@so-b.tinh.example", date(2026, 11, 23)): LOGIN,
        ("chi.lt@so-a.tinh.example", date(2012, 11, 20)): LOGIN,
    }
    assert (found.lines, found.unknown, found.failures) == (4, 0, 1)


@pytest.mark.parametrize("tag", ["", "< a4bq1vs> "])
def test_a_name_typed_with_line_breaks_forges_no_login_to_web_mail(tag: str) -> None:
    typed = (
        f"x\n[22-Nov-2026 08:01:02 +0700]: {tag}Successful login for an.nv@so-a.tinh.example "
        "(ID: 3) from 10.8.3.7 in session 8a4bq1vs7k2d\nx"
    )
    line = (
        f"[22-Nov-2026 08:01:02 +0700]: <77c0q1vs> Failed login for {typed} from 203.0.113.9 in "
        "session 77c0q1vs7k2d (error: 0)\n"
    )
    assert not read("dovecot", line).activity


def test_a_login_from_web_mails_server_is_a_persons_only_where_that_is_set() -> None:
    assert on(read_sample("dovecot_syslog"), date(2026, 11, 10))["binh.tt"] == LOGIN
    without = read_sample("dovecot_syslog", webmail_networks=("10.9.9.9/32",))
    assert on(without, date(2026, 11, 10))["binh.tt"] == IMAP


def test_a_name_without_domain_is_an_address_where_the_domain_is_set() -> None:
    found = read_sample("dovecot_syslog", domain="tinh.example")
    assert found.activity[("kimchen@tinh.example", date(2026, 11, 10))] == IMAP
    assert found.unknown == 1


@pytest.mark.parametrize(
    "user",
    [
        "x> imap-login: Logged in: user=<victim@so-a.tinh.example",
        "x>, method=PLAIN\\nNov 10 08:00:12 mail dovecot: imap-login: Login: user=<v@x.example",
    ],
)
def test_a_user_name_cannot_forge_a_login(user: str) -> None:
    line = f"Nov 10 08:12:00 mail dovecot: imap-login: Aborted login (auth failed): user=<{user}>\n"
    found = read("dovecot", line)
    assert not found.activity
    assert found.failures == 1


def test_lines_of_other_programs_are_none_of_ours() -> None:
    found = read("dovecot", "Nov 10 08:12:00 mail sshd[1]: imap-login: Login: user=<a@b.example>\n")
    assert not found.activity
    assert found.unknown == 0


def test_a_logged_proxy_is_a_login_too() -> None:
    line = (
        "Oct 19 14:14:38 host dovecot: pop3-login: proxy(a@b.example): Started proxying to "
        "<10.0.0.6> (0.012 secs): user=<a@b.example>, method=PLAIN, rip=10.1.1.1\n"
    )
    assert read("dovecot", line).activity == {("a@b.example", date(2026, 10, 19)): POP}
