"""Accounts from what Zimbra's own command line prints."""

import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.model import AccountState
from monitor.record.roster_rows import Known
from monitor.roster import dumps
from monitor.roster.listed import ListedAccount, Listing
from monitor.roster.zimbra import read_zmprov
from monitor.roster.zimbra_accts import read_zmaccts

TODAY = date(2026, 11, 22)
D = "@so-khcn.tinh.example"


def account(name: str, *lines: str) -> str:
    """A block as ProvUtil prints it: attributes sorted, as of Zimbra 8.8."""
    given = {line.partition(":")[0] for line in lines}
    usual = (
        f"cn: {name}", f"mail: {name}{D}", "objectClass: inetOrgPerson",
        "objectClass: zimbraAccount", "objectClass: amavisAccount", f"uid: {name}",
        "userPassword: VALUE-BLOCKED", "zimbraAccountStatus: active",
        "zimbraCOSId: e00428a1-0c00-11d9-836a-000d93afea2a",
        "zimbraCreateTimestamp: 20200102030405Z", "zimbraHideInGal: FALSE",
        "zimbraId: 60b41207-8f1d-470f-8128-d5717e8f29a0",
        f"zimbraMailDeliveryAddress: {name}{D}", "zimbraMailHost: mail.tinh.example",
        "zimbraPrefLocale: vi",
    )  # fmt: skip
    kept = [line for line in usual if line.partition(":")[0] not in given - {"mail", "objectClass"}]
    body = sorted([*kept, *lines], key=lambda line: line.partition(":")[0])
    return "\n".join([f"# name {name}{D}", *body]) + "\n\n"


def read(tmp_path: Path, text: str | bytes) -> Listing[ListedAccount]:
    path = tmp_path / "gaa.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_zmprov(path, TODAY)


def test_a_block_says_address_aliases_state_and_times(tmp_path: Path) -> None:
    listing = read(tmp_path, account("an") + account(
        "binh", f"mail: b{D}", f"zimbraMailAlias: b{D}", f"zimbraMailAlias: binh.tran{D}",
        "zimbraAccountStatus: closed", "zimbraCreateTimestamp: 20240131180000.5Z",
        "zimbraLastLogonTimestamp: 20261101165959.819Z", "employeeNumber: CB-7",
        "displayName: Trần Bình",
    ))  # fmt: skip
    an, binh = listing.entries
    assert (an.address, an.aliases, an.state) == ("an" + D, (), AccountState.ENABLED)
    assert (an.kind, an.last_login, an.staff_number) == (None, None, None)
    assert an.row == 1
    assert (binh.address, set(binh.aliases or ())) == ("binh" + D, {"b" + D, "binh.tran" + D})
    assert (binh.state, binh.staff_number) == (AccountState.CLOSED, "CB-7")
    # 18:00 UTC on 31 January is 1 February in Vietnam; 16:59 UTC is still the same day.
    assert (binh.created_on, binh.last_login) == (date(2024, 2, 1), date(2026, 11, 1))
    assert listing.problems == []


@pytest.mark.parametrize(
    ("status", "state"),
    [("active", "enabled"), ("maintenance", "locked"), ("locked", "locked"),
     ("lockout", "locked"), ("pending", "locked"), ("closed", "closed")],
)  # fmt: skip
def test_every_state_of_zimbra_has_one_of_ours(tmp_path: Path, status: str, state: str) -> None:
    [found] = read(tmp_path, account("an", f"zimbraAccountStatus: {status}")).entries
    assert found.state == state


@pytest.mark.parametrize(
    "line",
    ["zimbraIsSystemResource: TRUE", "zimbraIsSystemAccount: TRUE", "zimbraCalResType: Location",
     "zimbraAccountCalendarUserType: RESOURCE", "objectClass: zimbraCalendarResource",
     "zimbraIsExternalVirtualAccount: TRUE"],
)  # fmt: skip
def test_zimbras_own_accounts_and_rooms_are_systems(tmp_path: Path, line: str) -> None:
    [found] = read(tmp_path, account("hop", line)).entries
    assert found.kind == "system"


