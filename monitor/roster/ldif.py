"""LDIF (RFC 2849) as `ldapsearch`, `ldifde` and `zmslapcat` write it, read as accounts.

Comments, folded lines and base64 as the RFC has them. A change record is refused, but for
`changetype: add`, which ldifde writes before every entry and which is the entry itself. A value
by reference (`attr:< file:///…`) is never followed.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO

from monitor.roster.dumps import Complaints, Record, chunks, opened, records
from monitor.roster.ldap_accounts import SPELLED, Entry, Schema, account, schema_of
from monitor.roster.listed import ListedAccount, Listing

NAMES = {name.lower().encode(): name.lower() for name in (*SPELLED.values(), "dn", "changetype")}
RESULT = re.compile(rb"\nresult: ([1-9]\d*) (.*)")
"""What ldapsearch writes at the end without -L: a number that is not 0 is a failure."""
MESSAGE = re.compile(rb"\n(Size limit exceeded|Time limit exceeded|Administrative limit)[^\n]*")
NO_RECORD = re.compile(
    rb"\n(?!#|version:|search:|result:|ref:|control:|pagedresults:|\n|$)", re.IGNORECASE
)


def read_ldif(path: Path, today: date, schema: Schema | None = None) -> Listing[ListedAccount]:
    """The accounts of a file; `schema` None is found entry by entry.

    Raises UserError when the file cannot be read.
    """
    file, digest = opened(path)
    complaints = Complaints(path.name)
    entries = _accounts(file, today, schema, complaints)
    return complaints.listing(entries, digest)


def _accounts(
    file: BinaryIO, today: date, schema: Schema | None, complaints: Complaints
) -> Iterator[ListedAccount]:
    seen = False
    with file:
        for piece in records(chunks(file), b"\n\n", complaints):
            record = _without_blank_lines(piece)
            before = complaints.count
            values = _values(record, complaints)
            if values is None:
                continue
            seen = True
            entry = Entry(record.line, values, today, complaints)
            found = account(entry, schema or schema_of(values))
            if found is not None and complaints.count == before:
                yield found
            elif complaints.count > before:
                complaints.leave_out(record.line, found.address if found else None)
    if not seen and not complaints.problems:
        complaints.add('holds no entry: LDIF begins each with "dn:"')


def _without_blank_lines(record: Record) -> Record:
    data = record.data.lstrip(b"\n")
    return Record(record.line + len(record.data) - len(data), data, record.last)


def _values(record: Record, complaints: Complaints) -> dict[str, list[bytes]] | None:
    """Attributes by name in small letters; None for what is no entry, or not whole (a problem)."""
    text = record.data.replace(b"\n ", b"")
    values: dict[str, list[bytes]] = {}
    for line in text.split(b"\n"):
        raw_name, _, value = line.partition(b":")
        name = NAMES.get(raw_name.lower())
        if name is None:
            continue
        if value.startswith(b":"):
            value = _decoded(value[1:].strip(), name, record, complaints)
        elif value.startswith(b"<"):
            complaints.add("a value by reference is not read", record.line, SPELLED.get(name, name))
            continue
        if value := value.strip():
            values.setdefault(name, []).append(value)
    if "dn" not in values:
        _say_what_it_is(b"\n" + text, record, complaints)
        return None
    change = values.get("changetype", [b"add"])[0]
    if change.lower() != b"add":
        complaints.add("a record of changes: export entries, not changes", record.line)
        return None
    if record.last and not record.data.endswith(b"\n"):
        complaints.add("cut off in the middle of this entry: make the file again", record.line)
        return None
    return values


def _decoded(value: bytes, name: str, record: Record, complaints: Complaints) -> bytes:
    try:
        return a2b_base64(value, strict_mode=True)
    except NotBase64:
        complaints.add("is not base64", record.line, SPELLED.get(name, name))
        return b""


def _say_what_it_is(text: bytes, record: Record, complaints: Complaints) -> None:
    """Comments, the version and the summary of a search are no entries; failures are problems."""
    failed = RESULT.search(text) or MESSAGE.search(text)
    if failed:
        said = failed[0].strip().decode("ascii", "replace")[:80]
        complaints.add(
            f'the search failed ("{said}"), so entries are missing: ask in pages '
            "(ldapsearch -E pr=1000/noprompt)",
            record.line,
        )
    elif NO_RECORD.search(text.rstrip(b"\n") + b"\n"):
        complaints.add('is no entry: "dn:" is missing', record.line)
