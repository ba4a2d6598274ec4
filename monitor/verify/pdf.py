"""Signatures in PDF files (ISO 32000-1 12.8, ISO 32000-2, PAdES ETSI EN 319 142).

A file whose only signature covers all of it but its own /Contents is judged from its bytes: the
signer signed the whole file, so its object structure can hide nothing. Everything else is judged
by structure: which revision a signature covers, what was changed after it, and what remains of
signatures that an optimiser or an attacker took apart.
"""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from monitor.model import Coverage, Finding, Integrity, Kind
from monitor.model import SubIndication as Sub
from monitor.verify.facts import FileFacts, SignerFacts, later_tokens, undecided, unreadable
from monitor.verify.pdf_changes import Change, History, permissions, signed_revision
from monitor.verify.pdf_raw import (
    Fit,
    Occurrence,
    Range,
    contents,
    dictionary,
    in_last_section,
    nothing_behind,
    object_streams,
    occurrences,
    range_of,
)
from monitor.verify.pdf_reader import (
    READ_ERRORS,
    Field,
    Locked,
    TooLarge,
    Unreadable,
    fields,
    open_pdf,
    page_tree_sound,
    resolved,
    resolved_reference,
    signature_contents,
    signature_range,
    signature_text,
    value_at,
)
from monitor.verify.pdf_security_store import security_store
from monitor.verify.pdf_signature import SignatureDictionary, pdf_date, signers
from monitor.verify.trust import Purpose

_STREAM_HEAD = 4096
"""Most octets of a stream's dictionary before its data."""

SMALL = 256 * 1024
"""Unsigned files up to this size are opened to see whether they can be."""


def pdf_facts(data: bytes) -> FileFacts:
    """Everything about a PDF that does not depend on trust and time."""
    if b"%PDF-" not in data[:1024]:
        return unreadable(Kind.PDF, Finding.MALFORMED)
    found = occurrences(data)
    locked = in_last_section(data, b"/Encrypt") if found else b"/Encrypt" in data
    if _one_for_all(data, found) and not locked:
        entry = SignatureDictionary.of_text(
            dictionary(data, found[0]), contents(data, found[0].range)
        )
        if entry.sub_filter != "adbe.x509.rsa_sha1":
            return _whole(data, found[0].range, entry)
    if not found and not locked and not _traces(data):
        return _unsigned(data)
    return _structured(data, found)


# -- by bytes -------------------------------------------------------------------------------------


def _whole(data: bytes, covered: Range, entry: SignatureDictionary) -> FileFacts:
    found = signers(entry, data, covered)
    return FileFacts(
        Kind.PDF,
        signers=tuple(replace(_covering(f, Coverage.WHOLE), end=len(data)) for f in found),
        findings=_hybrid(data),
    )


def _broken(data: bytes, found: Sequence[Occurrence]) -> FileFacts:
    """No structure can be read: what its bytes say of signatures, in any case not valid."""
    signed = tuple(facts for o in found for facts in _loose(data, o))
    if not signed:
        return unreadable(Kind.PDF, Finding.MALFORMED)
    return FileFacts(Kind.PDF, signers=signed, findings=frozenset({Finding.MALFORMED}))


def _loose(data: bytes, occurrence: Occurrence) -> list[SignerFacts]:
    covered = occurrence.range
    if covered.fit in {Fit.PAST_END, Fit.ABSURD}:
        return [_remnant(covered, data)]
    entry = SignatureDictionary.of_text(dictionary(data, occurrence), contents(data, covered))
    found = signers(entry, data, covered)
    if covered.fit is Fit.WHOLE:
        return [_covering(facts, Coverage.WHOLE) for facts in found]
    return [_changed(facts) for facts in found]


# -- by structure ---------------------------------------------------------------------------------


def _structured(data: bytes, found: Sequence[Occurrence]) -> FileFacts:
    data = _without_tail(data, found) if found else data[data.index(b"%PDF-") :]
    try:
        reader = open_pdf(data)
        form = fields(reader)
    except Locked:
        return unreadable(Kind.PDF, Finding.ENCRYPTED)
    except TooLarge:
        return undecided(Kind.PDF, Finding.LIMIT_REACHED)
    except (Unreadable, *READ_ERRORS):
        return _broken(data, found)
    try:
        return _Document(data, reader, form, found).facts()
    except READ_ERRORS:
        return undecided(Kind.PDF, Finding.MALFORMED)


