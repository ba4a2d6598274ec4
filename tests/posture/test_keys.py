"""Published DKIM keys as verifiers have to read them (RFC 6376 3.6.1, RFC 8301, RFC 8463)."""

import base64
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from monitor.posture.keys import KeyFault, KeyType, read_key
from tests.support.dkim_mails import RFC6376_KEY, RFC8463_KEYS, SigningKey

KEY = SigningKey.rsa()
P = KEY.published("k=rsa").rpartition("p=")[2]
ED25519 = RFC8463_KEYS["brisbane._domainkey.football.example.com"]["TXT"][0]


def test_the_keys_of_the_rfcs_are_usable() -> None:
    first, second = read_key(RFC6376_KEY), read_key(ED25519)
    assert (first.faults, first.type, first.bits) == ((), KeyType.RSA, 1024)
    assert (second.faults, second.type, second.bits) == ((), KeyType.ED25519, 256)


def test_a_bare_key_is_the_same_as_one_that_names_its_algorithm() -> None:
    bare = KEY.private.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    found = read_key(f"p={base64.b64encode(bare).decode()}")
    assert found.key == read_key(KEY.published()).key
    assert found.usable


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", KeyFault.NOT_A_RECORD),
        ("hello", KeyFault.NOT_A_RECORD),
        (f"p={P}; p={P}", KeyFault.NOT_A_RECORD),
        (f"1={P}", KeyFault.NOT_A_RECORD),
        ("n=" + "x" * 5000 + f"; p={P}", KeyFault.NOT_A_RECORD),
        (f"v=DKIM2; p={P}", KeyFault.VERSION),
        (f"v=dkim1; p={P}", KeyFault.VERSION),
        (f"p={P}; v=DKIM1", KeyFault.VERSION),
        ("v=DKIM1", KeyFault.NO_KEY),
        ("v=DKIM1; p=", KeyFault.REVOKED),
        ("v=DKIM1; p=\t ;", KeyFault.REVOKED),
        (f"k=dsa; p={P}", KeyFault.KEY_TYPE),
        ("p=!!!!", KeyFault.KEY_UNREADABLE),
        ("p=AAAA", KeyFault.KEY_UNREADABLE),
        (f"k=ed25519; p={P}", KeyFault.KEY_UNREADABLE),
        (f"h=sha1; p={P}", KeyFault.HASH),
        (f"s=tlsrpt; p={P}", KeyFault.SERVICE),
        (SigningKey.rsa(768).published(), KeyFault.KEY_SHORT),
    ],
)
def test_each_fault_has_its_word(text: str, fault: KeyFault) -> None:
    assert read_key(text).faults == (fault,)
    assert not read_key(text).usable


@pytest.mark.parametrize(
    "tags", ["s=*", "s=tlsrpt:email", "h=sha1:sha256", "n=note; zz=1", "k=RSA"]
)
def test_what_allows_mail_and_sha256_is_usable(tags: str) -> None:
    assert read_key(f"{tags}; p={P}").usable


@pytest.mark.parametrize(
    "point", ["01" + 31 * "00", 32 * "00", 31 * "00" + "80", "ec" + 30 * "ff" + "7f"]
)
def test_a_point_that_anybody_can_sign_by_is_no_key(point: str) -> None:
    record = f"k=ed25519; p={base64.b64encode(bytes.fromhex(point)).decode()}"
    assert read_key(record).faults == (KeyFault.KEY_UNREADABLE,)


def test_an_even_modulus_is_no_key() -> None:
    numbers = KEY.private.public_key().public_numbers()
    octets = base64.b64decode(P)
    even = octets.replace(numbers.n.to_bytes(128), (numbers.n - 1).to_bytes(128))
    assert even != octets
    assert read_key(f"p={base64.b64encode(even).decode()}").faults == (KeyFault.KEY_UNREADABLE,)


def test_blanks_within_the_key_do_not_matter() -> None:
    assert read_key(f"v=DKIM1 ;\tp= {P[:40]} \r\n\t{P[40:]} ;").usable


def test_flags_are_read() -> None:
    found = read_key(f"t=y:s; p={P}")
    assert (found.testing, found.strict) == (True, True)
    assert not read_key(f"t=x; p={P}").testing


def test_a_key_of_another_kind_is_unreadable() -> None:
    key = generate_private_key(SECP256R1()).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert read_key(f"p={base64.b64encode(der).decode()}").faults == (KeyFault.KEY_UNREADABLE,)


def test_keys_that_would_make_us_compute_for_long_are_refused() -> None:
    numbers = KEY.private.public_key().public_numbers()
    huge = _der(1 << 8200 | 1, 65537)
    odd = _der(numbers.n, (1 << 200) | 1)
    assert read_key(f"p={huge}").faults == (KeyFault.KEY_LONG,)
    assert read_key(f"p={odd}").faults == (KeyFault.KEY_LONG,)


def _der(modulus: int, exponent: int) -> str:
    def integer(number: int) -> bytes:
        return _tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))

    return base64.b64encode(_tlv(0x30, integer(modulus) + integer(exponent))).decode()


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def test_mutations_of_a_key_never_raise() -> None:
    chance = random.Random(6376)
    data = base64.b64decode(P)
    for _ in range(3000):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(40 if chance.random() < 0.7 else len(data))] = (
                chance.randrange(256)
            )
        read_key(f"p={base64.b64encode(changed).decode()}")
    text = KEY.published()
    for _ in range(1000):
        place = chance.randrange(len(text))
        read_key(text[:place] + chr(chance.randrange(256)) + text[place + 1 :])
