"""What is recorded of an item that no child could examine: unreadable, and why, never nothing.

A document stays in the denominator (DESIGN "Indicators": unreadable counts), so it keeps its hash
and class; of a mail only the message is known.
"""

import hashlib
from pathlib import PurePosixPath

from monitor.model import (
    DocumentClass,
    DocumentFacts,
    Examined,
    Finding,
    Integrity,
    ItemHeader,
    Judgement,
    Kind,
    Overall,
    PayloadKind,
    Trust,
    Verdict,
)

_EDITABLE = frozenset(
    (".doc", ".docx", ".dot", ".dotx", ".odp", ".ods", ".odt", ".ppt", ".pptx", ".rtf", ".txt")
) | frozenset((".xls", ".xlsm", ".xlsx", ".csv"))


def unexamined_verdict(path: str, kind: Kind, findings: tuple[Finding, ...]) -> Verdict:
    """`unreadable`, with nothing known of signatures."""
    return Verdict(
        path=path,
        kind=kind,
        overall=Overall.UNREADABLE,
        integrity=Integrity.UNREADABLE,
        trust=Trust.UNKNOWN,
        findings=findings,
    )


def unexamined_item(header: ItemHeader, body: bytes, findings: tuple[Finding, ...]) -> Examined:
    """What is said of the whole item; hashes the body of a document (about 1 ms a MB)."""
    if header.kind is PayloadKind.MAIL:
        return Examined(verdict=unexamined_verdict("", Kind.MAIL, findings), findings=findings)
    name = header.claim.file_name if header.claim else None
    suffix = PurePosixPath(name or "").suffix.lower()
    kind = Kind.PDF if suffix == ".pdf" else Kind.OTHER
    verdict = unexamined_verdict(name or "", kind, findings)
    document = DocumentFacts(
        content_hash=hashlib.sha256(body).hexdigest(),
        file_name=name,
        size=header.size,
        document_class=DocumentClass.EDITABLE if suffix in _EDITABLE else DocumentClass.FORMAL,
        judgement=Judgement(verdict=verdict),
    )
    return Examined(verdict=verdict, documents=(document,), findings=findings)
