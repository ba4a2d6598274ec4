"""The province's mail system: its lists, and the logs that it writes while the feeder sends."""

import random
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from monitor.clock import vietnam_day
from monitor.demo.agencies import BY_CODE, CLERK, STAFF
from monitor.demo.lists import people_csv, targets_toml, zimbra_dump
from monitor.demo.logs import Logins, RotatedLog, lost_copy_lines, sent_lines
from monitor.demo.officials import staff_of
from monitor.demo.sendings import MailSending

PEOPLE = Path("lists/people.csv")
PEOPLE_BEFORE = Path("lists/people-before.csv")
"""The list of `LISTED_BEFORE` earlier: some have left since."""
LISTED_BEFORE = timedelta(days=100)
ACCOUNTS = Path("lists/accounts.txt")
AUDIT_LOG = Path("logs/audit.log")
MAIL_LOG = Path("logs/mail.log")
TARGETS = Path("targets.toml")
BROKEN_JOURNAL = "hs-sgddt"
"""Its server has lost the journal rule for part of its mail: the log knows, no copy comes."""
LOST_EVERY = 5
"""One mail without a copy to so many sendings of the feeder."""


class MailSystem:
    """Below one state folder; the same for a seed and the instant the province was made."""

    def __init__(self, state_dir: Path, seed: int, run: int, made_at: datetime) -> None:
        self._state_dir = state_dir
        self._seed = seed
        self._run = run
        self.made_on = vietnam_day(made_at)
        """The day that the lists are of."""
        self.staff = staff_of(seed, self.made_on)
        self._logins = Logins(self.staff, seed, made_at)
        self._audit_log = RotatedLog(state_dir / AUDIT_LOG)
        self._mail_log = RotatedLog(state_dir / MAIL_LOG)
        self._chance = random.Random(f"logins/{seed}/{run}")  # noqa: S311  # no secret: a play
        self._count = 0

    def prepare(self, mail_log: Iterable[str] = ()) -> None:
        """Write the lists, the plan, and the history of the logs: audit.log's where there is none
        yet, and `mail_log` for the gateway's.
        """
        for path in (PEOPLE, AUDIT_LOG):
            (self._state_dir / path).parent.mkdir(exist_ok=True)
        history = self._logins.history()
        dump = zimbra_dump(self.staff, self._seed, self._logins.last(history))
        for file, as_of in self.people_lists:
            (self._state_dir / file).write_bytes(people_csv(self.staff, as_of))
        (self._state_dir / ACCOUNTS).write_bytes(dump)
        (self._state_dir / TARGETS).write_text(targets_toml(self.made_on), encoding="utf-8")
        if not (self._state_dir / AUDIT_LOG).exists():
            self._audit_log.append(login.line(n) for n, login in enumerate(history))
        self._mail_log.append(mail_log)

    @property
    def people_lists(self) -> tuple[tuple[Path, date], ...]:
        """The personnel office's lists and the days they are of, in order."""
        return (PEOPLE_BEFORE, self.made_on - LISTED_BEFORE), (PEOPLE, self.made_on)

    def sent(self, sending: MailSending, at: datetime) -> None:
        """Log a mail as the gateway does when it is submitted, before its copy is sent."""
        payload = sending.payloads[0]
        if sending.expected.message_id is None:
            return
        head = BytesHeaderParser(policy=default).parsebytes(payload.partition(b"\r\n\r\n")[0])
        to = [address.addr_spec for address in head["To"].addresses]
        lines = sent_lines(at, sending.mail_from, to, sending.expected.message_id, payload)
        self._mail_log.append(lines)

    def live(self, at: datetime) -> None:
        """Something else happens: somebody logs in, or a mail is sent of which no copy comes."""
        self._count += 1
        login = self._logins.now(at, self._chance)
        if login is not None:
            self._audit_log.append([login.line(self._count)])
        if self._count % LOST_EVERY == 0:
            officer = self._chance.choice((STAFF, CLERK))
            sender = BY_CODE[BROKEN_JOURNAL].address(officer)
            lines = lost_copy_lines(at, self._count, sender, self._seed, self._run)
            self._mail_log.append(lines)
