"""Accounts from Zimbra's `zmaccts`: a page of lines a domain, and a summary of domains.

The script is a Perl report of fixed columns: an address longer than 36 characters is cut, times
are those of the server's own zone with a year of two digits. One that the script does not
recognise (Zimbra writes fractions of seconds since 8.7) is printed as the directory has it, in UTC,
and cut at 15 characters. Aliases, calendars and staff numbers are not in it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from monitor.roster.dumps import Complaints, chunks, opened, records
from monitor.roster.ldap_accounts import ZIMBRA_STATES
from monitor.roster.ldap_values import address, generalized_day
from monitor.roster.listed import ListedAccount, Listing

NAME_WIDTH = 36
LINE = re.compile(
    rb"([^\s@]+@[^\s@]+) +([a-z]+) +(never|\d\S*(?: \d\d:\d\d)?) +(never|\d\S*(?: \d\d:\d\d)?) *$"
)
TOTALS = re.compile(rb"(\S+) +(?:\d+ +){4}(\d+) *$")
HEADINGS = (b"account  ", b"domain  ", b"domain summary", b"---")


def read_zmaccts(path: Path) -> Listing[ListedAccount]:
    """The accounts of a report. Raises UserError when the file cannot be read."""
    file, digest = opened(path)
    complaints = Complaints(path.name)
    return complaints.listing(_accounts(file, complaints), digest)


def _accounts(file: BinaryIO, complaints: Complaints) -> Iterator[ListedAccount]:
    read: Counter[bytes] = Counter()
    total: int | None = None
    with file:
        for record in records(chunks(file), b"\n", complaints):
            text = record.data.strip()
            if not text or text.startswith(HEADINGS):
                continue
            if match := LINE.match(text):
                read[match[2]] += 1
                found = _account(record.line, match, complaints)
                if found is not None:
                    yield found
            elif totals := TOTALS.match(text):
                total = (total or 0) + int(totals[2])
            else:
                complaints.add("is no line of zmaccts", record.line)
    _check_totals(read.total(), total, complaints)


def _account(line: int, match: re.Match[bytes], complaints: Complaints) -> ListedAccount | None:
    name, status, created, logon = match.groups()
    found = address(name)
    state = ZIMBRA_STATES.get(status)
    if found is None or state is None:
        complaints.add("is no line of zmaccts", line)
        return None
    before = complaints.count
    if len(name) >= NAME_WIDTH:
        complaints.add("may be cut at 36 characters: use zmprov -l gaa -v", line, "account")
        return None
    listed = ListedAccount(
        row=line,
        address=found,
        aliases=None,
        state=state,
        kind=None,
        agency=None,
        created_on=_day(created, line, "created", complaints),
        since=None,
        last_login=_day(logon, line, "last logon", complaints),
        staff_number=None,
    )
    if complaints.count == before:
        return listed
    complaints.leave_out(line, found)
    return None


def _day(value: bytes, line: int, column: str, complaints: Complaints) -> date | None:
    if value == b"never":
        return None
    try:
        if b"/" in value:
            return datetime.strptime(value.decode("ascii"), "%m/%d/%y %H:%M").date()  # noqa: DTZ007
        return generalized_day(value.partition(b".")[0] + b"Z")
    except ValueError:
        complaints.add(f"{value[:20]!r} is no time", line, column)
        return None


def _check_totals(read: int, total: int | None, complaints: Complaints) -> None:
    if total is None:
        complaints.add("ends without the summary of domains: it was cut off, or is no zmaccts")
    elif total != read:
        complaints.add(f"its summary counts {total} accounts, {read} were read: make it again")
