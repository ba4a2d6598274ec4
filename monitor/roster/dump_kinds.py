"""Which dump a file is, by how it begins: names of files say nothing."""

import re
from datetime import date
from itertools import islice
from pathlib import Path

from monitor.errors import UserError
from monitor.roster.dumps import chunks
from monitor.roster.ldif import read_ldif
from monitor.roster.listed import ListedAccount, Listing
from monitor.roster.zimbra import read_zmprov
from monitor.roster.zimbra_accts import read_zmaccts

BEGINNING = 64 * 1024
ZMPROV = re.compile(rb"^# name \S+@\S+$", re.MULTILINE)
ZMACCTS = re.compile(rb"^ +account +status +created +last logon *$", re.MULTILINE)
LDIF = re.compile(rb"^(?:version: *1|dn::? \S.*|# extended LDIF)$", re.MULTILINE | re.IGNORECASE)


def read_dump(path: Path, today: date) -> Listing[ListedAccount] | None:
    """The accounts of a dump of Zimbra or a directory; None where it is neither (a table then).

    Raises UserError when the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            beginning = b"".join(islice(chunks(file), 3))[:BEGINNING]
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    if ZMACCTS.search(beginning):
        return read_zmaccts(path)
    if LDIF.search(beginning):
        return read_ldif(path, today)
    if ZMPROV.search(beginning):
        return read_zmprov(path, today)
    return None
