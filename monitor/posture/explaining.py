"""What a check came to, in words: `monitor/posture/language/{vi,en}.toml`.

A file has for each check a title and a short one, for each status, each `Why`, each fault of a
record, what systems say of connections and certificates, and each result of SPF a text, and for
each reason a sentence with an advice. A question that was not answered has
the advice of its `Why`, where that has one. Facts are out of answers of DNS, so hostile: they are
filled in as they stand and never looked through for places of their own, and what comes out is safe
for a terminal. A page escapes it as it does any text; a cell of a CSV file is made `inert`
(monitor/tables).
"""

import functools
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from monitor.explain import safe
from monitor.model import Check, CheckStatus, Language, SpfResult
from monitor.posture.names import Found, Why
from monitor.posture.words import Reason

MAX_FACT = 300
"""Characters of a fact in a sentence."""
MAX_TEXT = 2000
_NO_RECORD = re.compile(r"(\S+(?: CNAME \S+)* [A-Z]+): ([a-z_]+)")
"""Evidence that has no record: names with aliases, type, and what became of the question
(`results.seen`). The line of a record has no colon after its type."""


DAYS = frozenset({"not_after"})
"""Facts that are days, recorded as 2026-12-31."""
NO_RECORDS = (Found.NO_NAME.value, Found.NO_DATA.value)


@dataclass(frozen=True, slots=True)
class CheckTitle:
    """How a check is called in a heading, and in a list of several."""

    title: str
    short: str


@dataclass(frozen=True, slots=True)
class Template:
    """Of a reason, with the names of facts in braces; the advice of a good one is empty."""

    says: str
    advice: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was seen, and what to publish or do; one line each, safe for a terminal."""

    says: str
    advice: str


class PostureWords:
    """The texts of one language; every word of the vocabularies has one, or loading fails."""

    def __init__(self, language: Language, written: Mapping[str, Any]) -> None:
        """`written` as parsed from TOML; raises KeyError or TypeError for what is missing."""
        self.language = language
        self._checks = {check: CheckTitle(**written["check"][check]) for check in Check}
        self._statuses = {status: str(written["status"][status]) for status in CheckStatus}
        self._whys = {why.value: str(written["why"][why]) for why in Why}
        self._reasons = {reason: Template(**written["reason"][reason]) for reason in Reason}
        self._remedies = {str(Why(why)): str(text) for why, text in written["remedy"].items()}
        self._answers = {each: str(written["answer"][each]) for each in NO_RECORDS} | self._whys
        self._faults = {word: str(text) for word, text in written["fault"].items()}
        self._errors = {said: str(text) for said, text in written["error"].items()}
        self._results = {each.value: str(written["spf"][each]) for each in SpfResult}
        self._missing = str(written["missing"]["fact"])

    def title(self, check: Check) -> str:
        return self._checks[check].title

    def short(self, check: Check) -> str:
        return self._checks[check].short

    def status(self, status: CheckStatus) -> str:
        return self._statuses[status]

    @property
    def worded(self) -> Mapping[str, Mapping[str, str]]:
        """Facts that are words themselves, with the text of each word."""
        return {
            "why": self._whys | self._errors,
            "fault": self._faults,
            "error": self._errors,
            "result": self._results,
        }

    def template(self, reason: Reason) -> Template:
        return self._reasons[reason]

    def explain(self, reason: str, domain: str, facts: Mapping[str, str]) -> Explanation:
        """Of a reason as it is recorded; one that this version does not know stands for itself."""
        if reason not in self._reasons:
            return Explanation(safe(reason, MAX_FACT), "")
        template = self._reasons[Reason(reason)]
        values = {
            "domain": safe(domain, MAX_FACT),
            **{name: self._fact(name, value) for name, value in facts.items()},
        }
        advice = template.advice
        if reason == Reason.UNANSWERED:
            advice = self._remedies.get(facts.get("why", ""), advice)
        return Explanation(self._filled(template.says, values), self._filled(advice, values))

    def evidence(self, line: str) -> str:
        """A record as it was seen; of a question without one, what became of it in words."""
        found = _NO_RECORD.fullmatch(line)
        if found is None or found[2] not in self._answers:
            return safe(line, MAX_TEXT)
        return f"{safe(found[1], MAX_TEXT)}: {self._answers[found[2]]}"

    def _fact(self, name: str, value: str) -> str:
        if name in DAYS:
            return _day(value)
        return self.worded.get(name, {}).get(value, safe(value, MAX_FACT))

    def _filled(self, text: str, values: Mapping[str, str]) -> str:
        """Places are filled by name alone: a fact that is not there never raises."""
        parts = (
            literal + ("" if name is None else values.get(name) or self._missing)
            for literal, name, _, _ in string.Formatter().parse(text)
        )
        return safe("".join(parts), MAX_TEXT)


def _day(value: str) -> str:
    """As officials write it; what is no day stays as it is."""
    try:
        return date.fromisoformat(value).strftime("%d/%m/%Y")
    except ValueError:
        return safe(value, MAX_FACT)


def written(language: Language) -> dict[str, Any]:
    """A language's file as it stands."""
    file = resources.files("monitor.posture") / "language" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@functools.cache
def posture_words(language: Language) -> PostureWords:
    return PostureWords(language, written(language))
