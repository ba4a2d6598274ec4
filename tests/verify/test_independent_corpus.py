"""The corpus through poppler's `pdfsig`, `openssl cms` and `xmlsec1`: signature by signature.

Only mathematics and coverage are compared: is what was signed still there? Trust is each tool's
own. A disagreement has a reason, either that of a class of signatures, which is looked for in what
the tool says or in what the signature is, or one of its own in the table. One without a reason
fails, and so does a reason in the table that is no longer needed (docs/evidence-of-correctness.md).
"""

import csv
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from monitor.examine.examiner import Examiner
from monitor.model import (
    Finding,
    Integrity,
    Limits,
    Moment,
    Revocation,
    Signature,
    TrustMaterial,
    Verdict,
)
from tests.support.corpus import corpus, with_corpus
from tests.support.needs import needs, program

_MOMENT = Moment(now=datetime.fromisoformat("2026-11-21T00:00:00Z"))
_EXAMINER = Examiner(TrustMaterial(revocation=Revocation.SOFT), Limits())


@dataclass(frozen=True)
class Answer:
    """What another tool says: of each signature, or of the whole file, whether it is sound."""

    sound: tuple[bool, ...]
    said: str = ""


@dataclass(frozen=True)
class Row:
    """A corpus file with both answers."""

    name: str
    verdict: Verdict
    answer: Answer

    @property
    def counted(self) -> list[Signature]:
        return [each for each in self.verdict.signatures if each.counts]


def _rows(kind: str, ask: Callable[[Path, Path | None], Answer]) -> Iterator[Row]:
    with (corpus() / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] != kind:
                continue
            path = corpus() / row["path"]
            beside = corpus() / row["content"] if row["content"] else None
            content = beside.read_bytes() if beside else None
            found = _EXAMINER.judge_file(path.name, path.read_bytes(), _MOMENT, content)
            yield Row(row["id"], found, ask(path, beside))


def _run(*call: str) -> tuple[int, str]:
    done = subprocess.run(call, capture_output=True, check=False, timeout=120)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def _intact(signature: Signature) -> bool:
    return signature.integrity is Integrity.INTACT


# -- PDF ------------------------------------------------------------------------------------------

ED25519 = "the second signature is Ed25519, which NSS and openssl 3.0 lack in CMS"
PDFSIG = {
    "dss-badencodedcms": "poppler does not take the CMS for one, openssl and we read its BER",
    "dss-pades-infinite-loop": "the form has no end: poppler finds no field, we a destroyed one",
    "dss-signature-referenced-from-multiple-fields": "one value in two fields: two for poppler",
    "pdfjs-prefilled-f1040": "a usage-rights signature (UR3): poppler asks for fields only",
    "pyhanko-extensions-direct": ED25519,
    "pyhanko-extensions-indirect": ED25519,
    "pyhanko-extensions-indirect-not-all-paths": ED25519,
    "pyhanko-extensions-update-direct": ED25519,
    "pyhanko-extensions-update-indirect": ED25519,
}
"""Why poppler answers otherwise, by corpus file."""
LATER_CHANGE = "poppler does not judge what was changed after signing"
STAMP = "poppler does not judge document time-stamps"


def _pdfsig(path: Path, beside: Path | None) -> Answer:
    _, said = _run(program("pdfsig"), "-nocert", str(path))
    lines = [line for line in said.splitlines() if "Signature Validation:" in line]
    return Answer(tuple("is Valid" in line for line in lines), said)


def _pdf_reason(row: Row) -> str | None:
    """Why the answers differ; None where they agree."""
    ours, theirs = row.verdict.signatures, row.answer.sound
    if len(ours) != len(theirs):
        return PDFSIG.get(row.name, "unexplained: another number of signatures")
    reasons = {
        _class(one, row.name) for one, sound in zip(ours, theirs, strict=True)
        if _intact(one) is not sound
    }  # fmt: skip
    return "; ".join(sorted(reasons)) or None


def _class(signature: Signature, name: str) -> str:
    if signature.format == "RFC3161":
        return STAMP
    if Finding.CHANGED_AFTER_SIGNING in signature.findings:
        return LATER_CHANGE
    return PDFSIG.get(name, "unexplained: another integrity")


