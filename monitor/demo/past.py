"""The six weeks before the demo began: what an archive of mail and the document system hand over.

Without a past there is no habit to hold today against, so figures of windows, trends and drops
would stay empty for weeks. Agencies differ in how much they send and sign, and `STOPPED` has not
signed what its document system sent for its last working days: somebody has to be paged.

Days are Vietnam days; the same for a seed and the day the province was made.
"""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from monitor.calendar import WorkingCalendar
from monitor.clock import VIETNAM
from monitor.demo.agencies import BY_CODE, CLERK, DemoAgency
from monitor.demo.documents import DocumentKind, DocumentMaker
from monitor.demo.files import appear
from monitor.demo.gateway import file_document
from monitor.demo.logs import mail_lines
from monitor.demo.mails import OFFICE_CLIENT, Attachment, Mail, from_inside, plain_mail
from monitor.demo.register import DAYS, SPOKEN, RegisterLine
from monitor.demo.scenarios import FREEMAIL, filed, sent_out
from monitor.demo.sendings import ClaimedFile, Expectation
from monitor.settings import CalendarSettings

FIRST_MAIL_NUMBER = 8001
"""Of letters that went by mail: the register's own numbers end far below."""
LOGGED_DAYS = 13
"""The gateway's log is kept for two weeks; a copy that comes later is no longer looked for."""
STOPPED, STOPPED_DAYS = "hs-donglua", 4
PAUSE_SECONDS = 0.02
"""Between two documents: the past must not hold up what happens now."""

_SIGNED = {
    DocumentKind.PAIR: 70, DocumentKind.PERSON: 14, DocumentKind.SEAL: 8,
    DocumentKind.PUBLIC_CA: 4, DocumentKind.PKCS7: 4,
}  # fmt: skip
_UNSIGNED = {
    DocumentKind.UNSIGNED: 84, DocumentKind.TAMPERED: 5, DocumentKind.REMNANT: 6,
    DocumentKind.EXPIRED_CLAIMED: 3, DocumentKind.ENCRYPTED: 2,
}  # fmt: skip
_FLAGS = {spoken: flag for flag, spoken in SPOKEN.items()}


@dataclass(frozen=True)
class Habit:
    """How an agency worked: mails with a letter a working day, shares that were signed, and the
    share of mails that went to somebody's free-mail address too.
    """

    mails: int
    mail_signed: float
    filed_signed: float
    free: float = 0.0


HABITS = {
    "hs-vpub": Habit(6, 0.97, 0.97),
    "hs-skhcn": Habit(4, 0.93, 0.95, 0.02),
    "hs-stc": Habit(5, 0.88, 0.93),
    "hs-sgddt": Habit(4, 0.76, 0.8, 0.12),
    "hs-trungtam": Habit(3, 0.84, 0.88),
    "hs-donglua": Habit(2, 0.8, 0.95, 0.08),
    "hs-nuixanh": Habit(1, 0.4, 0.5, 0.3),
}


@dataclass(frozen=True)
class PastMail:
    """A mail with one letter that an agency's clerk sent."""

    sender: DemoAgency
    recipient: DemoAgency
    at: datetime
    number: int
    kind: DocumentKind
    message_id: str
    free: bool
    """It went to somebody's free-mail address as well."""

    @property
    def recipients(self) -> tuple[str, ...]:
        return (self.recipient.mailbox, *((FREEMAIL,) if self.free else ()))

    @property
    def queue_id(self) -> str:
        return f"4PAST{self.number:05d}"


