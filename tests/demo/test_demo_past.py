"""The weeks before the demo: the same for a seed, with habits; one agency stopped signing."""

import asyncio
import json
import mailbox
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.calendar import WorkingCalendar
from monitor.demo.documents import DocumentKind, DocumentMaker
from monitor.demo.past import HABITS, LOGGED_DAYS, STOPPED, STOPPED_DAYS, Past
from monitor.demo.pki import Pki
from monitor.demo.register import RegisterExport
from monitor.demo.sendings import Expectation
from monitor.model import Overall
from monitor.settings import CalendarSettings

MADE_ON = date(2026, 10, 7)
NOW = datetime(2026, 10, 7, 3, tzinfo=UTC)
LATE = timedelta(days=3)
"""Some of what was signed before is sent so much later."""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    register = RegisterExport(tmp_path_factory.mktemp("register"), 1, MADE_ON)
    return Past(1, MADE_ON, register.past)


def test_only_working_days_before_the_first_have_mail(past: Past) -> None:
    calendar = WorkingCalendar(CalendarSettings(), 2026)
    days = {mail.at.date() for mail in past.mails}
    assert days == set(past.days)
    assert len(past.days) >= 25
    assert max(days) < MADE_ON
    assert all(calendar.is_working(day) for day in days)
    assert date(2026, 9, 2) not in days, "Quốc khánh"


def test_agencies_sign_as_much_as_they_are_used_to(past: Past) -> None:
    good = {DocumentKind.PAIR, DocumentKind.PERSON, DocumentKind.SEAL, DocumentKind.PUBLIC_CA,
            DocumentKind.PKCS7}  # fmt: skip
    sent = Counter(mail.sender.code for mail in past.mails)
    signed = Counter(mail.sender.code for mail in past.mails if mail.kind in good)
    assert set(sent) == set(HABITS)
    for code, habit in HABITS.items():
        assert signed[code] / sent[code] == pytest.approx(habit.mail_signed, abs=0.2), code


def test_the_same_seed_and_day_give_the_same_past(tmp_path: Path, past: Past) -> None:
    again = Past(1, MADE_ON, RegisterExport(tmp_path, 1, MADE_ON).past)
    assert again.mails == past.mails
    assert Past(2, MADE_ON, ()).mails != past.mails


def test_the_gateway_s_log_has_the_newest_mails_alone(past: Past) -> None:
    said = "".join(past.log_lines())
    for mail in past.mails:
        kept = (MADE_ON - mail.at.date()).days <= LOGGED_DAYS
        assert (f"message-id=<{mail.message_id}>" in said) == kept


async def test_all_of_it_is_handed_over_once_and_the_truth_about_it_is_told(
    tmp_path: Path, past: Past
) -> None:
    archive, inbox, reached = (tmp_path / name for name in ("archive", "inbox", "past.txt"))
    archive.mkdir()
    inbox.mkdir()
    told: list[tuple[Expectation, datetime]] = []
    maker = DocumentMaker(Pki.create(1, NOW), 1)
    past.days = past.days[-STOPPED_DAYS - 1 :]
    await asyncio.wait_for(
        past.feed(maker, archive, inbox, lambda expected, at: told.append((expected, at)), reached),
        120,
    )
    handed = len(told)
    await past.feed(
        maker, archive, inbox, lambda expected, at: told.append((expected, at)), reached
    )
    assert len(told) == handed, "a second start hands nothing over again"
    reached.write_text(past.days[-2].isoformat())
    await past.feed(
        maker, archive, inbox, lambda expected, at: told.append((expected, at)), reached
    )
    assert {at.date() for _, at in told[handed:]} <= {
        past.days[-1] + timedelta(n) for n in range(2)
    }
    assert len(told) > handed, "one that was ended in the middle goes on"
    del told[handed:]
    letters = [mail for mail in past.mails if mail.at.date() in past.days]
    stored = [mail for path in sorted(archive.iterdir()) for mail in mailbox.mbox(path)]
    assert {str(mail["Message-ID"]) for mail in stored} == {f"<{m.message_id}>" for m in letters}
    assert {str(mail["Return-Path"]).partition("@")[0] for mail in stored} == {"<vanthu.03"}
    filed = [(each, at) for each, at in told if each.story == "past_file"]
    assert len(list(inbox.glob("manifest-*.json"))) == len(filed) > 10
    stopped = [
        each.documents[0].overall
        for each, at in filed
        if each.agency == STOPPED and at.date() > past.days[0] + LATE
    ]
    assert stopped
    assert Overall.VALID not in stopped


async def test_a_file_that_is_sent_later_says_the_day_under_which_the_register_has_it(
    tmp_path: Path, past: Past
) -> None:
    """Else the two do not meet, and coverage falls below what is missing."""
    archive, inbox = tmp_path / "archive", tmp_path / "inbox"
    archive.mkdir()
    inbox.mkdir()
    maker = DocumentMaker(Pki.create(1, NOW), 1)
    lines = RegisterExport(tmp_path, 1, MADE_ON).past
    some = Past(1, MADE_ON, lines)
    some.days = past.days[:3]
    await some.feed(maker, archive, inbox, lambda *_: None, tmp_path / "past.txt")
    rows = [row for path in inbox.glob("manifest-*.json") for row in json.loads(path.read_text())]
    entries = {(line.agency, line.code): line.day.isoformat() for line in lines}
    assert any(row["sent_at"][:10] != row["issued_on"] for row in rows)
    for row in rows:
        assert row["issued_on"] == entries[row["agency"], f"{row['number']}/{row['notation']}"]
