"""How a signature's signer and time are named; every name is the certificate's own claim."""

from collections.abc import Sequence

from monitor.explain.catalogue import Catalogue, instant
from monitor.explain.untrusted import quotable
from monitor.explain.vocabulary import Phrase
from monitor.model import Signature, SignerKind

LONGEST_NAME = 120
MOST_NAMED = 3
"""Signers named in one sentence; the others are counted."""


def signer(signature: Signature, words: Catalogue) -> str:
    """`cơ quan «SỞ Y TẾ»`, `«Văn thư – SỞ Y TẾ»`; the organisation only where it adds something."""
    name = signature.signer_name or signature.signer_organisation
    if not name:
        name = next(iter(signature.signer_emails), None) or signature.signer_subject
    if not name:
        return words.word(Phrase.UNKNOWN_SIGNER)
    body = signature.signer_organisation or ""
    repeated = body.casefold() in name.casefold()
    full = name if repeated else f"{name} – {body}"
    quoted = words.word(Phrase.QUOTED, text=quotable(full, LONGEST_NAME))
    if signature.signer_kind is SignerKind.ORGANISATION:
        return words.word(Phrase.ORGANISATION, name=quoted)
    return quoted


def issuer(signature: Signature, words: Catalogue) -> str:
    """` («CA …»)`, or nothing."""
    if not signature.signer_issuer:
        return ""
    quoted = words.word(Phrase.QUOTED, text=quotable(signature.signer_issuer, LONGEST_NAME))
    return words.word(Phrase.ISSUED_BY, issuer=quoted)


def signers(signatures: Sequence[Signature], words: Catalogue) -> str:
    """`chữ ký của A và của B`, `3 chữ ký của A và 1 chữ ký của B`; most signatures first."""
    counts: dict[str, int] = {}
    for signature in signatures:
        name = signer(signature, words)
        counts[name] = counts.get(name, 0) + 1
    if len(signatures) == 1:
        return words.word(Phrase.OF, signer=next(iter(counts)))
    named = list(counts.items())[:MOST_NAMED]
    others = len(signatures) - sum(count for _, count in named)
    rest = [words.word(Phrase.OTHERS, count=others)] if others else []
    if len(counts) == len(signatures) and not others:
        each = (words.word(Phrase.OF, signer=name) for name, _ in named)
        return words.word(Phrase.EACH_ONCE, list=words.listing(each))
    return words.listing([_several(name, count, words) for name, count in named] + rest)


def _several(name: str, count: int, words: Catalogue) -> str:
    if count == 1:
        return words.word(Phrase.ONE_OF, signer=name)
    return words.word(Phrase.SEVERAL_OF, count=count, signer=name)


def source(signature: Signature, words: Catalogue) -> str:
    """How the signing time is known."""
    if signature.signing_time_source is None:
        return words.word(Phrase.TIME_NOTED)
    return words.word(signature.signing_time_source)


def signed(signatures: Sequence[Signature], words: Catalogue) -> str | None:
    """`ký ngày … (theo dấu thời gian)`; None where no time is known."""
    timed = [(s.signing_time, s) for s in signatures if s.signing_time is not None]
    if not timed:
        return None
    times = sorted(time for time, _ in timed)
    first, last = instant(times[0]), instant(times[-1])
    known = ", ".join(dict.fromkeys(source(s, words) for _, s in timed))
    if first == last:
        return words.word(Phrase.SIGNED_AT, when=first, source=known)
    return words.word(Phrase.SIGNED_BETWEEN, first=first, last=last, source=known)
