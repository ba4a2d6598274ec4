"""What the record has of one account or person, in Vietnamese and English."""

from collections.abc import Iterator, Mapping
from datetime import date

from monitor.model import Language
from monitor.roster.report_show import Account, Address, Person, Shown
from monitor.roster.report_words import WORDS, Both
from monitor.settings import INTAKE

VI, EN = Language.VI, Language.EN
LABELS: Mapping[str, Both] = {
    "person": {VI: "Người", EN: "Person"},
    "account": {VI: "Tài khoản", EN: "Account"},
    "address": {VI: "Địa chỉ", EN: "Address"},
    "alias": {VI: "Bí danh", EN: "Alias"},
    "list": {VI: "theo danh sách", EN: "on the list of"},
    "posts": {VI: "công tác", EN: "employed"},
    "has": {VI: "sở hữu địa chỉ", EN: "has the addresses"},
    "created": {VI: "cấp ngày", EN: "created"},
    "reported": {VI: "hệ thống thư báo đăng nhập lần cuối", EN: "mail system reports log-on"},
    "last": {VI: "Lần cuối", EN: "Last day"},
    "months": {VI: "Số ngày sử dụng theo tháng", EN: "Days of use by month"},
    "none": {VI: "chưa ghi nhận lần sử dụng nào", EN: "no use is known"},
    "sources": {VI: "nguồn", EN: "said by"},
    "intake": {VI: "bản sao thư", EN: "captured mail"},
    "nobody": {VI: "không có trong danh sách CBCCVC", EN: "on no roster"},
    "no_account": {VI: "không có trong danh sách tài khoản", EN: "on no list of accounts"},
}


class ShownText:
    """The lines of one answer."""

    def __init__(self, shown: Shown, language: Language) -> None:
        self._shown = shown
        self._language = language

    def lines(self) -> Iterator[str]:
        """People, accounts, addresses, and how they were used."""
        shown = self._shown
        for person in shown.people:
            yield from self._person(person)
        if not shown.people:
            yield f"{self._label('person')}: {self._label('nobody')}"
        for account in shown.accounts:
            yield from self._account(account)
        if not shown.accounts:
            yield f"{self._label('account')}: {self._label('no_account')}"
        for address in shown.addresses:
            yield self._address(address)
        yield from self._use()

    def _person(self, person: Person) -> Iterator[str]:
        named = " ".join(filter(None, (person.name, person.staff_number)))
        yield (
            f"{self._label('person')} {person.pseudonym}{f' ({named})' if named else ''}, "
            f"{self._label('list')} {person.source}"
        )
        for post in person.posts:
            days = self._span(post.first_day, post.last_day)
            yield f"  {self._label('posts')} {days}: {post.agency}, {self._word(post.role)}"
        if person.first_day and person.last_day:
            yield f"  {self._label('has')} {self._span(person.first_day, person.last_day)}"

    def _account(self, account: Account) -> Iterator[str]:
        made = f", {self._label('created')} {self._day(account.created_on)}"
        yield (
            f"{self._label('account')} {account.pseudonym}, {self._label('list')} {account.source}"
            f"{made if account.created_on else ''}"
        )
        for period in account.periods:
            days = self._span(period.first_day, period.last_day)
            what = f"{self._word(period.kind)}, {self._word(period.state)}"
            yield f"  {days}: {period.agency}, {what}"
        if account.reported_login:
            yield f"  {self._label('reported')} {self._day(account.reported_login)}"

    def _address(self, address: Address) -> str:
        label = self._label("address" if address.primary or address.first_day is None else "alias")
        span = ""
        if address.first_day and address.last_day:
            span = f", {self._span(address.first_day, address.last_day)}"
        return f"{label} {address.address or address.pseudonym}{span}"

    def _use(self) -> Iterator[str]:
        shown = self._shown
        if not shown.last_days:
            yield f"{self._label('last')}: {self._label('none')}"
            return
        yield f"{self._label('last')}:"
        for kind, day in shown.last_days.items():
            yield f"  {self._word(kind)}: {self._day(day)}"
        if shown.months:
            yield f"{self._label('months')}:"
        for month in shown.months:
            days = ", ".join(f"{self._word(kind)} {count}" for kind, count in month.days.items())
            said = ", ".join(
                self._label("intake") if name == INTAKE else name for name in month.sources
            )
            by = f" ({self._label('sources')}: {said})" if said else ""
            yield f"  {month.month.strftime('%m/%Y')}: {days}{by}"

    def _span(self, first: date, last: date) -> str:
        until = "…" if last == date.max else self._day(last)
        return f"{self._day(first)} – {until}"

    def _day(self, day: date | None) -> str:
        if day is None:
            return "–"
        return day.strftime("%d/%m/%Y") if self._language is VI else day.isoformat()

    def _label(self, key: str) -> str:
        return LABELS[key][self._language]

    def _word(self, key: str) -> str:
        return WORDS[key][self._language] if key in WORDS else key
