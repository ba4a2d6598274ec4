"""The operator's map of certificates: whose a signer is, and what, where its profile misleads."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Self

from pydantic import model_validator

from monitor.agencies.entry import Code, Dated, Fingerprint, Name, Uid
from monitor.agencies.names import text_key, uid_key
from monitor.model import Signature, SignerKind, Value

Key = tuple[str, str]
"""What an entry names certificates by, and its comparable form."""


class Subject(Value):
    """A subject by its exact names: compared in NFC, without case, never as a pattern."""

    cn: Name
    o: Name


class CertificateEntry(Dated):
    """One `[[certificates]]` entry of the registry file (docs/agencies.md)."""

    sha256: Fingerprint | None = None
    """Of one certificate, whatever chain it has."""
    uid: Uid | None = None
    """Subject UID; like `subject` it counts in certificates under an anchor only."""
    subject: Subject | None = None
    agency: Code | None = None
    kind: SignerKind | None = None
    note: Name | None = None
    """For readers of the file."""

    @model_validator(mode="after")
    def _names_one_thing_and_says_something(self) -> Self:
        if len([each for each in (self.sha256, self.uid, self.subject) if each]) != 1:
            raise ValueError("name the certificate by one of sha256, uid and subject")
        if self.agency is None and self.kind is None:
            raise ValueError("say whose it is (agency), what it is (kind), or both")
        return self

    @property
    def key(self) -> Key:
        if self.sha256:
            return "sha256", self.sha256
        if self.uid:
            return "uid", uid_key(self.uid)
        return "subject", _subject_key(self.subject.cn, self.subject.o) if self.subject else ""


class CertificateMap:
    """Entries by key; the most exact key that is in force on a day holds."""

    def __init__(self, entries: Iterable[CertificateEntry] = ()) -> None:
        self.entries = tuple(entries)
        self._by_key: dict[Key, list[CertificateEntry]] = {}
        for entry in self.entries:
            self._by_key.setdefault(entry.key, []).append(entry)

    def of(self, signature: Signature, day: date) -> tuple[CertificateEntry, ...]:
        """Entries in force for a signature's certificate, the most exact first."""
        return tuple(
            entry
            for key in _keys(signature)
            for entry in self._by_key.get(key, ())
            if day in entry.period
        )


def _keys(signature: Signature) -> Iterator[Key]:
    if signature.certificate_sha256:
        yield "sha256", signature.certificate_sha256
    if signature.trust_class is None:
        return
    if signature.signer_uid:
        yield "uid", uid_key(signature.signer_uid)
    if signature.signer_name and signature.signer_organisation:
        yield "subject", _subject_key(signature.signer_name, signature.signer_organisation)


def _subject_key(cn: str, o: str) -> str:
    """The parts stay apart: no comma in a name can move the border between them."""
    return f"{text_key(cn)}\n{text_key(o)}"
