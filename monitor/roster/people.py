"""People from CSV and Excel lists of personnel offices."""

import re
from collections.abc import Iterator
from pathlib import Path

from monitor.agencies.names import address_key
from monitor.record.roster_rows import Known
from monitor.roster.agencies import Agencies
from monitor.roster.listed import ListedPerson, Listing
from monitor.roster.words import LeaderPosts, is_leader_role
from monitor.tables import BadCell, ColumnMapping, Field, Row, Table, read

WHITE = re.compile(r"\s")
FIELDS = (
    Field("staff_number", (
        "mã cán bộ", "mã CBCCVC", "mã nhân viên", "mã NV", "mã số", "số hiệu",
        "số hiệu công chức", "staff number", "employee number", "employee id",
    ), code=True),
    Field("name", ("họ và tên", "họ tên", "tên", "name", "full name")),
    Field("agency", (
        "cơ quan", "đơn vị", "cơ quan, đơn vị", "cơ quan công tác", "đơn vị công tác",
        "tên cơ quan", "tên đơn vị", "mã cơ quan", "mã đơn vị", "mã định danh", "organisation",
        "organization",
    ), required=True),
    Field("post", ("chức vụ", "chức danh", "chức vụ, chức danh", "post", "position", "title")),
    Field("role", ("vai trò", "lãnh đạo", "role", "leader")),
    Field("addresses", (
        "thư điện tử", "thư điện tử công vụ", "địa chỉ thư điện tử", "hộp thư", "hộp thư công vụ",
        "email", "e-mail", "email công vụ", "địa chỉ email", "address", "mail",
    )),
    Field("from", ("từ ngày", "ngày bắt đầu", "start", "employed from")),
    Field("to", (
        "đến ngày", "ngày kết thúc", "ngày nghỉ", "ngày nghỉ việc", "ngày thôi việc", "end",
        "employed to",
    )),
)  # fmt: skip


def read_people(
    path: Path, mapping: ColumnMapping | None, agencies: Agencies, posts: LeaderPosts
) -> Listing[ListedPerson]:
    """The people of a list (docs/rosters.md). Raises UserError when it cannot be opened."""
    table = read(path, FIELDS, mapping)
    left_out: dict[int, Known] = {}
    entries = _people(table, agencies, posts, left_out)
    return Listing(table.sha256, entries, table.problems, table.place, left_out, how_read(table))


def _people(
    table: Table, agencies: Agencies, posts: LeaderPosts, left_out: dict[int, Known]
) -> Iterator[ListedPerson]:
    reader = _Reader(table, agencies, posts)
    for row in table.rows:
        try:
            yield reader.person(row)
        except BadCell as error:
            table.problems.append(error.problem)
            left_out[row.number] = reader.known(row)


class _Reader:
    def __init__(self, table: Table, agencies: Agencies, posts: LeaderPosts) -> None:
        self._table = table
        self._agencies = agencies
        self._posts = posts

    def person(self, row: Row) -> ListedPerson:
        """What a row says; raises BadCell."""
        values = row.values
        first, last = self._table.date(row, "from"), self._table.date(row, "to")
        if first and last and last < first:
            raise self._table.bad(row, "to", f"is before {first}, when the row begins: correct one")
        try:
            agency = self._agencies.named(values["agency"], last)
        except ValueError as error:
            raise self._table.bad(row, "agency", str(error)) from None
        return ListedPerson(
            row.number, values.get("staff_number"), values.get("name"), agency,
            self._is_leader(row), self._addresses(row), first, last,
        )  # fmt: skip

    def known(self, row: Row) -> Known:
        """Who stands in a row, as far as it can be read."""
        try:
            addresses = self._addresses(row)
        except BadCell:
            addresses = ()
        own = (each for each in addresses if self._agencies.is_a_persons(each))
        return Known(row.values.get("staff_number"), next(own, None))

    def _is_leader(self, row: Row) -> bool:
        by_role = self._table.said(row, "role", is_leader_role)
        return row.values.get("post", "") in self._posts if by_role is None else by_role

    def _addresses(self, row: Row) -> tuple[str, ...]:
        if "addresses" not in row.values:
            return ()
        return addresses_in(self._table, row, "addresses")


def how_read(table: Table) -> tuple[str, ...]:
    """What was found out about a table, in words."""
    said = [f"read as {table.encoding}"] if table.encoding else []
    if table.ignored:
        said.append(f"columns that are not read: {', '.join(table.ignored)}")
    return tuple(said)


def addresses_in(table: Table, row: Row, field: str) -> tuple[str, ...]:
    """The addresses of a cell, each once, in their form for comparison; raises BadCell."""
    found = []
    for text in table.items(row, field):
        key = address_key(text)
        if key is None or WHITE.search(key):
            what = f"“{text[:80]}” is no mail address: write ten@co-quan.tinh.gov.vn"
            raise table.bad(row, field, what)
        found.append(key)
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)
