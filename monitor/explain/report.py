"""A verdict as a page: what is signed, by whom, when, what is wrong, what to do.

Plain text in short lines; each has a tone, so that a terminal may colour it.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.explain.catalogue import Catalogue, Entry, catalogue, instant
from monitor.explain.page import WIDTH, Line, Page, Tone
from monitor.explain.reason import counted, decide
from monitor.explain.sentence import lead, sentence
from monitor.explain.signers import LONGEST_NAME, signer, source
from monitor.explain.untrusted import quotable, safe
from monitor.explain.vocabulary import COVERED, WEIGHTS, Label, Lead, Level, Phrase, Reason, Weight
from monitor.model import (
    Finding,
    Indication,
    Integrity,
    Language,
    Overall,
    Signature,
    SignerKind,
    Verdict,
)

LONGEST_PATH = 200
_PART_INDENT = 4
_SIGNATURE_INDENT = 5

_TONES = {
    Lead.VALID: Tone.GOOD,
    Lead.INVALID: Tone.BAD,
    Lead.UNREADABLE: Tone.BAD,
    Lead.OURS: Tone.OPEN,
    Lead.SIGNER: Tone.OPEN,
    Lead.UNSIGNED: Tone.OPEN,
}
_OUTCOMES = {
    Indication.TOTAL_FAILED: Overall.INVALID,
    Indication.INDETERMINATE: Overall.INDETERMINATE,
}


def report(verdict: Verdict, language: Language, width: int = WIDTH) -> str:
    """The page as plain text, no line wider than `width` unless a word is."""
    return "\n".join(line.text for line in lines(verdict, language, width))


def lines(verdict: Verdict, language: Language, width: int = WIDTH) -> list[Line]:
    """The page line by line; what is inside a container or mail is indented below it."""
    words, page = catalogue(language), Page(width)
    return [
        *page.heading(words.word(Label.TITLE)),
        *page.field(words.word(Label.FILE), safe(verdict.path, LONGEST_PATH)),
        *explained(verdict, words, page),
    ]


def explained(verdict: Verdict, words: Catalogue, page: Page) -> Iterator[Line]:
    """All of a verdict below the name of what it is about."""
    yield from _Report(words, page).verdict(verdict)


@dataclass(frozen=True)
class _Report:
    """Writes about verdicts in one language on one page."""

    words: Catalogue
    page: Page

    def verdict(self, verdict: Verdict) -> Iterator[Line]:
        words, opening = self.words, lead(verdict.overall, verdict.cause)
        yield from self._field(Label.KIND, words.word(verdict.kind))
        yield from self._field(Label.RESULT, words.word(opening).upper(), _TONES[opening])
        if verdict.binding:
            yield from self._field(Label.BINDING, words.word(verdict.binding))
        yield Line()
        yield from self.page.text(sentence(verdict, words.language))
        yield from self._signatures(verdict)
        yield from self._findings(verdict)
        yield from self._actions(verdict)
        yield from self._parts(verdict)

    def _field(self, label: Label, value: str, tone: Tone = Tone.PLAIN) -> Iterator[Line]:
        yield from self.page.field(self.words.word(label), value, tone)

    def _in(self, columns: int) -> "_Report":
        return _Report(self.words, self.page.deeper(columns))

    # -- sections -------------------------------------------------------------------------------

    def _signatures(self, verdict: Verdict) -> Iterator[Line]:
        if not verdict.signatures:
            return
        yield Line()
        yield from self.page.heading(self._count(verdict))
        for first, alike in _alike(verdict.signatures):
            numbers = f"{first}" if len(alike) == 1 else f"{first}–{first + len(alike) - 1}"
            name = signer(alike[0], self.words)
            yield from self.page.text(name, f"  {numbers}. ")
            below = self._in(_SIGNATURE_INDENT)
            for label, value in below._signature(alike):
                yield from below._field(label, value)

    def _count(self, verdict: Verdict) -> str:
        words, kinds = self.words, [s.signer_kind for _, s in counted(verdict)]
        tally = {
            Label.ORGANISATIONS: kinds.count(SignerKind.ORGANISATION),
            Label.PERSONS: kinds.count(SignerKind.PERSON),
            Label.STAMPS: kinds.count(SignerKind.STAMP),
            Label.UNCLEAR: kinds.count(None),
        }
        several = len(kinds) > 1
        each = [
            words.word(label) + (f" {count}" if several else "")
            for label, count in tally.items()
            if count
        ]
        detail = f" ({', '.join(each)})" if each else ""
        return f"{words.word(Label.SIGNATURES)}: {len(kinds)}{detail}"

    def _signature(self, alike: Sequence[Signature]) -> Iterator[tuple[Label, str]]:
        """Names and values of what is known of signatures that differ in time alone."""
        signature, words = alike[0], self.words
        yield Label.OUTCOME, self._outcome(signature)
        if not signature.counts:
            yield Label.KIND, words.word(Label.DOCUMENT_TIMESTAMP)
        yield from self._holder(signature)
        if signature.certificate_sha256 or signature.trust_class:
            yield Label.CERTIFICATE, self._certificate(signature)
        times = [instant(each.signing_time) for each in alike if each.signing_time]
        if times:
            yield Label.TIME, ", ".join([*dict.fromkeys(times), source(signature, words)])
        yield Label.FORM, self._form(signature)
        if signature.integrity is not Integrity.DESTROYED:
            yield Label.COVERS, words.word(signature.coverage)
        yield Label.CONTENT, words.word(signature.integrity)

    def _holder(self, signature: Signature) -> Iterator[tuple[Label, str]]:
        words = self.words
        shown = {
            Label.UNIT: signature.signer_unit,
            Label.BODY: signature.signer_organisation,
            Label.ADDRESS: ", ".join(signature.signer_emails[:3]),
        }
        for label, value in shown.items():
            if value and value != signature.signer_name:
                yield label, quotable(value, LONGEST_NAME)
        if signature.certificate_sha256 or signature.signer_kind:
            kind = signature.signer_kind
            yield Label.HOLDER, words.word(kind or Label.HOLDER_UNCLEAR)

    def _certificate(self, signature: Signature) -> str:
        words = self.words
        parts = [words.word(signature.trust_class)] if signature.trust_class else []
        if signature.signer_issuer:
            name = words.word(Phrase.QUOTED, text=quotable(signature.signer_issuer, LONGEST_NAME))
            parts.append(words.word(Label.ISSUER, issuer=name))
        if signature.certificate_not_after:
            parts.append(words.word(Label.EXPIRES, when=instant(signature.certificate_not_after)))
        if signature.revoked_at:
            parts.append(words.word(Label.REVOKED, when=instant(signature.revoked_at)))
        return "; ".join([*parts, words.word(signature.trust)])

    def _form(self, signature: Signature) -> str:
        form = safe(signature.format, 40)
        level = next((level for level in Level if level == signature.level), None)
        return f"{form} {level}, {self.words.word(level)}" if level else form

    def _outcome(self, signature: Signature) -> str:
        if signature.indication is Indication.TOTAL_PASSED:
            later = f" ({self.words.word(Label.PROVISIONAL)})" if signature.provisional else ""
            return self.words.word(Label.PASSED) + later
        opening = lead(_OUTCOMES[signature.indication], signature.cause)
        text = self.words.word(opening).lower()
        if signature.sub_indication is None:
            return text
        detail = self.words.word(signature.sub_indication)
        return f"{text}: {detail} ({signature.sub_indication})"

    def _findings(self, verdict: Verdict) -> Iterator[Line]:
        if not verdict.findings:
            return
        words = self.words
        yield Line()
        yield from self.page.heading(words.word(Label.FINDINGS))
        for weight in Weight:
            for finding in verdict.findings:
                if WEIGHTS[finding] is weight:
                    entry, where = words.entry(finding), self._where(finding, verdict)
                    text = f"{words.word(weight)}: {entry.name}{where}. {entry.sentence}"
                    yield from self.page.text(text, "  - ")

    def _where(self, finding: Finding, verdict: Verdict) -> str:
        """Which signatures a finding is about, where that is some of several."""
        numbers = [str(n) for n, s in enumerate(verdict.signatures, 1) if finding in s.findings]
        if not numbers or len(numbers) == len(verdict.signatures):
            return ""
        return self.words.word(Phrase.IN_SIGNATURES, list=self.words.listing(numbers))

    def _actions(self, verdict: Verdict) -> Iterator[Line]:
        words = self.words
        entries = [words.entry(member) for member in to_do(verdict)]
        yield Line()
        yield from self.page.heading(words.word(Label.ACTIONS))
        clerk, operator = _advice(entries, "clerk"), _advice(entries, "operator")
        if not clerk and not operator:
            yield from self.page.text(words.word(Label.NOTHING), "  - ")
        for label, texts in ((Label.CLERK, clerk), (Label.OPERATOR, operator)):
            if texts:
                yield from self.page.text(words.word(label), "  ")
            for text in texts:
                yield from self.page.text(text, "  - ")

    def _parts(self, verdict: Verdict) -> Iterator[Line]:
        if not verdict.parts:
            return
        yield Line()
        yield from self.page.heading(f"{self.words.word(Label.PARTS)}: {len(verdict.parts)}")
        below = self._in(_PART_INDENT)
        for part in verdict.parts:
            yield Line()
            yield from below._field(Label.PART, safe(part.path, LONGEST_PATH))
            yield from below.verdict(part)


def _alike(signatures: Sequence[Signature]) -> Iterator[tuple[int, list[Signature]]]:
    """Number of the first and neighbours that differ in nothing but time and findings."""
    number = 1
    for _, group in itertools.groupby(
        signatures, lambda s: s.model_copy(update={"signing_time": None, "findings": ()})
    ):
        alike = list(group)
        yield number, alike
        number += len(alike)


def to_do(verdict: Verdict) -> list[Reason | Finding]:
    """Whose advice applies: the reason's, then that of findings it does not contain.

    Beside an error, better habits and missing data are no matter.
    """
    reason = decide(verdict).reason
    covered = {finding.value for finding in COVERED.get(reason, ())} | {reason.value}
    invalid = verdict.overall is Overall.INVALID
    weights = (Weight.PROBLEM,) if invalid else (Weight.PROBLEM, Weight.WARNING)
    rest = [
        finding
        for weight in weights
        for finding in verdict.findings
        if WEIGHTS[finding] is weight and finding.value not in covered
    ]
    if verdict.overall in {Overall.UNSIGNED, Overall.UNREADABLE}:
        rest = rest[:3]
    return [reason, *rest]


def _advice(entries: Iterable[Entry], audience: str) -> list[str]:
    """Each piece of advice for an audience, once."""
    texts = (getattr(entry, audience) for entry in entries)
    return list(dict.fromkeys(text for text in texts if text))