def _without_tail(data: bytes, found: Sequence[Occurrence]) -> bytes:
    """The file without what storage added behind it, which the reader would stumble over."""
    at = data.rfind(b"startxref")
    end = data.find(b"%%EOF", at) + 5 if at >= 0 else 0
    end = max([end, *(o.range.end for o in found if o.range.fit in {Fit.WHOLE, Fit.PREFIX})])
    usual = len(data) - end <= 16 and b"%" not in data[end:]
    return data if end < 5 or usual or not nothing_behind(data, end) else data[:end]


class _Document:
    """A PDF whose structure could be read."""

    def __init__(
        self,
        data: bytes,
        reader: PdfFileReader,
        form: Sequence[Field],
        found: Sequence[Occurrence],
    ) -> None:
        self._data, self._reader, self._form = data, reader, form
        self._found = found
        self._known = security_store(reader)
        self._history = History(reader, data, form)

    def facts(self) -> FileFacts:
        drafts = [self._draft(field) for field in self._distinct()]
        for draft in drafts:
            self._note(draft)
        signed = [item for draft in drafts for item in self._finished(draft)]
        signed += self._orphans({draft.covered for draft in drafts if draft.covered})
        return FileFacts(
            Kind.PDF,
            signers=tuple(_with_level(item, signed) for item in signed),
            findings=self._findings(signed),
        )

    def _note(self, draft: "_Draft") -> None:
        """What the history may count on when changes are judged."""
        if draft.revision is None or not _sound(draft):
            return
        first = draft.signers[0]
        if first.counts:
            self._history.note_signed(draft.field, draft.revision)
        elif first.purpose is Purpose.TIMESTAMP:
            self._history.note_timestamp(draft.field)

    def _findings(self, signed: Sequence[SignerFacts]) -> frozenset[Finding]:
        findings = set(_hybrid(self._data))
        if any(field.value is None for field in self._form):
            findings.add(Finding.EMPTY_SIGNATURE_FIELD)
        for item in signed:
            findings |= item.findings & {Finding.TIMESTAMP_INVALID}
        if not signed and not _safely_sound(self._reader):
            findings.add(Finding.MALFORMED)
        return frozenset(findings)

    def _distinct(self) -> list[Field]:
        """Filled signature fields; one signature shown by two fields counts once, by the older."""
        kept: dict[object, Field] = {}
        for field in self._form:
            if field.value is not None:
                key = field.reference or id(field.value)
                older = kept.get(key, field)
                first = min(older, field, key=lambda shown: shown.introduced or 0)
                kept[key] = first
        return list(kept.values())

    def _draft(self, field: Field) -> "_Draft":
        value = field.value
        if value is None:
            raise ValueError("an empty field has no signature")
        octets, numbers = signature_contents(value), signature_range(value)
        covered = range_of(numbers, self._data) if numbers else None
        if octets is None or not octets.strip(b"\0") or covered is None:
            return _Draft(field, None, (_remnant(covered, self._data),))
        if covered.fit in {Fit.PAST_END, Fit.ABSURD}:
            return _Draft(field, covered, (_remnant(covered, self._data),))
        if contents(self._data, covered) != octets:
            return _Draft(field, covered, (_wrapped(),))
        entry = _entry(value, octets)
        found = signers(entry, self._data, covered, self._known)
        revision = self._revision(field, covered)
        return _Draft(field, covered, tuple(found), revision)

    def _revision(self, field: Field, covered: Range) -> int | None:
        """The signed revision, if the signature dictionary itself was not replaced after it."""
        try:
            revision = signed_revision(self._reader, self._data, covered)
        except READ_ERRORS:
            return None
        if revision is None or (field.revision is not None and field.revision > revision):
            return None
        return revision

    def _finished(self, draft: "_Draft") -> list[SignerFacts]:
        covered, value = draft.covered, draft.field.value
        if covered is None or value is None or covered.fit not in {Fit.WHOLE, Fit.PREFIX}:
            return list(draft.signers)
        if not _sound(draft):
            return [replace(facts, end=covered.end) for facts in draft.signers]
        change = self._history.changes(
            covered, draft.revision, permissions(value, locks=draft.field.locks)
        )
        end = covered.end
        return [replace(_with_change(facts, change), end=end) for facts in draft.signers]

    def _orphans(self, known: set[Range]) -> list[SignerFacts]:
        """Signature dictionaries in the bytes that no form field shows any more."""
        places = {(r.gap_start, r.gap_end, r.end) for r in known}
        found = []
        objects: _Places | None = None
        for occurrence in self._found:
            covered = occurrence.range
            if (covered.gap_start, covered.gap_end, covered.end) in places:
                continue
            objects = objects or _Places(self._reader)
            if objects.inside_stream(occurrence.at):
                continue
            places.add((covered.gap_start, covered.gap_end, covered.end))
            found.append(self._orphan(occurrence))
        if not known and not found and not self._distinct() and _compressed_remnant(self._data):
            found.append(_remnant(None, self._data))
        return found

    def _orphan(self, occurrence: Occurrence) -> SignerFacts:
        covered = occurrence.range
        facts = _remnant(covered, self._data)
        if covered.fit in {Fit.PAST_END, Fit.ABSURD}:
            return facts
        entry = SignatureDictionary.of_text(
            dictionary(self._data, occurrence), contents(self._data, covered)
        )
        if entry.usage_rights or entry.timestamp:
            return replace(facts, counts=False)
        return facts


