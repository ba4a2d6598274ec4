"""Accounts from CSV and Excel lists of whoever runs a mail system."""

from collections.abc import Iterator
from pathlib import Path

from monitor.model import AccountState
from monitor.record.roster_rows import Known
from monitor.roster.agencies import Agencies
from monitor.roster.listed import ListedAccount, Listing
from monitor.roster.people import addresses_in, how_read
from monitor.roster.words import kind_of, state_of
from monitor.tables import BadCell, ColumnMapping, Field, Row, Table, read

FIELDS = (
    Field("address", (
        "địa chỉ", "địa chỉ thư", "địa chỉ thư điện tử", "thư điện tử", "tài khoản", "hộp thư",
        "email", "e-mail", "account", "mail",
    ), required=True),
    Field("aliases", ("bí danh", "địa chỉ phụ", "địa chỉ khác", "alias")),
    Field("state", ("trạng thái", "tình trạng", "status")),
    Field("kind", ("loại", "loại tài khoản", "loại hộp thư", "type")),
    Field("agency", (
        "cơ quan", "đơn vị", "cơ quan, đơn vị", "tên cơ quan", "tên đơn vị", "mã cơ quan",
        "mã đơn vị", "mã định danh", "organisation", "organization",
    )),
    Field("created", ("ngày cấp", "ngày tạo", "created on", "creation date")),
    Field("since", ("từ ngày", "kể từ ngày", "ngày khóa", "ngày thu hồi")),
    Field("last_login", (
        "đăng nhập lần cuối", "lần đăng nhập cuối", "đăng nhập gần nhất", "last login",
        "last logon",
    )),
    Field("staff_number", (
        "mã cán bộ", "mã CBCCVC", "mã nhân viên", "staff number", "employee number",
    ), code=True),
)  # fmt: skip


def read_accounts(
    path: Path, mapping: ColumnMapping | None, agencies: Agencies
) -> Listing[ListedAccount]:
    """The accounts of a list (docs/rosters.md). Raises UserError when it cannot be opened."""
    table = read(path, FIELDS, mapping)
    left_out: dict[int, Known] = {}
    entries = _accounts(table, agencies, left_out)
    return Listing(table.sha256, entries, table.problems, table.place, left_out, how_read(table))


def _accounts(
    table: Table, agencies: Agencies, left_out: dict[int, Known]
) -> Iterator[ListedAccount]:
    reader = _Reader(table, agencies)
    for row in table.rows:
        try:
            yield reader.account(row)
        except BadCell as error:
            table.problems.append(error.problem)
            left_out[row.number] = reader.known(row)


class _Reader:
    def __init__(self, table: Table, agencies: Agencies) -> None:
        self._table = table
        self._agencies = agencies

    def account(self, row: Row) -> ListedAccount:
        """What a row says; raises BadCell."""
        table = self._table
        address = self._address(row)
        aliases = addresses_in(table, row, "aliases") if "aliases" in table.columns else None
        return ListedAccount(
            row.number, address, aliases, self._state(row),
            table.said(row, "kind", kind_of), table.said(row, "agency", self._agencies.named),
            table.date(row, "created"), table.date(row, "since"), table.date(row, "last_login"),
            row.values.get("staff_number"),
        )  # fmt: skip

    def known(self, row: Row) -> Known:
        """Which account a row is about, if that can be read."""
        try:
            return Known(None, self._address(row))
        except BadCell:
            return Known(None, None)

    def _address(self, row: Row) -> str:
        found = addresses_in(self._table, row, "address")
        if len(found) != 1:
            raise self._table.bad(
                row, "address", "names several addresses: give further ones as aliases"
            )
        return found[0]

    def _state(self, row: Row) -> AccountState:
        state = self._table.said(row, "state", state_of)
        if state is None and "state" in self._table.columns:
            raise self._table.bad(row, "state", "is empty: write enabled, locked or closed")
        return state or AccountState.ENABLED
