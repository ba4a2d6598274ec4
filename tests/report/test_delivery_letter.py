"""The mail itself: what it says, what it carries, and that no name forges a line of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.measure.closing import Closing
from monitor.model import Language
from monitor.periods import Rules, parse
from monitor.report.delivery.handing import Handing, of_agency
from monitor.report.delivery.letter import Envelope, Letter, Sheet, letter

AT = datetime(2026, 11, 5, 17, 1, tzinfo=UTC)
VI = (Language.VI,)
PLENTY = 20_000_000


def sheet(files: Sequence[Path] = (), name: str = "", version: int = 1) -> Sheet:
    closing = Closing(
        id=7, period=parse("2026-10", Rules()), version=version, closed_at=AT, actor="congvu",
        reason="lịch", basis={}, facts="ab" * 32,
    )  # fmt: skip
    return Sheet(closing, "so-yt" if name else None, name, files)


def envelope(to: str = "ai@so.example", again: int = 0, issuer: str = "Trung tâm") -> Envelope:
    return Envelope(Handing(7, of_agency(None), to), issuer, "congvu@tinh.example", again, AT)


def read(made: Letter) -> EmailMessage:
    mail = message_from_bytes(made.data, policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail.defects == []
    return mail


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = []
    for name, size in (
        ("congvu-2026-10-v1-vi.xlsx", 40_000),
        ("congvu-2026-10-v1-vi.pdf", 300_000),
    ):
        (tmp_path / name).write_bytes(bytes(range(250)) * (size // 250))
        made.append(tmp_path / name)
    return made


def test_it_says_what_it_is_and_whom_to_ask(files: list[Path]) -> None:
    mail = read(letter(sheet(files), envelope(), VI, PLENTY))
    said = text(mail)
    assert "Tháng 10 năm 2026 (từ ngày 01/10/2026 đến ngày 31/10/2026)" in said
    assert "Phiên bản 1, số liệu chốt lúc 00:01 06/11/2026." in said
    assert "ab" * 32 in said
    assert "Trung tâm, congvu@tinh.example" in said
    for path in files:
        assert path.name in said
        assert hashlib.sha256(path.read_bytes()).hexdigest() in said
    assert mail["Subject"] == (
        "Báo cáo thư điện tử công vụ, chữ ký số: Tháng 10 năm 2026, toàn tỉnh (bản 1)"
    )


def test_the_subject_of_an_administrative_month_says_its_days(files: list[Path]) -> None:
    month = parse("2026-10@administrative", Rules())
    plain = sheet(files)
    ended = replace(plain, closing=replace(plain.closing, period=month))
    subject = read(letter(ended, envelope(), VI, PLENTY))["Subject"]
    assert "Tháng 10 năm 2026 (từ ngày 15/09/2026 đến ngày 14/10/2026), toàn tỉnh" in subject


def test_its_headers_are_those_of_a_machine_s_mail(files: list[Path]) -> None:
    mail = read(letter(sheet(files), envelope(), VI, PLENTY))
    assert (mail["From"], mail["To"]) == ("congvu@tinh.example", "ai@so.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == AT
    assert mail["Message-ID"].endswith("@tinh.example>")
    assert all(
        len(line) <= 998
        for line in letter(sheet(files), envelope(), VI, PLENTY).data.split(b"\r\n")
    )


def test_files_arrive_as_they_are(files: list[Path]) -> None:
    mail = read(letter(sheet(files), envelope(), VI, PLENTY))
    found = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
    assert found == {path.name: path.read_bytes() for path in files}


def test_both_languages_stand_in_one_mail(files: list[Path]) -> None:
    said = text(read(letter(sheet(files), envelope(), (Language.VI, Language.EN), PLENTY)))
    assert said.index("Kính gửi") < said.index("To whom it may concern")


def test_a_restatement_says_that_it_takes_the_place_of_another(files: list[Path]) -> None:
    mail = read(letter(sheet(files, version=2), envelope(), VI, PLENTY))
    assert "Phiên bản 2, số liệu chốt lại" in text(mail)
    assert mail["Subject"].endswith("(bản 2)")


def test_what_does_not_fit_is_named_and_left_out(files: list[Path]) -> None:
    made = letter(sheet(files), envelope(), VI, 150_000)
    assert made.left == ["congvu-2026-10-v1-vi.pdf"]
    assert len(made.data) <= 150_000
    mail = read(made)
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "congvu-2026-10-v1-vi.xlsx"
    ]
    said = text(mail)
    assert said.index("quá lớn") < said.index("congvu-2026-10-v1-vi.pdf (0,3 MB)")
    empty = letter(sheet(files), envelope(), VI, 20_000)
    assert "Không có tệp nào" in text(read(empty))
    assert list(read(empty).iter_attachments()) == []


@pytest.mark.parametrize("most", range(60_000, 480_000, 70_001))
def test_no_mail_is_larger_than_it_may_be(files: list[Path], most: int) -> None:
    assert len(letter(sheet(files), envelope(), VI, most).data) <= most


HOSTILE = (
    "Sở Y tế\r\nBcc: ke-gian@evil.example\r\n\r\nXin chào",
    "=?utf-8?q?S=0D=0ABcc:x@evil.example?=",
    "\u202eSở\u2028Bcc: x@evil.example\x00",
    "{facts}{name}{0}",
    "x" * 5_000,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_forges_a_header_or_a_line(files: list[Path], name: str) -> None:
    mail = read(letter(sheet(files, name), envelope(issuer=name), VI, PLENTY))
    assert set(mail.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
        "Content-Type", "X-Auto-Response-Suppress",
    }  # fmt: skip
    assert mail["To"] == "ai@so.example"
    assert not any(line.startswith("Bcc") for line in text(mail).splitlines())
    assert "\u202e" not in text(mail) + mail["Subject"]


@pytest.mark.parametrize(
    "address", ["ai@so.example>,<x@evil.example", "\x00@so.example", "sở@so.example", "a@b,c@d"]
)
def test_what_is_no_plain_address_is_not_sent_to(files: list[Path], address: str) -> None:
    with pytest.raises(UserError, match="no mail address"):
        letter(sheet(files), envelope(to=address), VI, PLENTY)


def test_attempts_at_one_mail_bear_one_id_and_other_mails_others(files: list[Path]) -> None:
    def named(of: Sheet, to: Envelope) -> str:
        return str(read(letter(of, to, VI, PLENTY))["Message-ID"])

    once = named(sheet(files), envelope())
    assert named(sheet(files[:1]), envelope()) == once
    assert once not in {
        named(sheet(files), envelope(to="em@so.example")),
        named(sheet(files), envelope(again=1)),
        named(sheet(files, version=2), envelope()),
    }
