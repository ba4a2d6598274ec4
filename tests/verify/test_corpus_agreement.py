"""Real files with frozen verdicts: nothing falsely valid, and nearly everything as frozen."""

import csv
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from monitor.model import Anchor, Moment, Overall, Revocation, TrustMaterial
from monitor.verify.judge import Judge
from tests.support.corpus import corpus, with_corpus

_NOW = datetime.fromisoformat("2026-11-21T00:00:00Z")
_PEM = re.compile(rb"-----BEGIN [^-]+-----(.*?)-----END", re.DOTALL)


def _rows(*kinds: str) -> Iterator[dict[str, str]]:
    with (corpus() / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] in kinds:
                yield row


def _encoded(path: Path) -> list[bytes]:
    data = path.read_bytes()
    found = [b64decode(match) for match in _PEM.findall(data)]
    return [b64encode(der) for der in found or [data]]


def _material(names: str) -> TrustMaterial:
    sorted_in: dict[str, list[bytes]] = {"int_": [], "crl_": [], "": []}
    for name in filter(None, names.split(";")):
        path = corpus() / name
        prefix = path.name[:4] if path.name[:4] in sorted_in else ""
        sorted_in[prefix] += _encoded(path)
    return TrustMaterial(
        anchors=tuple(Anchor(certificate=der) for der in sorted_in[""]),
        intermediates=tuple(sorted_in["int_"]),
        crls=tuple(sorted_in["crl_"]),
        revocation=Revocation.SOFT,
    )


def _judged(*kinds: str) -> Iterator[tuple[dict[str, str], Overall]]:
    judges: dict[str, Judge] = {}
    for row in _rows(*kinds):
        anchors = row["anchors"]
        judge = judges.setdefault(anchors, Judge(_material(anchors)))
        at = None if row["at"] in {"", "best"} else datetime.fromisoformat(row["at"])
        content = (corpus() / row["content"]).read_bytes() if row["content"] else None
        data = (corpus() / row["path"]).read_bytes()
        moment = Moment(now=_NOW, at=at)
        yield row, judge.judge(data, row["path"], moment, content).verdict.overall


@with_corpus
def test_pdf_and_cms_files_get_their_frozen_verdicts() -> None:
    total = agreed = exact = 0
    for row, overall in _judged("pdf", "cms"):
        allowed = {row["overall"], *filter(None, row["also_ok"].split(";"))}
        assert overall is not Overall.VALID or "valid" in allowed, row["id"]
        total += 1
        agreed += overall in allowed
        exact += overall == row["overall"]
    assert agreed / total >= 0.98
    assert exact / total >= 0.92


@with_corpus
def test_no_file_of_any_other_kind_is_falsely_valid() -> None:
    for row, overall in _judged("ooxml", "odf", "asic", "xmldsig", "edxml"):
        allowed = {row["overall"], *filter(None, row["also_ok"].split(";"))}
        assert overall is not Overall.VALID or "valid" in allowed, row["id"]
