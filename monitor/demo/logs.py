"""The demo's logs, as its mail system writes them: Zimbra's audit.log and its Postfix's mail.log.

They are appended to while the feeder runs, and rotated by renaming, as logrotate does.
"""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

from monitor.calendar import WorkingCalendar
from monitor.clock import VIETNAM, vietnam_day
from monitor.demo.agencies import DOMAIN
from monitor.demo.mails import GATEWAY, OFFICE_CLIENT
from monitor.demo.officials import Account, Habit, Staff
from monitor.settings import CalendarSettings

HISTORY_DAYS = 60
"""Days before the province was made that audit.log tells of."""
POLLS_A_DAY = 3
ROTATE_BYTES = 8 * 1024 * 1024
_AGES = (1, 2, 3)
ATTACKER = "198.51.100.66"
"""A host on the internet (RFC 5737) that guesses passwords."""
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_QUEUE_ID = re.compile(rb"\swith (\w+) id (\w+);")


class RotatedLog:
    """A log that is appended to and renamed to `.1`, `.2`, … when it has grown."""

    def __init__(self, path: Path, rotate_bytes: int = ROTATE_BYTES) -> None:
        self._path = path
        self._rotate_bytes = rotate_bytes

    def append(self, lines: Iterable[str]) -> None:
        """Add whole lines; OSError where the folder cannot be written."""
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(lines)
            full = file.tell() > self._rotate_bytes
        if full:
            self._rotate()

    def _rotate(self) -> None:
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in _AGES)]
        for older, newer in reversed(list(pairwise(names))):
            if older.exists():
                older.replace(newer)


@dataclass(frozen=True)
class Login:
    """One entry of audit.log."""

    at: datetime
    address: str
    protocol: str
    """`soap` is web mail, `imap` a program."""
    client: str
    failed: bool = False

    def line(self, number: int) -> str:
        """As Zimbra 8.8 writes it, in Vietnam time."""
        stamp = f"{self.at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S},{self.at.microsecond // 1000:03}"
        if self.protocol == "soap":
            thread = f"qtp509886383-{number}:https://{GATEWAY}/service/soap/AuthRequest"
            agent = "zclient/8.8.15_GA_4717"
        else:
            thread, agent = f"ImapSSLServer-{number}", "Android-Mail/2026.10"
        context = f"name={self.address};oip={self.client};ua={agent};"
        said = f"security - cmd=Auth; account={self.address}; protocol={self.protocol};"
        if not self.failed:
            return f"{stamp} INFO  [{thread}] [{context}] {said}\n"
        reason = f"error=authentication failed for [{self.address}], invalid password;"
        return f"{stamp} WARN  [{thread}] [{context}] {said} {reason}\n"


class Logins:
    """Who logs in when: the same for a seed and a day, whenever it is asked."""

    def __init__(self, staff: Staff, seed: int, made_at: datetime) -> None:
        self._staff = staff
        self._seed = seed
        self._made_at = made_at
        self._calendar = WorkingCalendar(CalendarSettings(), vietnam_day(made_at).year)
        self._today: tuple[date, list[Account]] | None = None

    def history(self) -> list[Login]:
        """The days before the province was made, in order."""
        made_on = vietnam_day(self._made_at)
        days = (made_on - timedelta(n) for n in range(HISTORY_DAYS, -1, -1))
        found = [login for day in days for login in self._on(day)]
        return sorted((one for one in found if one.at < self._made_at), key=lambda one: one.at)

    def last(self, history: Iterable[Login]) -> dict[str, datetime]:
        """Last successful login by address; long ago for who did not log in of late, if ever."""
        found = {login.address: login.at for login in history if not login.failed}
        for account in self._staff.accounts:
            if account.habit is not Habit.NEVER and account.address not in found:
                chance = random.Random(f"last/{self._seed}/{account.address}")  # noqa: S311
                days = chance.randint(HISTORY_DAYS + 10, 400)
                day = max(account.created, vietnam_day(self._made_at) - timedelta(days))
                found[account.address] = _moment(day, 8, 17, chance)
        return found

    def now(self, at: datetime, chance: random.Random) -> Login | None:
        """Something that happens at an instant; None where nobody works today."""
        day = vietnam_day(at)
        if self._today is None or self._today[0] != day:
            self._today = (
                day,
                [account for account in self._staff.accounts if self._does(account, day)],
            )
        here = self._today[1]
        what = chance.random()
        if what < 0.05:
            address = chance.choice(self._staff.accounts).address
            return Login(at, address, "soap", ATTACKER, failed=True)
        if what < 0.4:
            here = [account for account in self._staff.accounts if account.polls]
        if not here:
            return None
        account = chance.choice(here)
        protocol = "imap" if what < 0.4 else "soap"
        return Login(at, account.address, protocol, OFFICE_CLIENT)

    def _does(self, account: Account, day: date) -> bool:
        return account.logs_in(self._seed, day, working=self._calendar.is_working(day))

    def _on(self, day: date) -> Iterator[Login]:
        for account in self._staff.accounts:
            chance = random.Random(f"times/{self._seed}/{account.address}/{day}")  # noqa: S311
            if self._does(account, day):
                at = _moment(day, 7, 17, chance)
                if chance.random() < 0.04:
                    before = at - timedelta(seconds=chance.randint(5, 40))
                    yield Login(before, account.address, "soap", OFFICE_CLIENT, failed=True)
                yield Login(at, account.address, "soap", OFFICE_CLIENT)
            if account.polls and day >= account.created:
                for _ in range(POLLS_A_DAY):
                    at = _moment(day, 6, 22, chance)
                    yield Login(at, account.address, "imap", f"10.99.7.{chance.randint(2, 250)}")


