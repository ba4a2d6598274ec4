"""The real mails of the corpus: their structure beside the standard library's, their verdicts."""

import base64
import csv
import email
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from monitor.examine import Examiner
from monitor.extract.classify import is_mail
from monitor.model import Anchor, Limits, Moment, Revocation, TrustMaterial, Verdict
from monitor.verify.smime_entity import Structure
from tests.extract.test_mime_structure import reference, shape
from tests.support.corpus import CORPUS, with_corpus

NOW = datetime(2026, 11, 21, tzinfo=UTC)
pytestmark = with_corpus


def rows() -> Iterator[dict[str, str]]:
    if CORPUS is None:
        return
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


MAILS = [row for row in rows() if row["kind"] == "smime"]


def path_of(row: dict[str, str]) -> Path:
    assert CORPUS is not None
    return CORPUS / row["path"]


def judge(row: dict[str, str]) -> Verdict:
    assert CORPUS is not None
    anchors = [
        Anchor(certificate=base64.b64encode(certificate.public_bytes(Encoding.DER)))
        for name in row["anchors"].split(";")
        if name
        for certificate in x509.load_pem_x509_certificates((CORPUS / name).read_bytes())
    ]
    material = TrustMaterial(anchors=tuple(anchors), revocation=Revocation.SOFT)
    data = path_of(row).read_bytes()
    return Examiner(material, Limits()).judge_file(row["path"], data, Moment(now=NOW))


@pytest.mark.parametrize("row", MAILS, ids=lambda row: row["id"])
def test_a_real_mail_has_its_frozen_verdict(row: dict[str, str]) -> None:
    verdict = judge(row)
    assert verdict.overall == row["overall"]
    assert (verdict.integrity, verdict.trust) == (row["integrity"], row["trust"])
    if row["binding"]:
        assert verdict.binding == row["binding"]


@pytest.mark.parametrize("row", MAILS, ids=lambda row: row["id"])
def test_a_real_mail_is_read_as_the_standard_library_reads_it(row: dict[str, str]) -> None:
    data = path_of(row).read_bytes()
    assert shape(Structure(Limits()).parse(data)) == reference(email.message_from_bytes(data))


def test_only_mails_are_taken_for_mails() -> None:
    wrong = [
        row["path"]
        for row in rows()
        if is_mail(path_of(row).read_bytes(), row["path"]) != (row["kind"] == "smime")
    ]
    assert not wrong
