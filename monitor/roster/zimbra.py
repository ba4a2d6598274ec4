"""Accounts from Zimbra's command line: `zmprov -l gaa -v`.

ProvUtil prints `# name ADDRESS`, then `attribute: value` sorted by attribute, then an empty line;
a value of several lines (a filter script, a signature, an out-of-office reply) runs on without any
mark. Those belong to the user, who may write anything into them, lines that look like another
account's included. So nothing is believed behind the first attribute that users fill, which sorts
behind all that is wanted here, and a heading counts only where an attribute follows it. What then
still looks like an account is one twice, which the import refuses. LDIF has no such weakness.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO

from monitor.roster.dumps import Complaints, Record, chunks, opened, records
from monitor.roster.ldap_accounts import WANTED, Entry, sound, zimbra_account
from monitor.roster.ldap_values import address
from monitor.roster.listed import ListedAccount, Listing

HEADING = b"\n# name "
HEAD = re.compile(rb"([^\s@]+@[^\s@]+)(?=\n[A-Za-z][A-Za-z0-9;-]*::? )")
BARE_HEAD = re.compile(rb"[^\s@]+@[^\s@]+\n*\Z")
NAMES = {each.encode(): each.lower() for each in WANTED["zimbra"]}
OWN = b"zimbra"
ATTRIBUTE = re.compile(
    rb"\n(zimbra(?:Pref|Mail\w*Sieve|%s)|%s)(::?) ?(.*)"
    % (
        b"|".join(each.removeprefix(OWN) for each in sorted(NAMES) if each.startswith(OWN)),
        b"|".join(each for each in sorted(NAMES) if not each.startswith(OWN)),
    )
)
"""What is wanted, and where the user's own text begins. The prefix stands once because the engine
takes lines of other attributes twice as fast so."""


def read_zmprov(path: Path, today: date) -> Listing[ListedAccount]:
    """The accounts of a dump. Raises UserError when the file cannot be read."""
    file, digest = opened(path)
    complaints = Complaints(path.name)
    entries = _accounts(file, today, complaints)
    return complaints.listing(entries, digest)


def _accounts(file: BinaryIO, today: date, complaints: Complaints) -> Iterator[ListedAccount]:
    seen = False
    with file:
        text = (piece for part in ((b"\n",), chunks(file)) for piece in part)
        for record in records(text, HEADING, complaints, line=0):
            if record.line == 0:
                _check_beginning(record, complaints)
                continue
            head = HEAD.match(record.data)
            if head is None:
                _check_bare(record, complaints)
            elif record.last and not record.data.endswith(b"\n"):
                complaints.add("cut off in the middle of this account", record.line)
            else:
                seen = True
                found = _account(record, head, today, complaints)
                if found is not None:
                    yield found
    if not seen and not complaints.problems:
        complaints.add('holds no account: each begins with "# name", as zmprov -l gaa -v prints it')


def _account(
    record: Record, head: re.Match[bytes], today: date, complaints: Complaints
) -> ListedAccount | None:
    own = address(head[1])
    if own is None:
        complaints.add("the name is no mail address", record.line)
        return None
    values: dict[str, list[bytes]] = {}
    entry = Entry(record.line, values, today, complaints)
    for match in ATTRIBUTE.finditer(record.data, head.end()):
        raw_name, mark, value = match.groups()
        name = NAMES.get(raw_name)
        if name is None:
            break
        if mark == b"::":
            try:
                value = a2b_base64(value, strict_mode=True)
            except NotBase64:
                entry.complain("is not base64", name)
                complaints.leave_out(record.line, own)
                return None
        if value:
            values.setdefault(name, []).append(value)
    return sound(entry, partial(zimbra_account, name=own), own)


def _check_beginning(record: Record, complaints: Complaints) -> None:
    """Nothing stands before the first account, but for what a shell or zmprov had to say."""
    said = record.data.strip()
    if said:
        shown = said.split(b"\n", 1)[0][:80].decode("utf-8", "backslashreplace")
        plain = "".join(each if each.isprintable() else "·" for each in shown)
        complaints.add(f'begins with "{plain}", not with "# name": is it whole?', 1)


def _check_bare(record: Record, complaints: Complaints) -> None:
    """An address and no attribute is another command's output; anything else a user's text."""
    if BARE_HEAD.match(record.data):
        complaints.add("has no attributes: make the dump with -v", record.line)
