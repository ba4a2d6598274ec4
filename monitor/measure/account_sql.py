"""The statements that measure accounts, written for a set of windows.

Days, masks and names of columns stand in the text itself: PostgreSQL plans by them, and CREATE
TABLE AS takes no parameters. All are dates, whole numbers and words of closed vocabularies.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from string import Template

from monitor.measure.windows import BACK, Window, WindowName
from monitor.model import ActivityKind
from monitor.settings import AccountSettings

EXTRA = frozenset({WindowName.DAYS_7, WindowName.DAYS_90, WindowName.DAYS_180})
"""Windows of `accounts_active` alone."""
ACTIVE_DAYS = 30
"""An account used by a person within so many days stands as active."""
ROSTER_DAYS = 4
LINK_PARTS = ("row", "group", "roster")
"""What stands beside the link itself, or, the first, is dropped once it is made."""
MOST_WINDOWS = 12


@dataclass(frozen=True)
class AccountSql:
    """The statements for these windows as of one day; `today` is the last day looked at."""

    windows: Sequence[Window]
    today: date
    settings: AccountSettings
    link: str = "account_link"
    agencies: Collection[int] | None = None
    """Count only what these agencies have and had; None is all."""
    kept_since: date = date.min
    """Activity of earlier days has been forgotten."""
    lasting: bool = False
    """Make a link that serves later days too."""

    def __post_init__(self) -> None:
        """Raises ValueError for windows that do not fit into 63 days of bits."""
        if len(self.windows) > MOST_WINDOWS or len(self.roster_days) > ROSTER_DAYS:
            raise ValueError("too many windows")
        if any(window.first < self.origin and window.name not in EXTRA for window in self.windows):
            raise ValueError(f"a window reaches back more than {BACK} days before {self.today}")

    # -- days --------------------------------------------------------------------------------

    @cached_property
    def roster_days(self) -> Sequence[date]:
        """The days whose rosters are counted; the first is today."""
        return list(dict.fromkeys([self.today, *(window.last for window in self.windows)]))

    @cached_property
    def origin(self) -> date:
        """The day of bit 0."""
        earliest = self.today - timedelta(days=BACK)
        return min(w.first for w in self.windows if w.first >= earliest or w.name not in EXTRA)

    @property
    def linked_from(self) -> date:
        """The first day on which the link says whose accounts are whose."""
        return self.today - timedelta(days=BACK) if self.lasting else min(self.roster_days)

    @property
    def linked_until(self) -> date:
        return date.max if self.lasting else max(self.roster_days)

    def _mask(self, days: Iterable[date]) -> int:
        """The bits of those days that have one."""
        return sum(1 << (day - self.origin).days for day in days if day >= self.origin)

    def _roster_bit(self, window: Window) -> int:
        return self.roster_days.index(window.last)

    # -- statements --------------------------------------------------------------------------

    def linking(self) -> Sequence[str]:
        """Make the link's tables; permanent ones outlive their transaction."""
        names = {
            "kind": "TEMP" if self.link.startswith("pg_temp") else "UNLOGGED",
            "link": self.link, **{f"link_{part}": f"{self.link}_{part}" for part in LINK_PARTS},
            "first": _day(self.linked_from), "last": _day(self.linked_until),
            "only_accounts": self._only_accounts(), "only_officials": self._only("e.agency_id"),
        }  # fmt: skip
        steps = ("account_link", "account_link_group", "account_link_rows", "account_link_roster")
        return [_text(step).substitute(names) for step in steps]

    def using(self) -> Sequence[str]:
        """Make headcount, account_use and official_use of the link and of what was active."""
        single, united = self._counts("days", "before"), self._counts("days_{0}", "before_{0}")
        stands = {"stands": self._standing(), "standing": _array(
            f"count(*) FILTER (WHERE stands = {state})" for state in range(1, 5)
        )}  # fmt: skip
        by_roster = {
            held: ", ".join(self._by_roster(held, of))
            for held, of in (("account_days", "s"), ("held_days", "a"))
        }
        return [
            _text("account_headcount").substitute(
                link_roster=f"{self.link}_roster", days=self._days_of("r.first_day", "r.last_day")
            ),
            _text("account_groups").substitute(
                link_group=f"{self.link}_group",
                account_days=self._days_of("g.account_first", "g.account_last"),
                held_days=self._days_of("g.held_first", "g.held_last"),
            ),
            _text("account_counted").substitute(
                single, **stands, account_days=self._account_days("NOT l.several")
            ),
            _text("account_grouped").substitute(
                answered=self._answered(), before=self._before("c")
            ),
            _text("account_use").substitute(),
            _text("official_use").substitute(),
            _text("several_days").substitute(account_days=self._account_days("l.several")),
            _text("several_accounts").substitute(
                answer=self._before("d"), days_by_roster=by_roster["account_days"]
            ),
            _text("several_officials").substitute(united, days_by_roster=by_roster["held_days"]),
            _text("several_account_use").substitute(united, **stands),
        ]

    def figures(self, panel: Collection[int] | None = None) -> str:
        """Makes account_figure; with a panel, of these agencies alone."""
        holders = _ids(panel) if panel is not None else None
        return _text("account_figures").substitute(
            windows=", ".join(self._span(number, w) for number, w in enumerate(self.windows)),
            roster_days=", ".join(f"({n}, {_day(day)})" for n, day in enumerate(self.roster_days)),
            only_holders=f"AND h.holder_id = ANY ({holders})" if holders else "",
        )

    # -- parts of them -----------------------------------------------------------------------

    def _days_of(self, first: str, last: str) -> str:
        """On which roster days something holds from one day to another, a bit each."""
        bits = (
            f"(({_day(day)} BETWEEN {first} AND {last})::integer << {bit})"
            for bit, day in enumerate(self.roster_days)
        )
        return f"({' | '.join(bits)})"

    def _only(self, column: str) -> str:
        return "" if self.agencies is None else f"AND {column} = ANY ({_ids(self.agencies)})"

    def _only_accounts(self) -> str:
        if self.agencies is None:
            return ""
        return _text("only_accounts").substitute(agencies=_ids(self.agencies))

    def _account_days(self, which: str) -> str:
        used = (kind for kind in ActivityKind if kind is not ActivityKind.AUTOMATIC)
        return _text("account_days").substitute(
            link=self.link, which=which, origin=_day(self.origin), today=_day(self.today),
            days=" | ".join(self._month_days(n, month) for n, month in enumerate(self._months)),
            months="    ".join(self._month_join(n, month) for n, month in enumerate(self._months)),
            last_human=_latest(self.settings.human), last_used=_latest(used),
            long_first=self._long_first,
            long_last=_day(min((w.last for w in self._long), default=self.today)),
            long_undecided=self._long_undecided(),
        )  # fmt: skip

    @cached_property
    def _months(self) -> Sequence[date]:
        return _months(self.origin, self.today)

    @cached_property
    def _human_days(self) -> str:
        return f"({' | '.join(f'm.{kind}' for kind in self.settings.human)})"

    def _month_days(self, number: int, month: date) -> str:
        """A month's mask of human days, moved to where its days are."""
        by = (month - self.origin).days
        return f"coalesce(m{number}.days::bigint {'<<' if by >= 0 else '>>'} {abs(by)}, 0)"

    def _month_join(self, number: int, month: date) -> str:
        """Joins those of whom a month knows a human day."""
        return _text("account_month").substitute(
            human_days=self._human_days, month=_day(month), name=f"m{number}"
        )

    @cached_property
    def _long(self) -> Sequence[Window]:
        """The windows that reach back before the first bit of days."""
        return [window for window in self.windows if window.first < self.origin]

    @property
    def _long_first(self) -> str:
        return _day(min((window.first for window in self._long), default=self.origin))

    def _before(self, of: str) -> str:
        """Asks earlier months for the last human day of an address, newest month first."""
        return _text("account_before").substitute(
            of=of, origin=_day(self.origin), long_first=self._long_first,
            human_days=self._human_days,
        )  # fmt: skip

    def _answered(self) -> str:
        """The active windows of one of whom earlier months were asked."""
        return _array(
            f"greatest(c.active[{n}], (c.before >= {_day(window.first)})::integer)"
            if window in self._long else f"c.active[{n}]"
            for n, window in enumerate(self.windows, 1)
        )  # fmt: skip

    def _long_undecided(self) -> str:
        """Whether the days since the first bit leave a long window open."""
        masks = {self._mask(window.days) for window in self._long}
        return f"({' OR '.join(f'days & {mask} = 0' for mask in sorted(masks)) or 'false'})"

    def _by_roster(self, held: str, of: str) -> Iterable[str]:
        """What was done on the days that count on each roster day, united."""
        for bit in range(len(self.roster_days)):
            here = f"FILTER (WHERE g.{held} >> {bit} & 1 = 1)"
            days, before = (
                ("days", "known_before") if of == "s" else (f"days_{bit}", f"before_{bit}")
            )
            yield f"bit_or({of}.{days}) {here} AS days_{bit}"
            yield f"max({of}.{before}) {here} AS before_{bit}"

    def _counts(self, days: str, before: str) -> dict[str, str]:
        """How many were active and how many regular in each window; `{0}` is its roster day."""
        active, habitual = [], []
        for window in self.windows:
            bit = self._roster_bit(window)
            own = f"coalesce({days.format(bit)}, 0)"
            seen = f"{own} & {self._mask(window.days)} <> 0"
            if window in self._long:
                seen += f" OR {before.format(bit)} >= {_day(window.first)}"
            active.append(f"count(*) FILTER (WHERE {seen})")
            habitual.append(
                "0" if window.name in EXTRA else f"count(*) FILTER (WHERE bit_count(({own} & "
                f"{self._mask(window.working)})::bit(64)) >= {self.settings.habitual_days})"
            )  # fmt: skip
        return {"active": _array(active), "habitual": _array(habitual)}

    def _standing(self) -> str:
        """How an enabled account stands today, by its number in `account_use`."""
        limits = self.settings
        dormant = _day(self.today - timedelta(days=limits.dormant_after_days))
        unused = _day(self.today - timedelta(days=limits.never_logged_in_after_days))
        active = _day(self.today - timedelta(days=ACTIVE_DAYS))
        return (
            f"CASE WHEN last_seen IS NULL THEN CASE WHEN created_on > {unused} THEN 2 ELSE 4 END "
            f"WHEN last_seen < {dormant} THEN 3 WHEN last_human >= {active} THEN 1 ELSE 2 END"
        )

    def _span(self, number: int, window: Window) -> str:
        extra = window.name in EXTRA
        habitual = not extra and window.name != WindowName.WD5
        flags = ", ".join(str(flag).lower() for flag in (extra, habitual))
        enough = self._enough(window) if habitual else "false"
        return (
            f"({number}, '{window.name}', {_day(window.first)}, {_day(window.last)}, "
            f"{self._roster_bit(window)}, {flags}, {enough}, {self._watched(window)})"
        )

    def _enough(self, window: Window) -> str:
        """Whether anybody anywhere was seen on as many working days as habit takes: where the logs
        of most days are missing, nobody could be found to have the habit.
        """
        if len(window.working) < self.settings.habitual_days:
            return "false"
        days = ", ".join(
            f"({_day(day.replace(day=1))}, {1 << day.day - 1})" for day in window.working
        )
        return _text("watched_days").substitute(
            days=days, human_days=self._human_days, least=self.settings.habitual_days
        )

    def _watched(self, window: Window) -> str:
        """Whether anybody anywhere was seen in the window: where nobody was, nothing watched."""
        if window.first < self.kept_since:
            return "false"
        masks: Counter[date] = Counter()
        for day in window.days:
            masks[day.replace(day=1)] += 1 << day.day - 1
        seen = " OR ".join(
            f"(m.month = {_day(month)} AND {self._human_days} & {mask} <> 0)"
            for month, mask in masks.items()
        )
        return _text("watched").substitute(seen=seen)


@cache
def _text(name: str) -> Template:
    return Template((Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


def _day(day: date) -> str:
    return "'infinity'::date" if day == date.max else f"'{day.isoformat()}'::date"


def _ids(numbers: Collection[int]) -> str:
    return f"ARRAY[{', '.join(str(int(n)) for n in sorted(numbers))}]::integer[]"


def _latest(kinds: Iterable[ActivityKind]) -> str:
    return f"greatest({', '.join(f'u.{kind}' for kind in kinds)})"


def _array(counts: Iterable[str]) -> str:
    return f"ARRAY[{', '.join(counts)}]::bigint[]"


def _months(first: date, last: date) -> list[date]:
    """The first days of the months that these days touch."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    index = first.year * 12 + first.month - 1
    return [date((index + n) // 12, (index + n) % 12 + 1, 1) for n in range(count)]
