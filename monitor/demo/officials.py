"""Who works in the demo province, and how they use their mailboxes.

About 150 officials, by post and number, never by a name. Some of what real provinces find is among
them: people without a mailbox, accounts of people who left, of nobody, twice, locked, never used.
All depends on the seed and on the day the province was made.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from monitor.demo.agencies import CLERK, LEADER, STAFF, TWO_LEVEL_SINCE, DemoAgency, active

HEADCOUNT = {
    "hs-vpub": 28, "hs-skhcn": 26, "hs-stc": 24, "hs-sgddt": 22, "hs-trungtam": 18,
    "hs-donglua": 16, "hs-nuixanh": 16,
}  # fmt: skip
UNITS = ("Phòng Tổng hợp", "Phòng Kế hoạch", "Phòng Nghiệp vụ", "Thanh tra")
LEADERS = {
    "province": ("Chánh Văn phòng", "Phó Chánh Văn phòng"),
    "department": ("Giám đốc", "Phó Giám đốc"),
    "commune": ("Chủ tịch UBND", "Phó Chủ tịch UBND"),
}


class Habit(StrEnum):
    """How an official uses the mailbox."""

    DAILY = "daily"
    WEEKLY = "weekly"
    POLLING = "polling"
    """A telephone that fetches mail all day, and hardly anybody who looks at it."""
    RARE = "rare"
    NEVER = "never"


LOGIN_SHARE = {
    Habit.DAILY: 0.9, Habit.WEEKLY: 0.3, Habit.POLLING: 0.04, Habit.RARE: 0.02, Habit.NEVER: 0.0,
}  # fmt: skip
"""Of working days on which somebody of a habit logs in to web mail."""
WEEKEND_SHARE = 0.05
"""Of the share of a working day, on days off."""
HABITS_OF = {
    "province": (70, 15, 10, 5), "department": (55, 25, 12, 8), "commune": (35, 25, 20, 20),
}  # fmt: skip
"""Weights of the habits but never, by level."""


class Status(StrEnum):
    """`zimbraAccountStatus`."""

    ACTIVE = "active"
    LOCKED = "locked"
    LOCKOUT = "lockout"
    CLOSED = "closed"


@dataclass(frozen=True)
class Account:
    """One account of the mail system."""

    address: str
    shown: str
    created: date
    habit: Habit
    status: Status = Status.ACTIVE
    aliases: tuple[str, ...] = ()
    staff_number: str | None = None
    system: bool = False
    until: date | None = None
    """Its owner's last day at work, where that is over; nobody closed the account then."""

    def logs_in(self, seed: int, day: date, *, working: bool) -> bool:
        """Does its owner log in to web mail on a day? The same whenever it is asked."""
        if self.status is not Status.ACTIVE or not self.created <= day <= (self.until or day):
            return False
        share = LOGIN_SHARE[self.habit] * (1 if working else WEEKEND_SHARE)
        return _chance(f"login/{seed}/{self.address}/{day}") < share

    @property
    def polls(self) -> bool:
        """Is there a telephone that fetches its mail?"""
        return self.habit is Habit.POLLING and self.status is Status.ACTIVE and self.until is None


@dataclass(frozen=True)
class Official:
    """One row of the personnel list."""

    staff_number: str
    name: str
    post: str
    unit: str
    agency: DemoAgency
    local_part: str
    since: date
    until: date | None = None
    addresses: tuple[str, ...] = ()
    """As the personnel office has them."""

    @property
    def address(self) -> str:
        """The address that this official's account has, if there is one."""
        return f"{self.local_part}@{self.agency.domain}"