def test_what_users_write_into_their_settings_changes_no_account(tmp_path: Path) -> None:
    """Filters and replies run over several lines; none of them is believed."""
    reply = (
        "zimbraPrefOutOfOfficeReply: Tôi nghỉ phép.\n\n"
        f"zimbraAccountStatus: closed\nzimbraMailAlias: giam.doc{D}\nmail: x{D}\n"
    )
    sieve = (
        'zimbraMailSieveScript: require ["fileinto"];\n\n# name sep' + D + "\nif anyof (true) {\n"
        f"zimbraMailAlias: y{D}\n}}"
    )
    text = account("an", reply, sieve) + account("binh")
    listing = read(tmp_path, text)
    an, binh = listing.entries
    assert (an.address, an.aliases, an.state) == ("an" + D, (), AccountState.ENABLED)
    assert binh.address == "binh" + D
    assert listing.problems == []


def test_a_forged_block_in_a_reply_is_at_worst_an_account_twice(tmp_path: Path) -> None:
    forged = account("sep", "zimbraAccountStatus: closed")
    text = account("sep") + account("an", "zimbraPrefOutOfOfficeReply: x\n\n" + forged)
    assert [each.address for each in read(tmp_path, text).entries] == [
        "sep" + D, "an" + D, "sep" + D,
    ]  # fmt: skip


def test_base64_is_decoded_and_what_is_none_is_a_problem(tmp_path: Path) -> None:
    listing = read(
        tmp_path, account("an", "employeeNumber:: Q0ItNw==") + account("b", "employeeNumber:: %%")
    )
    [an] = listing.entries
    assert an.staff_number == "CB-7"
    assert [str(each) for each in listing.problems] == [
        "gaa.txt, row 19, column employeeNumber: is not base64"
    ]
    assert listing.left_out == {19: Known(None, "b" + D)}


def test_windows_line_ends_and_utf_16_are_read(tmp_path: Path) -> None:
    text = (account("an", "displayName: Nguyễn") + account("binh")).replace("\n", "\r\n")
    for encoding in ("utf-8-sig", "utf-16"):
        listing = read(tmp_path, text.encode(encoding))
        assert [each.address for each in listing.entries] == ["an" + D, "binh" + D]
        assert listing.problems == []


def test_blocks_across_the_borders_of_what_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(account(f"u{n}", f"zimbraMailAlias: a{n}{D}") for n in range(40))
    whole = list(read(tmp_path, text).entries)
    assert len(whole) == 40
    for size in (7, 64, 333):
        monkeypatch.setattr(dumps, "CHUNK", size)
        assert list(read(tmp_path, text).entries) == whole
        crlf = read(tmp_path, text.replace("\n", "\r\n"))
        assert list(crlf.entries) == whole


@pytest.mark.parametrize(
    ("text", "accounts", "said"),
    [
        (account("an") + account("binh")[:-30], 1, "row 18: cut off in the middle"),
        (account("an").replace("zimbraAccountStatus: active\n", ""), 0,
         "row 1, column zimbraAccountStatus: is missing"),
        (account("an", "zimbraAccountStatus: happy"), 0, '"happy" is no state'),
        (account("an", "zimbraLastLogonTimestamp: 20261345999999Z"), 0, "is no time"),
        (account("an", "zimbraMailAlias: not an address"), 0, "is no mail address"),
        (account("an", "employeeNumber: CB\udcff7"), 0, "is not UTF-8"),
        ("ERROR: zclient.IO_ERROR (Connection refused)\n", 0, 'begins with "ERROR: zclient'),
        (f"an{D}\nbinh{D}\n", 0, "begins with"),
        (f"# name an{D}\n\n# name binh{D}\n\n", 0, "has no attributes: make the dump with -v"),
        ("", 0, "holds no account"),
        ("\0\x01\x02PK\x03\x04" * 50, 0, "begins with"),
    ],
)  # fmt: skip
def test_a_broken_dump_is_a_problem_with_file_and_line(
    tmp_path: Path, text: str, accounts: int, said: str
) -> None:
    listing = read(tmp_path, text.encode("utf-8", "surrogateescape"))
    assert len(list(listing.entries)) == accounts
    assert any(said in str(each) for each in listing.problems), listing.problems
    assert all(str(each).startswith("gaa.txt") for each in listing.problems)


def test_a_line_without_end_takes_no_memory_without_end(tmp_path: Path) -> None:
    path = tmp_path / "gaa.txt"
    with path.open("wb") as file:
        file.write(account("an").encode())
        file.write(b"# name dai" + D.encode() + b"\nzimbraAccountStatus: active\nx: ")
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b"\n\n" + account("binh").encode())
    tracemalloc.start()
    listing = read_zmprov(path, TODAY)
    found = [each.address for each in listing.entries]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == ["an" + D, "binh" + D]
    assert peak < 4 * dumps.LONGEST
    [problem] = listing.problems
    assert "more than 8 MiB: left out" in problem.what
    assert problem.place.row == 18