@with_corpus
@needs("pdfsig")
def test_pdfsig_agrees_or_the_reason_is_known() -> None:
    rows = [row for row in _rows("pdf", _pdfsig) if row.verdict.signatures or row.answer.sound]
    reasons = {row.name: reason for row in rows if (reason := _pdf_reason(row))}
    _check(len(rows), reasons, PDFSIG, classes={LATER_CHANGE, STAMP})


# -- CMS and S/MIME -------------------------------------------------------------------------------

OPENSSL = {
    "kde-smime-opaque-sign": "the signer's certificate is missing: openssl says nothing at all",
    "tb-alice-dsig-sha256-multipart-in-mixed": "openssl looks at the top of a mail only",
    "tb-alice-dsig-sha256-multipart-in-mixed-with-header": "openssl looks at the top only",
}
"""Why openssl answers otherwise, by corpus file."""


def _openssl(path: Path, beside: Path | None) -> Answer:
    form = "SMIME"
    if path.parent.name == "cms":
        form = "DER" if path.read_bytes()[:1] == b"\x30" else "PEM"
    call = [program("openssl"), "cms", "-verify", "-noverify", "-inform", form, "-in", str(path),
            "-out", "/dev/null"]  # fmt: skip
    call += ["-binary"] if form != "SMIME" else []
    code, said = _run(*call, *(["-content", str(beside)] if beside else []))
    return Answer((code == 0,), said)


@with_corpus
@needs("openssl")
def test_openssl_agrees_or_the_reason_is_known() -> None:
    found = [*_rows("cms", _openssl), *_rows("smime", _openssl)]
    rows = [row for row in found if row.counted]
    reasons = {
        row.name: OPENSSL.get(row.name, "unexplained")
        for row in rows
        if all(map(_intact, row.counted)) is not row.answer.sound[0]
    }
    _check(len(rows), reasons, OPENSSL)


# -- XML ------------------------------------------------------------------------------------------

XMLSEC = {
    "dss-xades-no-keyinfo-sign-cert": "xmlsec1 takes a certificate whose key did not sign",
}
"""Why xmlsec1 answers otherwise, by corpus file."""
NO_IDENTIFIERS = "xmlsec1 knows no identifiers where the document has no DTD"
NO_KEY = "xmlsec1 reads no key of this kind from KeyInfo"


def _xmlsec(path: Path, _: Path | None) -> Answer:
    code, said = _run(program("xmlsec1"), "--verify", "--insecure",
                      "--enabled-reference-uris", "empty,same-doc,local", str(path))  # fmt: skip
    return Answer((code == 0,), said)


def _xml_reason(row: Row) -> str | None:
    if all(map(_intact, row.counted)) is row.answer.sound[0]:
        return None
    if "xmlSecXPathDataListExecute" in row.answer.said:
        return NO_IDENTIFIERS
    if "xmlSecDSigCtxProcessKeyInfoNode" in row.answer.said:
        return NO_KEY
    return XMLSEC.get(row.name, "unexplained")


@with_corpus
@needs("xmlsec1")
def test_xmlsec_agrees_or_the_reason_is_known() -> None:
    rows = [row for row in _rows("xmldsig", _xmlsec) if row.counted]
    reasons = {row.name: reason for row in rows if (reason := _xml_reason(row))}
    _check(len(rows), reasons, XMLSEC, classes={NO_IDENTIFIERS, NO_KEY})


def _check(
    compared: int, reasons: dict[str, str], table: dict[str, str], classes: set[str] | None = None
) -> None:
    """Nothing is unexplained, and nothing is explained that needs no explanation."""
    assert compared
    unexplained = {name: why for name, why in reasons.items() if "unexplained" in why}
    assert unexplained == {}
    used = {reason for joined in reasons.values() for reason in joined.split("; ")}
    idle = [name for name, why in table.items() if why not in reasons.get(name, "").split("; ")]
    assert idle == [], "these agree now: take their reasons out"
    assert (classes or set()) <= used, "nothing of this class disagrees any more"
    print(f"compared {compared}, agree {compared - len(reasons)}")
    for reason in sorted(used):
        print(f"  {sum(reason in each.split('; ') for each in reasons.values())} x {reason}")


@pytest.mark.parametrize("table", [PDFSIG, OPENSSL, XMLSEC])
def test_reasons_have_no_separator_in_them(table: dict[str, str]) -> None:
    """Several reasons of one file are joined by it."""
    assert all("; " not in reason for reason in table.values())