@dataclass(frozen=True)
class Staff:
    """Everybody, and all accounts, agency mailboxes and the system's own included."""

    officials: tuple[Official, ...]
    accounts: tuple[Account, ...]
    defects: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What is wrong on purpose: staff numbers and addresses by kind."""


def staff_of(seed: int, made_on: date) -> Staff:
    """The staff of the province made on a Vietnam day."""
    chance = random.Random(f"officials/{seed}")  # noqa: S311  # no secret: a cast
    officials: list[Official] = []
    for agency in active(made_on):
        officials += _of_agency(agency, made_on, chance, len(officials))
    return _with_defects(officials, made_on, chance)


def _of_agency(
    agency: DemoAgency, made_on: date, chance: random.Random, before: int
) -> list[Official]:
    """Two leaders, the clerk, and the rest; the first three are those who send the stories."""
    first, second = LEADERS[agency.level]
    known = {LEADER.local_part: first, STAFF.local_part: "Chuyên viên", CLERK.local_part: "Văn thư"}
    officials = []
    for number in range(1, HEADCOUNT.get(agency.code, 0) + 1):
        officer = (LEADER, STAFF, CLERK)[number - 1] if number <= 3 else None
        unit = chance.choice(UNITS)
        since = made_on - timedelta(days=chance.randint(400, 4000))
        if agency.level == "commune" and chance.random() < 0.4:
            since = min(TWO_LEVEL_SINCE, made_on)
        if officer:
            name, post, local = officer.post, known[officer.local_part], officer.local_part
            unit = officer.unit
        elif number == 4:
            name, post, local = f"Lãnh đạo DEMO {number:02}", second, f"lanhdao.{number:02}"
        elif number == 5:
            name, post, local = f"Trưởng phòng DEMO {number:02}", "Trưởng phòng", f"tp.{number:02}"
        else:
            name, post = f"Chuyên viên DEMO {number:02}", "Chuyên viên"
            local = f"chuyenvien.{number:02}"
        official = Official(f"HS{before + number:05}", name, post, unit, agency, local, since)
        officials.append(replace(official, addresses=(official.address,)))
    return officials


def _with_defects(officials: list[Official], made_on: date, chance: random.Random) -> Staff:
    ordinary = [o for o in officials if int(o.local_part.rpartition(".")[2]) > 4]
    drawn = chance.sample(ordinary, 32)
    without, left, locked, closed, never, doubled = (
        drawn[:9], drawn[9:14], drawn[14:19], drawn[19:22], drawn[22:28], drawn[28:31],
    )  # fmt: skip
    changed = _changed(without, left, doubled, made_on)
    officials = [changed.get(o.staff_number, o) for o in officials]

    status = dict.fromkeys((o.staff_number for o in locked), Status.LOCKED)
    status[locked[-1].staff_number] = Status.LOCKOUT
    status |= dict.fromkeys((o.staff_number for o in closed), Status.CLOSED)
    status[left[-1].staff_number] = Status.CLOSED
    unused = {o.staff_number for o in never}
    missing = {o.staff_number for o in without}
    accounts = [
        _account(o, made_on, chance, status.get(o.staff_number), never=o.staff_number in unused)
        for o in officials
        if o.staff_number not in missing
    ]
    accounts += [
        _second(official, made_on) for official in officials if len(official.addresses) > 1
    ]
    ownerless = _ownerless(made_on)
    accounts += [*ownerless, *_mailboxes(made_on), *_systems(made_on)]
    defects = {
        "without_mailbox": tuple(o.staff_number for o in without),
        "left": tuple(o.staff_number for o in left),
        "twice": tuple(o.staff_number for o in doubled),
        "locked": tuple(o.staff_number for o in locked),
        "closed": tuple(o.staff_number for o in closed),
        "never_logged_in": tuple(o.staff_number for o in never),
        "without_person": tuple(account.address for account in ownerless),
    }
    return Staff(tuple(officials), tuple(accounts), defects)


def _changed(
    without: list[Official], left: list[Official], doubled: list[Official], made_on: date
) -> dict[str, Official]:
    """How a personnel office lists those that something is the matter with, by staff number."""
    changed = [replace(official, addresses=()) for official in without[:5]]
    for number, official in enumerate(left):
        until = made_on - timedelta(days=20 + 17 * number)
        changed.append(replace(official, until=until))
    for official in doubled:
        second = f"{official.local_part.replace('.', '')}@{official.agency.domain}"
        changed.append(replace(official, addresses=(official.address, second)))
    return {official.staff_number: official for official in changed}


def _account(
    official: Official,
    made_on: date,
    chance: random.Random,
    status: Status | None,
    *,
    never: bool,
) -> Account:
    habits = (Habit.DAILY, Habit.WEEKLY, Habit.POLLING, Habit.RARE)
    [habit] = chance.choices(habits, HABITS_OF[official.agency.level])
    created = max(official.since, made_on - timedelta(days=chance.randint(200, 2500)))
    if int(official.local_part.rpartition(".")[2]) <= 3:
        habit = Habit.DAILY
    aliases = (f"{official.staff_number.lower()}@{official.agency.domain}",)
    return Account(
        official.address, official.name, created, Habit.NEVER if never else habit,
        status or Status.ACTIVE, aliases if chance.random() < 0.2 else (), official.staff_number,
        until=official.until,
    )  # fmt: skip


def _second(official: Official, made_on: date) -> Account:
    """An account from before, which nobody closed."""
    created = made_on - timedelta(days=3000)
    return Account(official.addresses[1], official.name, created, Habit.RARE)


def _ownerless(made_on: date) -> tuple[Account, ...]:
    """Accounts that no personnel list explains."""
    agencies = active(made_on)
    created = made_on - timedelta(days=700)
    return tuple(
        Account(f"{local}@{agency.domain}", shown, created, habit)
        for local, shown, agency, habit in (
            ("thuctap.01", "Thực tập DEMO 01", agencies[1], Habit.WEEKLY),
            ("duan.demo", "Ban dự án DEMO", agencies[2], Habit.RARE),
            ("hopdong.07", "Hợp đồng DEMO 07", agencies[4], Habit.DAILY),
        )
    )


def _mailboxes(made_on: date) -> tuple[Account, ...]:
    """Each agency's own; communes open theirs less often."""
    created = made_on - timedelta(days=1500)
    return tuple(
        Account(
            agency.mailbox, f"Văn bản {agency.name}", created,
            Habit.WEEKLY if agency.level == "commune" else Habit.DAILY,
        )
        for agency in active(made_on)
    )  # fmt: skip


def _systems(made_on: date) -> tuple[Account, ...]:
    agency = active(made_on)[0]
    created = made_on - timedelta(days=2500)
    return tuple(
        Account(f"{local}@{agency.domain}", local, created, Habit.NEVER, system=True)
        for local in ("spam.x7f2k1", "ham.p0d9q4", "virus-quarantine.z3m5", "galsync")
    )


def _chance(what: str) -> float:
    return random.Random(what).random()  # noqa: S311  # no secret: a habit
