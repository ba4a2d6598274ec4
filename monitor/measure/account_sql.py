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

    def _mask(self, days: Iterable[date]) -> int:
        """The bits of those days that have one."""
        return sum(1 << (day - self.origin).days for day in days if day >= self.origin)

    def _roster_bit(self, window: Window) -> int:
        return self.roster_days.index(window.last)

    # -- statements --------------------------------------------------------------------------

    def linking(self) -> str:
        """Makes the link; a permanent one outlives its transaction."""
        return _text("account_link").substitute(
            kind="TEMP" if self.link.startswith("pg_temp") else "UNLOGGED",
            link=self.link,
            only_accounts=self._only_accounts(),
            **{f"days_of_{table}": self._days_of(table) for table in "eap"},
            **{f"during_{table}": self._during(table) for table in "eap"},
        )

    def using(self) -> Sequence[str]:
        """Make headcount, account_use and official_use of the link and of what was active."""
        one, several = self._account_days("NOT l.several"), self._account_days("l.several")
        signs = {"day_signs": self._day_signs(), "standing": self._standing()}
        return [
            _text("account_headcount").substitute(
                days_of_e=self._days_of("e"), during_e=self._during("e"),
                only_officials=self._only("e.agency_id"),
            ),
            _text("account_use").substitute(account_days=one, **signs),
            _text("official_use").substitute(),
            _text("several_days").substitute(account_days=several),
            _text("several_accounts").substitute(),
            _text("several_officials").substitute(
                day_signs_by_roster=self._day_signs(by_roster=True),
                days_by_roster=", ".join(
                    f"bit_or(a.days) FILTER (WHERE s.traits >> {10 + bit} & 1 = 1) AS days_{bit}"
                    for bit in range(len(self.roster_days))
                ),
            ),
            _text("several_account_use").substitute(**signs),
        ]  # fmt: skip

    def figures(self, panel: Collection[int] | None = None) -> str:
        """Makes account_figure; with a panel, of these agencies alone."""
        holders = _ids(panel) if panel is not None else None
        return _text("account_figures").substitute(
            windows=", ".join(self._span(number, w) for number, w in enumerate(self.windows)),
            roster_days=", ".join(f"({n}, {_day(day)})" for n, day in enumerate(self.roster_days)),
            only_holders=f"AND h.holder_id = ANY ({holders})" if holders else "",
        )

    # -- parts of them -----------------------------------------------------------------------

    def _days_of(self, table: str) -> str:
        """On which roster days a period of a table holds, a bit each."""
        bits = (
            f"(({_day(day)} BETWEEN {table}.first_day AND {table}.last_day)::integer << {bit})"
            for bit, day in enumerate(self.roster_days)
        )
        return f"({' | '.join(bits)})"

    def _during(self, table: str) -> str:
        first, last = _day(min(self.roster_days)), _day(max(self.roster_days))
        return f"{table}.first_day <= {last} AND {table}.last_day >= {first}"

    def _only(self, column: str) -> str:
        return "" if self.agencies is None else f"AND {column} = ANY ({_ids(self.agencies)})"

    def _only_accounts(self) -> str:
        if self.agencies is None:
            return ""
        return _text("only_accounts").substitute(agencies=_ids(self.agencies))

    def _account_days(self, which: str) -> str:
        masks = ((1 << (self.today - self.origin).days + 1) - 1, _day(self.origin))
        return _text("account_days").substitute(
            link=self.link, which=which, all_days=masks[0], origin=masks[1], today=_day(self.today),
            days=" | ".join(self._month_days(n, month) for n, month in enumerate(self._months)),
            months="\n    ".join(_month_join(n, month) for n, month in enumerate(self._months)),
            last_human=_latest(self.settings.human),
            last_seen=_latest(kind for kind in ActivityKind if kind is not ActivityKind.AUTOMATIC),
            long_signs=self._long_signs(),
        )  # fmt: skip

    @cached_property
    def _months(self) -> Sequence[date]:
        return _months(self.origin, self.today)

    def _month_days(self, number: int, month: date) -> str:
        """A month's mask of human days, moved to where its days are."""
        human = " | ".join(f"m{number}.{kind}" for kind in self.settings.human)
        by = (month - self.origin).days
        moved = f"({human})::bigint {'<<' if by >= 0 else '>>'} {abs(by)}"
        return f"coalesce({moved}, 0)"

    def _day_signs(self, *, by_roster: bool = False) -> str:
        """Bits of activity and habitual use in every window, from the united days of a unit."""
        signs = []
        for number, window in enumerate(self.windows):
            days = f"coalesce(days_{self._roster_bit(window)}, 0)" if by_roster else "days"
            signs.append(f"(({days} & {self._mask(window.days)} <> 0)::integer << {number})")
            if window.name not in EXTRA:
                worked = f"bit_count(({days} & {self._mask(window.working)})::bit(64))"
                enough = f"{worked} >= {self.settings.habitual_days}"
                signs.append(f"(({enough})::integer << {16 + number})")
        return " | ".join(signs)

    def _long_signs(self) -> str:
        """Bits of the windows that reach back before the first bit of days."""
        signs = ["0"]
        kinds = ", ".join(f"'{kind}'" for kind in self.settings.human)
        for number, window in enumerate(self.windows):
            if window.first < self.origin:
                # CASE and not AND, which goes on asking where the last day is unknown.
                found = (
                    f"CASE WHEN last_human BETWEEN {_day(window.first)} AND {_day(window.last)} "
                    f"THEN 1 WHEN last_human > {_day(window.last)} "
                    f"AND days & {self._mask(window.days)} = 0 "
                    f"THEN active_between(d.address_id, ARRAY[{kinds}], {_day(window.first)}, "
                    f"{_day(self.origin)})::integer ELSE 0 END"
                )
                signs.append(f"(({found}) << {number})")
        return " | ".join(signs)

    def _standing(self) -> str:
        """How an account stands today; each in exactly one state."""
        limits = self.settings
        dormant = _day(self.today - timedelta(days=limits.dormant_after_days))
        unused = _day(self.today - timedelta(days=limits.never_logged_in_after_days))
        active = _day(self.today - timedelta(days=ACTIVE_DAYS))
        return (
            f"CASE WHEN traits >> 2 & 3 <> 1 THEN 0 "
            f"WHEN last_seen IS NULL THEN CASE WHEN created_on > {unused} THEN 2 ELSE 4 END "
            f"WHEN last_seen < {dormant} THEN 3 WHEN last_human >= {active} THEN 1 ELSE 2 END"
        )

    def _span(self, number: int, window: Window) -> str:
        extra = window.name in EXTRA
        habitual = not extra and window.name != WindowName.WD5
        enough = len(window.working) >= self.settings.habitual_days
        flags = ", ".join(str(flag).lower() for flag in (extra, habitual, enough))
        return (
            f"({number}, '{window.name}', {_day(window.first)}, {_day(window.last)}, "
            f"{self._roster_bit(window)}, {flags}, {self._watched(window)})"
        )

    def _watched(self, window: Window) -> str:
        """Whether anybody anywhere was seen in the window: where nobody was, nothing watched."""
        if window.first < self.kept_since:
            return "false"
        masks: Counter[date] = Counter()
        for day in window.days:
            masks[day.replace(day=1)] += 1 << day.day - 1
        human = " | ".join(f"m.{kind}" for kind in self.settings.human)
        seen = " OR ".join(
            f"(m.month = {_day(month)} AND ({human}) & {mask} <> 0)"
            for month, mask in masks.items()
        )
        return _text("watched").substitute(seen=seen)


@cache
def _text(name: str) -> Template:
    return Template((Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


def _day(day: date) -> str:
    return f"'{day.isoformat()}'::date"


def _ids(numbers: Collection[int]) -> str:
    return f"ARRAY[{', '.join(str(int(n)) for n in sorted(numbers))}]::integer[]"


def _latest(kinds: Iterable[ActivityKind]) -> str:
    return f"greatest({', '.join(f'u.{kind}' for kind in kinds)})"


def _month_join(number: int, month: date) -> str:
    return (
        f"LEFT JOIN activity_month m{number} "
        f"ON m{number}.address_id = l.address_id AND m{number}.month = {_day(month)}"
    )


def _months(first: date, last: date) -> list[date]:
    """The first days of the months that these days touch."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    index = first.year * 12 + first.month - 1
    return [date((index + n) // 12, (index + n) % 12 + 1, 1) for n in range(count)]