def test_lines_are_counted_behind_what_was_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumps, "LONGEST", 2000)
    monkeypatch.setattr(dumps, "CHUNK", 100)
    long = account("dai", *(f"x{n}: {n}" for n in range(1000)))
    listing = read(tmp_path, account("an") + long + account("binh"))
    an, binh = listing.entries
    assert (an.row, binh.row) == (1, 1 + account("an").count("\n") + long.count("\n"))


def test_a_flood_of_problems_is_bounded(tmp_path: Path) -> None:
    listing = read(tmp_path, account("an", "zimbraAccountStatus: x") * 5000)
    assert list(listing.entries) == []
    assert len(listing.problems) == dumps.MOST_PROBLEMS + 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_zmprov(tmp_path / "none.txt", TODAY)
    with pytest.raises(UserError, match="cannot be read"):
        read_zmaccts(tmp_path)


def test_an_account_with_a_problem_is_left_out_by_name(tmp_path: Path) -> None:
    """So that an import that goes on without it does not take it for gone."""
    listing = read(tmp_path, account("an", "zimbraAccountStatus: happy") + account("binh"))
    assert [each.address for each in listing.entries] == ["binh" + D]
    assert listing.left_out == {1: Known(None, "an" + D)}


def test_an_address_that_catches_a_whole_domain_is_nobodys(tmp_path: Path) -> None:
    listing = read(tmp_path, account("an", "mail: @so-khcn.tinh.example"))
    [an] = listing.entries
    assert (an.aliases, listing.problems) == ((), [])


# -- zmaccts --------------------------------------------------------------------------------------

TOP = """           account                          status             created       last logon
------------------------------------   -----------     ---------------  ---------------
"""
SUMMARY = """
                                 domain summary

    domain                  active    closed    locked    maintenance     total
-----------------------   --------  --------  --------  -------------  --------
"""


def line(name: str, status: str, created: str, logon: str) -> str:
    return f"{name[:36]:36}   {status:>11}     {created[:15]:>15}  {logon[:15]:>15}\n"


REPORT = (
    TOP
    + line("an" + D, "active", "01/02/20 10:04", "11/01/26 23:59")
    + line("binh" + D, "locked", "12/31/24 07:00", "never")
    + "\n" + TOP
    + line("chi@xa.example", "active", "20240131180000.5Z", "20261101165959.819Z")
    + "\n" + SUMMARY
    + f"{'so-khcn.tinh.example'[:23]:23}   {1:8}  {0:8}  {1:8}  {0:13}  {2:8}\n"
    + f"{'xa.example'[:23]:23}   {1:8}  {0:8}  {0:8}  {0:13}  {1:8}\n"
)  # fmt: skip


def read_report(tmp_path: Path, text: str) -> Listing[ListedAccount]:
    path = tmp_path / "zmaccts.txt"
    path.write_text(text)
    return read_zmaccts(path)


def test_the_report_of_zmaccts_is_read_whatever_the_directory_writes(tmp_path: Path) -> None:
    listing = read_report(tmp_path, REPORT)
    an, binh, chi = listing.entries
    assert (an.address, an.state) == ("an" + D, AccountState.ENABLED)
    assert (an.created_on, an.last_login) == (date(2020, 1, 2), date(2026, 11, 1))
    assert an.aliases is None, "the report does not say"
    assert (binh.state, binh.last_login) == (AccountState.LOCKED, None)
    # Fractions of seconds: the script prints what the directory has, in UTC and cut short.
    assert (chi.created_on, chi.last_login) == (date(2024, 2, 1), date(2026, 11, 1))
    assert listing.problems == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (REPORT.partition(SUMMARY)[0], "ends without the summary"),
        (REPORT.replace(line("binh" + D, "locked", "12/31/24 07:00", "never"), ""),
         "counts 3 accounts, 2 were read"),
        (TOP + line("van-thu-uy-ban-nhan-dan-xa" + D, "active", "01/02/20 10:04", "never"),
         "may be cut at 36 characters"),
        (TOP + line("an" + D, "active", "13/45/20 10:04", "never"), "is no time"),
        ("# name an\nmail: x\n", "row 1: is no line of zmaccts"),
    ],
)  # fmt: skip
def test_a_report_that_is_not_whole_is_a_problem(tmp_path: Path, text: str, said: str) -> None:
    listing = read_report(tmp_path, text)
    list(listing.entries)
    assert any(said in str(each) for each in listing.problems), listing.problems
