"""`openssl verify -crl_check` and this product say the same of the same lists."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags

from monitor.verify.certificate import certificate
from monitor.verify.revocation import State
from monitor.verify.trust import TrustStore
from tests.support.needs import needs, program
from tests.verify import making as make
from tests.verify.list_making import URL, Revoked, listing, part, points
from tests.verify.making import DAY, NOW, Identity

pytestmark = needs("openssl")

SIGN = make.usages(sign=True)
SAID = {
    "certificate revoked": State.REVOKED,
    "unable to get certificate CRL": State.UNCHECKED,
    "CRL has expired": State.STALE,
    "Different CRL scope": State.UNCHECKED,
    "CRL path validation error": State.UNCHECKED,
    "CRL signature failure": State.UNCHECKED,
}


def officer(extension: tuple[x509.ExtensionType, bool] | None = None) -> Identity:
    extensions = [extension] if extension else []
    return make.issue(make.name("Người Ký"), ROOT, usage=SIGN, extensions=extensions)


ROOT_KEY = make.key()
ROOT = make.issue(
    make.name("Checked Root", o="Ban Cơ yếu"),
    own_key=ROOT_KEY,
    ca=True,
    extensions=[(x509.SubjectKeyIdentifier.from_public_key(ROOT_KEY.public_key()), False)],
)
HERE, PLAIN = officer(points()), officer()
FORGER = make.issue(ROOT.certificate.subject, ca=True)
OLD = listing(ROOT, issued=NOW - 5 * DAY, until=NOW - 2 * DAY)

CASES: dict[str, tuple[Identity, list[bytes]]] = {
    "no list": (PLAIN, []),
    "a list": (PLAIN, [listing(ROOT)]),
    "revoked": (PLAIN, [listing(ROOT, [Revoked(PLAIN)])]),
    "another is revoked": (PLAIN, [listing(ROOT, [Revoked(HERE)])]),
    "on hold": (PLAIN, [listing(ROOT, [Revoked(PLAIN, reason=ReasonFlags.certificate_hold)])]),
    "outdated": (PLAIN, [OLD]),
    "outdated and current": (PLAIN, [OLD, listing(ROOT)]),
    "forged": (PLAIN, [listing(FORGER)]),
    "own part": (HERE, [listing(ROOT, point=part(url=URL))]),
    "part of another": (PLAIN, [listing(ROOT, point=part(url=URL))]),
    "users": (PLAIN, [listing(ROOT, point=part(users=True))]),
    "authorities": (PLAIN, [listing(ROOT, point=part(authorities=True))]),
    "revoked in its part": (HERE, [listing(ROOT, [Revoked(HERE)], point=part(url=URL))]),
}


def openssl_says(who: Identity, crls: Sequence[bytes], folder: Path) -> State:
    files = {"root": [ROOT.certificate], "leaf": [who.certificate]}
    for name, found in files.items():
        (folder / name).write_bytes(b"".join(c.public_bytes(Encoding.PEM) for c in found))
    lists = [x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM) for crl in crls]
    call = [program("openssl"), "verify", "-crl_check", "-extended_crl", "-use_deltas"]
    if lists:
        (folder / "lists").write_bytes(b"".join(lists))
        call += ["-CRLfile", str(folder / "lists")]
    call += ["-CAfile", str(folder / "root"), str(folder / "leaf")]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return State.GOOD
    return next((state for words, state in SAID.items() if words in done.stderr), State.UNCHECKED)


@pytest.mark.parametrize("case", CASES)
def test_both_say_the_same(case: str, tmp_path: Path) -> None:
    who, crls = CASES[case]
    store = TrustStore(make.material(ROOT, crls=crls))
    ours = store.assess(certificate(who.der), NOW).revocation
    assert ours is openssl_says(who, crls, tmp_path)
