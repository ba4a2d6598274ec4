"""Whatever a dump holds, reading it ends with accounts and problems, never with an error."""

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.agencies.names import address_key
from monitor.roster.ldif import read_ldif
from monitor.roster.listed import ListedAccount, Listing
from monitor.roster.zimbra import read_zmprov
from monitor.roster.zimbra_accts import read_zmaccts
from tests.roster.test_ldif import PLAIN
from tests.roster.test_zimbra_dumps import REPORT, account

TODAY = date(2026, 11, 22)
Reader = Callable[[Path], Listing[ListedAccount]]
AD = (
    "dn: CN=a\nobjectClass: user\nuserAccountControl: 512\nproxyAddresses: SMTP:a@so.example\n"
    "lastLogonTimestamp: 133000000000000000\nwhenCreated: 20240115183000.0Z\n"
    "accountExpires: 0\nmsExchRecipientTypeDetails: 1\n\n"
)
SHADOW = (
    "dn: uid=b\nmail: b@so.example\nshadowExpire: 20500\nauthTimestamp: 20240115183000+0700\n\n"
)
READERS: dict[str, tuple[Reader, str]] = {
    "zmprov": (
        lambda path: read_zmprov(path, TODAY),
        account("an", "employeeNumber:: Q0I=", "zimbraLastLogonTimestamp: 20261101165959.819Z") * 3,
    ),
    "zmaccts": (read_zmaccts, REPORT),
    "ldif": (lambda path: read_ldif(path, TODAY), PLAIN + "\n" + AD + SHADOW),
}
PIECES = (
    b"\n", b"\n\n", b"\r\n", b"\n ", b":", b"::", b":<", b": ", b"# name ", b"\0", b"\xff\xfe",
    b"\xef\xbb\xbf", b"@", b"-1", b"99999999999999999999", b"0000", b"Z", b"\xf0\x9f\x92\xa9",
    b"changetype: add\n", b"dn: ", b"=", b"A" * 5000,
)  # fmt: skip


def mutated(text: bytes, seed: int) -> bytes:
    """The text with up to eight bytes or pieces replaced, removed, or put in."""
    chance = random.Random(seed)
    data = bytearray(text)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.choice((0, 0, 1, 4, 40)))
        piece = chance.choice((chance.choice(PIECES), chance.randbytes(chance.randint(0, 6))))
        data[at:until] = piece
    return bytes(data)


def check(listing: Listing[ListedAccount]) -> None:
    for each in listing.entries:
        for address in (each.address, *(each.aliases or ())):
            assert address_key(address) == address
            assert address.isprintable()
        assert each.row >= 1
    assert all(problem.place.file == "dump" for problem in listing.problems)


@pytest.mark.parametrize("name", list(READERS))
@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=300, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_a_mutated_dump_is_read_to_its_end(tmp_path: Path, name: str, seed: int) -> None:
    reader, text = READERS[name]
    path = tmp_path / "dump"
    path.write_bytes(mutated(text.encode(), seed))
    check(reader(path))


@pytest.mark.parametrize("name", list(READERS))
@given(data=st.binary(max_size=300))
@settings(
    max_examples=100, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_anything_at_all_is_read_to_its_end(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / "dump"
    path.write_bytes(data)
    check(READERS[name][0](path))