@dataclass(frozen=True)
class _Draft:
    """A signature field's signature before the changes after it are judged."""

    field: Field
    covered: Range | None
    signers: tuple[SignerFacts, ...]
    revision: int | None = None


def _sound(draft: _Draft) -> bool:
    return bool(draft.signers) and all(s.integrity is Integrity.INTACT for s in draft.signers)


# -- facts of damaged and changed signatures ------------------------------------------------------


def _remnant(covered: Range | None, data: bytes) -> SignerFacts:
    """A signature dictionary whose byte range or contents mean nothing in this file."""
    wrapped = (
        covered is not None
        and covered.fit is Fit.ABSURD
        and data[covered.gap_start : covered.gap_start + 1] == b"<"
    )
    if wrapped:
        return _wrapped()
    return SignerFacts(
        integrity=Integrity.DESTROYED,
        failure=Sub.FORMAT_FAILURE,
        findings=frozenset({Finding.REMNANT_DESTROYED}),
        format="PDF",
        coverage=Coverage.UNKNOWN,
    )


def _wrapped() -> SignerFacts:
    """The gap in the signed bytes is not this signature's /Contents (signature wrapping)."""
    return SignerFacts(
        integrity=Integrity.MODIFIED,
        failure=Sub.FORMAT_FAILURE,
        findings=frozenset({Finding.SIGNATURE_MALFORMED}),
        format="PDF",
        coverage=Coverage.PARTIAL,
    )


def _covering(facts: SignerFacts, coverage: Coverage, *findings: Finding) -> SignerFacts:
    return replace(facts, coverage=coverage, findings=facts.findings | set(findings))


def _changed(facts: SignerFacts) -> SignerFacts:
    if facts.integrity is not Integrity.INTACT:
        return facts
    return replace(
        _covering(facts, Coverage.PARTIAL, Finding.CHANGED_AFTER_SIGNING),
        integrity=Integrity.MODIFIED,
        failure=Sub.HASH_FAILURE,
    )


def _with_change(facts: SignerFacts, change: Change) -> SignerFacts:
    if change is Change.NONE:
        return _covering(facts, Coverage.WHOLE)
    if change is Change.FORBIDDEN:
        return _changed(facts)
    extended = _covering(facts, Coverage.REVISION, Finding.SIGNED_THEN_EXTENDED)
    if change is Change.EXTENDED:
        return extended
    if change is Change.SIGNED_LATER:
        return _covering(extended, Coverage.REVISION, Finding.CERTIFIED_SIGNED_LATER)
    if change is Change.FILLED:
        filled = _covering(extended, Coverage.PARTIAL, Finding.CHANGED_AFTER_SIGNING)
        return replace(filled, failure=Sub.SIG_CONSTRAINTS_FAILURE)
    finding = Finding.LIMIT_REACHED if change is Change.LIMIT else Finding.MALFORMED
    unknown = _covering(extended, Coverage.UNKNOWN, finding)
    return replace(unknown, integrity=Integrity.UNREADABLE, failure=Sub.FORMAT_FAILURE)


# -- traces ---------------------------------------------------------------------------------------


def _one_for_all(data: bytes, found: Sequence[Occurrence]) -> bool:
    """Is one signature that covers the whole file the only one that the file shows a trace of?

    Another one that covers nothing, or whose dictionary was packed into an object stream, was
    taken apart: that is for the structure to say.
    """
    if len(found) != 1 or found[0].range.fit is not Fit.WHOLE:
        return False
    if data.count(b"/ByteRange") != 1 or data.count(b"/SubFilter") > 1:
        return False
    return not any(text is None or b"/ByteRange" in text for text in object_streams(data))