def _moment(day: date, first_hour: int, last_hour: int, chance: random.Random) -> datetime:
    seconds = chance.randrange((last_hour - first_hour) * 3600)
    start = datetime.combine(day, time(first_hour), VIETNAM)
    return start + timedelta(seconds=seconds, milliseconds=chance.randrange(1000))


def sent_lines(
    at: datetime, mail_from: str, recipients: Iterable[str], message_id: str, payload: bytes
) -> list[str]:
    """What the gateway's Postfix writes of one mail that it was handed, traditional time-stamps.

    Queue id and kind of submission are those of its Received header: `ESMTPSA` had logged in.
    """
    received = _QUEUE_ID.search(payload[:1000])
    protocol, queue_id = (received[1], received[2].decode()) if received else (b"ESMTP", "4DEMO")
    client = "unknown[203.0.113.77]"
    if protocol == b"ESMTPSA":
        client = f"unknown[{OFFICE_CLIENT}], sasl_method=PLAIN, sasl_username={mail_from}"
    return mail_lines(at, queue_id, client, mail_from, recipients, message_id, len(payload))


def mail_lines(
    at: datetime,
    queue_id: str,
    client: str,
    mail_from: str,
    recipients: Iterable[str],
    message_id: str,
    size: int,
) -> list[str]:
    """The lines of one queue id."""
    to = list(recipients)
    relay = f"relay={GATEWAY}[10.99.0.5]:7025, delay=0.4, delays=0.1/0/0.1/0.2, dsn=2.1.5"
    said = [
        ("smtpd", f"client={client}"),
        ("cleanup", f"message-id=<{message_id}>"),
        ("qmgr", f"from=<{mail_from}>, size={size}, nrcpt={len(to)} (queue active)"),
        *(("lmtp", f"to=<{one}>, {relay}, status=sent (250 2.1.5 Delivery OK)") for one in to),
        ("qmgr", "removed"),
    ]
    local = at.astimezone(VIETNAM)
    stamp = f"{_MONTHS[local.month - 1]} {local.day:2} {local:%H:%M:%S}"
    host = GATEWAY.partition(".")[0]
    return [f"{stamp} {host} postfix/{daemon}[2317]: {queue_id}: {text}\n" for daemon, text in said]


def lost_copy_lines(at: datetime, number: int, sender: str, seed: int, run: int) -> list[str]:
    """A mail whose journal copy never comes: an agency's server has lost its journal rule."""
    client = f"unknown[{OFFICE_CLIENT}], sasl_method=PLAIN, sasl_username={sender}"
    message_id = f"demo.{seed}.{run}.uncopied.{number}@{sender.rpartition('@')[2]}"
    recipient = f"vanban@vpub.{DOMAIN}"
    return mail_lines(at, f"4LOST{number:06d}", client, sender, [recipient], message_id, 41_213)
