"""Exchange's message tracking log."""

from datetime import UTC, date, datetime

import pytest

from monitor.activity.formats import reader
from monitor.activity.formats.exchange_tracking import MAX_RECORD
from tests.activity.formats.reading import (
    AUTOMATIC,
    SENT,
    SUBMISSION,
    WRITTEN,
    days,
    on,
    read,
    read_sample,
    sent,
    source,
)

FIELDS = (
    "date-time,source-context,connector-id,source,event-id,message-id,message-subject,"
    "sender-address,return-path,directionality"
)
HEADER = f"#Fields: {FIELDS}\r\n"


def row(
    source_: str = "STOREDRIVER", event: str = "RECEIVE", subject: str = "x",
    sender: str = "an@x.example", path: str = "an@x.example", direction: str = "Originating",
    context: str = "", connector: str = "", message_id: str = "<m1@x.example>",
) -> str:  # fmt: skip
    return (
        f"2026-11-02T08:00:00.123Z,{context},{connector},{source_},{event},{message_id},{subject},"
        f"{sender},{path},{direction}\r\n"
    )


def test_a_log_of_2007_is_read_to_the_right_counts() -> None:
    """Lines as in a log normaliser's tests: 21 columns, no directionality."""
    found = read_sample("exchange_2007")
    assert on(found, date(2010, 4, 19)) == {"an.nv": SENT, "binh.tt": AUTOMATIC}
    assert on(found, date(2010, 4, 20)) == {"an.nv": SENT}
    assert sent(found) == {
        "C6539E897AEDFA469FE34D029FB708D43495@mbx1.so-a.tinh.example": "an.nv",
        "midnight@mbx1.so-a.tinh.example": "an.nv",
    }
    assert (found.lines, found.unknown) == (11, 0)
    assert found.newest == datetime(2010, 4, 19, 17, tzinfo=UTC)


def test_files_of_2010_and_2013_after_each_other_are_read_to_the_right_counts() -> None:
    """Lines as in the tests of a log shipper: 26, then 27 columns, a subject of three lines, the
    second of which looks like a record."""
    found = read_sample("exchange_2013")
    assert sent(found) == {
        "2010-1@so-a.tinh.example": "an.nv",
        "2013-1@so-b.tinh.example": "binh.tt",
    }
    assert days(found) == {date(2013, 3, 1), date(2017, 5, 23)}
    assert (found.lines, found.unknown) == (17, 0)


def test_a_log_of_2016_is_read_to_the_right_counts() -> None:
    """Lines as in the documentation of a log platform: 30 columns, two servers, probes, rules."""
    found = read_sample("exchange_2019")
    assert on(found, date(2022, 9, 19)) == {
        "an.nv": SENT, "binh.tt": SENT | SUBMISSION, "chi.lt": AUTOMATIC, "ha.nt": AUTOMATIC,
    }  # fmt: skip
    assert sent(found) == {
        "2019-1@so-a.tinh.example": "an.nv",
        "smtp-1@so-b.tinh.example": "binh.tt",
    }
    assert (found.lines, found.unknown) == (16, 1)


@pytest.mark.parametrize(
    "nobodys",
    [
        row(direction="Incoming"),
        row(source_="SMTP"),
        row(source_="SMTP", connector="EX1\\Default Frontend EX1"),
        row(source_="SMTP", connector="EX1\\Client Proxy EX1", direction="Incoming"),
        row(path="<>"),
        row(event="DELIVER"),
        row(source_="AGENT"),
        row(sender="HealthMailbox12@x.example"),
        row(sender="SystemMailbox{1f05a927}@x.example"),
        row(sender="MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example"),
    ],
)
def test_what_nobody_sent_is_nobodys(nobodys: str) -> None:
    found = read("exchange-tracking", HEADER + nobodys)
    assert not found.activity
    assert not found.sent


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        ("MessageClass:IPM.Note ClientType:OWA", SENT),
        ("MessageClass:IPM.Note ClientType:AirSync", SENT),
        ("MessageClass:IPM.Schedule.Meeting.Request ClientType:MOMT", SENT),
        ("MessageClass:IPM.Note ClientType:EventBasedAssistants", AUTOMATIC),
        ("MessageClass:REPORT.IPM.Note.IPNRN ClientType:User", AUTOMATIC),
        ("MessageClass:IPM.Note.Rules.OofTemplate.Microsoft ClientType:MOMT", AUTOMATIC),
    ],
)
def test_what_the_store_says_of_a_mail_tells_persons_from_assistants(
    context: str, kind: int
) -> None:
    found = read("exchange-tracking", HEADER + row(context=context))
    assert found.activity == {("an@x.example", date(2026, 11, 2)): kind}
    assert bool(found.sent) is (kind == SENT)


def test_columns_may_come_in_any_order() -> None:
    fields = "#Fields: sender-address,event-id,date-time,source,message-id,return-path,"
    rest = "source-context,connector-id\n"
    line = "an@x.example,SUBMIT,2026-11-02T18:00:00.000Z,STOREDRIVER,<m@x>,,,\n"
    found = read("exchange-tracking", fields + rest + line)
    assert found.sent == {"m@x": ("an@x.example", date(2026, 11, 3))}


def test_without_the_line_of_columns_nothing_is_guessed() -> None:
    found = read("exchange-tracking", row())
    assert not found.activity
    assert found.unknown == 1


def test_a_subject_cannot_be_a_record_or_a_header() -> None:
    forged = row(sender="boss@x.example", message_id="<forged@x>")
    subject = '"a\r\n#Fields: x\r\n' + forged + 'b ""c"", d"'
    found = read("exchange-tracking", HEADER + row(subject=subject) + row(message_id="<m2@x>"))
    assert set(found.sent) == {"m1@x.example", "m2@x"}
    assert {address for address, _ in found.activity} == {"an@x.example"}


def test_a_quote_that_is_never_closed_costs_its_own_line_alone() -> None:
    many = "".join(row(message_id=f"<{n}@x>") for n in range(MAX_RECORD // 50))
    found = read("exchange-tracking", HEADER + row(subject='"open', message_id="<bad@x>") + many)
    assert set(found.sent) == {f"{n}@x" for n in range(MAX_RECORD // 50)}
    assert found.unknown == 1


def test_an_unfinished_record_that_is_remembered_is_bounded() -> None:
    one = reader(source("exchange-tracking"))
    one.read((HEADER + 'a,"' + "x\n" * MAX_RECORD).encode(), WRITTEN)
    assert len(str(one.state())) < 2 * MAX_RECORD


def test_subjects_of_two_encodings_in_one_file_change_nothing() -> None:
    windows = row(subject="C\u00f4ng v\u0103n", message_id="<w@x>").encode("windows-1258")
    utf8 = row(subject="Công văn hỏa tốc", message_id="<u@x>").encode()
    found = read("exchange-tracking", HEADER.encode() + windows + utf8)
    assert set(found.sent) == {"w@x", "u@x"}