def _traces(data: bytes) -> bool:
    """Could a signature or a signature field be in this file?"""
    if b"/AcroForm" in data or b"/Sig" in data:
        return True
    return any(
        text is None or b"/AcroForm" in text or b"/ByteRange" in text or b"/Sig" in text
        for text in object_streams(data)
    )


def _compressed_remnant(data: bytes) -> bool:
    """A signature dictionary in an object stream: its byte range cannot mean this file."""
    return any(text is not None and b"/ByteRange" in text for text in object_streams(data))


def _unsigned(data: bytes) -> FileFacts:
    data = data[data.index(b"%PDF-") :]  # readers let something stand before the header
    broken = unreadable(Kind.PDF, Finding.MALFORMED)
    if b"startxref" not in data:
        return broken
    if len(data) > SMALL:
        return FileFacts(Kind.PDF)
    try:
        return FileFacts(Kind.PDF) if page_tree_sound(open_pdf(data)) else broken
    except (Unreadable, *READ_ERRORS):
        return broken
    except (Locked, TooLarge):
        return FileFacts(Kind.PDF)


def _safely_sound(reader: PdfFileReader) -> bool:
    try:
        return page_tree_sound(reader)
    except READ_ERRORS:
        return False


def _hybrid(data: bytes) -> frozenset[Finding]:
    return frozenset({Finding.HYBRID_XREF}) if in_last_section(data, b"/XRefStm") else frozenset()


class _Places:
    """Where the objects of all revisions begin."""

    def __init__(self, reader: PdfFileReader) -> None:
        places: dict[int, generic.Reference] = {}
        xrefs = reader.xrefs
        for revision in range(xrefs.total_revisions):
            for reference in xrefs.explicit_refs_in_revision(revision):
                place = xrefs.get_historical_ref(reference, revision)
                if isinstance(place, int):
                    places[place] = reference
        self._references = places
        self._starts = sorted(places)

    def inside_stream(self, at: int) -> bool:
        """Does a place lie in the data of a stream, as of an embedded file?"""
        index = bisect.bisect_right(self._starts, at) - 1
        if index < 0:
            return False
        start = self._starts[index]
        node = resolved_reference(self._references[start])
        return isinstance(node, generic.StreamObject) and (
            at - start <= len(node.encoded_data) + _STREAM_HEAD
        )


# -- the small things -----------------------------------------------------------------------------


def _entry(value: generic.DictionaryObject, octets: bytes) -> SignatureDictionary:
    raw = value_at(value, "/Cert")
    certificates = [
        bytes(item.original_bytes)
        for item in (raw if isinstance(raw, generic.ArrayObject) else [raw])
        if isinstance(item, generic.TextStringObject | generic.ByteStringObject)
    ]
    return SignatureDictionary(
        contents=octets,
        sub_filter=(signature_text(value, "/SubFilter") or "").lstrip("/"),
        timestamp_type=signature_text(value, "/Type") == "/DocTimeStamp",
        time=pdf_date(signature_text(value, "/M") or ""),
        certificates=tuple(certificates),
        usage_rights=_usage_rights(value),
    )


def _usage_rights(value: generic.DictionaryObject) -> bool:
    """Does the signature do nothing but grant usage rights (ISO 32000-1 12.8.2.3)?

    Nobody signs content with it, in the catalog or, as some producers write it, in a field.
    """
    references = value_at(value, "/Reference")
    if not isinstance(references, generic.ArrayObject) or not references:
        return False
    return all(
        isinstance(reference, generic.DictionaryObject)
        and value_at(reference, "/TransformMethod") in ("/UR", "/UR3")
        for reference in map(resolved, references)
    )


def _with_level(facts: SignerFacts, all_signed: Sequence[SignerFacts]) -> SignerFacts:
    """Baseline level by what the whole file holds (ETSI EN 319 142-1 6)."""
    if facts.level is None or not facts.counts:
        return facts
    stamped = bool(later_tokens(facts, all_signed))
    level = "B-T" if facts.tokens or stamped else "B-B"
    if level == "B-T" and (facts.evidence.crls or facts.evidence.ocsps):
        level = "B-LTA" if stamped else "B-LT"
    return replace(facts, level=level)
