"""Words of the catalogue as sentences for a clerk: why a document does not count, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.explain.catalogue import Catalogue, Entry, catalogue
from monitor.explain.vocabulary import Reason
from monitor.model import Cause, Finding, Overall, SubIndication
from monitor.report.text import sentence
from monitor.report.words import Words

RULE = "rule"
"""Vocabulary of words that a closing has for what the catalogue does not know."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reason as a reader is told it."""

    why: str
    what_to_do: str
    """Of the issuing agency's clerk; empty where there is nothing that they can do."""


class Reasons:
    """Sentences of one language; no name of a signer is ever in them."""

    def __init__(self, say: Words) -> None:
        self._say = say
        self._catalogue: Catalogue = catalogue(say.language)
        self._fill = {
            "what": say("reason.document"), "signer": say("reason.signer"),
            "signers": say("reason.signer"), "count": "", "issuer": "", "expiry": "", "revoked": "",
        }  # fmt: skip

    def of_document(self, words: Sequence[str], overall: str, cause: str | None) -> Said:
        """Of all its words: the first decides, advice of the others is added once each."""
        if not words:
            return Said(self.verdict(overall, cause), "")
        entries = [self.entry(each) for each in words]
        advice = list(dict.fromkeys(each.what_to_do for each in entries if each.what_to_do))
        return Said(entries[0].why, " ".join(advice))

    def entry(self, word: str) -> Said:
        """`reason:…`, `finding:…`, `sub_indication:…`, `rule:…`; an unknown word stays itself."""
        kind, _, name = word.partition(":")
        if kind == RULE:
            return Said(self._say.of("rule", name), self._say.of("rule_advice", name))
        try:
            if kind == "sub_indication":
                return Said(sentence(self._catalogue.word(SubIndication(name))), "")
            found = Reason(name) if kind == "reason" else Finding(name)
        except ValueError:
            return Said(word, "")  # a word of another version of the program
        return self._said(self._catalogue.entry(found))

    def finding(self, name: str) -> str:
        """Its name alone, for tables."""
        try:
            return self._catalogue.entry(Finding(name)).name or name
        except ValueError:
            return name

    def verdict(self, overall: str, cause: str | None, reason: str | None = None) -> str:
        """A verdict in words, as "Chưa kiểm tra được"; of what is valid and yet does not count by
        the rule that says so.
        """
        if reason and reason.startswith(f"{RULE}:"):
            return self._say.of("verdict", reason.partition(":")[2])
        key = f"{overall}_{cause}" if overall == Overall.INDETERMINATE and cause else overall
        return self._say.of("verdict", key)

    def _said(self, entry: Entry) -> Said:
        return Said(sentence(entry.sentence.format(**self._fill)), sentence(entry.clerk or ""))


def open_still(overall: str, cause: str | None) -> bool:
    """Whether it could not be checked for lack of our data: that is held against nobody."""
    return overall == Overall.INDETERMINATE and cause != Cause.SIGNER