class Past:
    """What was sent before the province was made."""

    def __init__(self, seed: int, made_on: date, register: Sequence[RegisterLine]) -> None:
        self._seed = seed
        self._made_on = made_on
        calendar = WorkingCalendar(CalendarSettings(), made_on.year)
        first, last = made_on - timedelta(days=DAYS), made_on - timedelta(days=1)
        self.days = calendar.working_days(first, last)
        self.mails = tuple(self._mails())
        self._register = register

    def log_lines(self) -> Iterator[str]:
        """What the gateway's log still has of it."""
        kept = self._made_on - timedelta(days=LOGGED_DAYS)
        for mail in self.mails:
            if mail.at.date() >= kept:
                sender = mail.sender.address(CLERK)
                client = f"unknown[{OFFICE_CLIENT}], sasl_method=PLAIN, sasl_username={sender}"
                yield from mail_lines(
                    mail.at, mail.queue_id, client, sender, list(mail.recipients),
                    mail.message_id, 52_431,
                )  # fmt: skip

    async def feed(
        self,
        maker: DocumentMaker,
        archive: Path,
        inbox: Path,
        note: Callable[[Expectation, datetime], None],
        reached: Path,
    ) -> None:
        """Hand it over day by day: an mbox into `archive`, files into `inbox`.

        The file `reached` names the newest day that was begun: the next start goes on behind it.
        Documents that are made again would be other ones, so what such a day lacks stays away.
        """
        begun = await asyncio.to_thread(_text_of, reached)
        handed: set[str] = set()  # a number that was given twice has one file
        for day in (each for each in self.days if each.isoformat() > begun):
            await asyncio.to_thread(appear, reached, day.isoformat().encode())
            mails = [mail for mail in self.mails if mail.at.date() == day]
            letters = [await self._letter(maker, mail, note) for mail in mails]
            await asyncio.to_thread(appear, archive / f"{day}.mbox", b"".join(letters))
            for line in self._register:
                if line.day == day and (key := f"{line.agency} {line.code}") not in handed:
                    handed.add(key)
                    await self._file(maker, line, inbox, note)

    # -- mail -----------------------------------------------------------------------------------

    def _mails(self) -> Iterator[PastMail]:
        chance = random.Random(f"past/mail/{self._seed}/{self._made_on}")  # noqa: S311  # a play
        number = FIRST_MAIL_NUMBER
        for day in self.days:
            for code, habit in HABITS.items():
                for _ in range(chance.randint(habit.mails - 1, habit.mails + 1)):
                    number += 1
                    yield self._mail(chance, day, code, habit, number)

    def _mail(
        self, chance: random.Random, day: date, code: str, habit: Habit, number: int
    ) -> PastMail:
        sender = BY_CODE[code]
        recipient = BY_CODE[chance.choice([other for other in HABITS if other != code])]
        at = datetime.combine(day, time(chance.randint(8, 16), chance.randint(0, 59)), VIETNAM)
        message_id = f"demo.{self._seed}.past.{number}@{sender.domain}"
        kind = _kind(chance, habit.mail_signed)
        free = chance.random() < habit.free
        return PastMail(sender, recipient, at, number, kind, message_id, free)

    async def _letter(
        self,
        maker: DocumentMaker,
        past: PastMail,
        note: Callable[[Expectation, datetime], None],
    ) -> bytes:
        """One mail of an mbox, as the gateway stored it (RFC 4155; Return-Path: RFC 5321 4.4)."""
        document = await asyncio.to_thread(maker.make, past.kind, past.sender, past.at, past.number)
        sender = past.sender.address(CLERK)
        mail = Mail(
            sender, past.recipients, f"[DEMO] V/v văn bản số {past.number}",
            past.message_id, past.at, attachments=(Attachment(document.name, document.data),),
        )  # fmt: skip
        note(sent_out("past_mail", mail, past.sender, (document,)), past.at)
        await asyncio.sleep(PAUSE_SECONDS)
        stored = from_inside(plain_mail(mail), past.at, past.queue_id).replace(b"\r\n", b"\n")
        since = f"{past.at:%a %b %d %H:%M:%S %Y}"
        head = f"From {sender} {since}\nReturn-Path: <{sender}>\n".encode()
        return head + stored.replace(b"\nFrom ", b"\n>From ") + b"\n"

    # -- the document system ------------------------------------------------------------------

    async def _file(
        self,
        maker: DocumentMaker,
        line: RegisterLine,
        inbox: Path,
        note: Callable[[Expectation, datetime], None],
    ) -> None:
        """The file of an entry that went out electronically; of one in twenty there is none."""
        chance = random.Random(f"past/file/{self._seed}/{line.agency}/{line.code}")  # noqa: S311
        if line.sent_at is None or line.way not in _FLAGS or chance.random() < 0.05:
            return
        stopped = line.agency == STOPPED and line.day in self.days[-STOPPED_DAYS:]
        share = 0.0 if stopped else HABITS[line.agency].filed_signed
        agency, number = BY_CODE[line.agency], int(line.code.partition("/")[0])
        at = line.signed_at or line.sent_at
        document = await asyncio.to_thread(maker.make, _kind(chance, share), agency, at, number)
        file = ClaimedFile(document, agency.code, line.sent_at, _FLAGS[line.way], line.day)
        name = f"past-{agency.label}-{number}-{line.day:%m%d}"
        await asyncio.to_thread(file_document, inbox, file, name)
        sending = filed("past_file", document, agency, line.sent_at, file.paper)
        note(sending.expected, line.sent_at)
        await asyncio.sleep(PAUSE_SECONDS)


def _text_of(path: Path) -> str:
    return path.read_text("ascii") if path.exists() else ""


def _kind(chance: random.Random, signed_share: float) -> DocumentKind:
    kinds = _SIGNED if chance.random() < signed_share else _UNSIGNED
    return chance.choices(list(kinds), list(kinds.values()))[0]
