"""Whatever is in a file or answer: it is taken, or left out by a known word."""

import random
from pathlib import Path

import pytest
from cryptography import x509

from monitor.fetch.addresses import issuers_of, lists_of, responders_of
from monitor.fetch.findings import sift
from monitor.fetch.hosts import Failure
from monitor.fetch.seeking import certificates_in, ocsp_request
from monitor.material import TrustFolders
from monitor.material.importing import Wish, import_files
from monitor.material.reading import Left, What, read_bytes
from monitor.material.status import statuses, to_do, warnings
from monitor.model import TrustClass
from monitor.verify.certificate import certificate
from monitor.verify.trust import read_certificates
from tests.trust.authorities import DER, PEM, Folders, bundle, crl, pem
from tests.verify.making import NOW, intermediate, issue, name, root

ROUNDS = 1500


def originals() -> list[bytes]:
    point = x509.DistributionPoint(
        [x509.UniformResourceIdentifier("http://ca.example/a.crl")], None, None, None
    )
    rich = issue(
        name("Rich CA"), root(), ca=True, extensions=[(x509.CRLDistributionPoints([point]), False)]
    )
    return [
        crl(root()), pem(root()), root().der, rich.der, pem(rich),
        bundle(root(), intermediate(), encoding=DER), bundle(root(), rich, encoding=PEM),
    ]  # fmt: skip


def mutants(seed: int) -> list[bytes]:
    chance = random.Random(seed)
    chosen = originals()
    return [_mutated(chance.choice(chosen), chance) for _ in range(ROUNDS)]


def _mutated(original: bytes, chance: random.Random) -> bytes:
    data = bytearray(original)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        kind = chance.random()
        if kind < 0.6:
            data[at] = chance.randrange(256)
        elif kind < 0.8 and len(data) > 20:
            del data[at : at + chance.randint(1, 9)]
        else:
            data[at:at] = chance.randbytes(chance.randint(1, 5))
    return bytes(data)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reading_answers_with_objects_or_a_word(seed: int) -> None:
    authorities = read_certificates([root().der, intermediate().der])
    for data in mutants(seed):
        try:
            found = read_bytes(data)
        except Left:
            continue
        for known in (certificate(f.der) for f in found if f.what is What.CERTIFICATE):
            assert isinstance((lists_of(known), issuers_of(known), responders_of(known)), tuple)
            assert isinstance(certificates_in(known.der), list)
            assert ocsp_request(known, authorities[0])
        try:
            assert sift(data, authorities, NOW)
        except Failure:
            continue


def test_folders_full_of_damage_load_and_are_described(folders: Folders) -> None:
    folders.make([root()], [intermediate()])
    for number, data in enumerate(mutants(4)[:300]):
        folders.put(f"{('crls', 'intermediates')[number % 2]}/{number}.der", data)
    loaded = TrustFolders(folders.settings).loaded
    assert loaded.anchors
    for authority in loaded.authorities:
        assert isinstance(warnings(authority, NOW), list)
    assert {type(held.listed.entries()) for held in loaded.lists} <= {int, type(None)}
    assert to_do(loaded, statuses(loaded, NOW))


def test_importing_damage_refuses_it_and_no_more(folders: Folders, tmp_path: Path) -> None:
    folders.make([root()])
    for number, data in enumerate(mutants(5)[:300]):
        folders.put(f"in/{number}.der", data)
    wish = Wish(unpinned=True, trust_class=TrustClass.INTERNAL)
    steps = import_files([tmp_path / "in"], folders.settings, wish, NOW)
    assert len(steps) >= 300
