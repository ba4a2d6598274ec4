"""How a rule says what it came to: printable, bounded, whatever the names system said."""

from collections.abc import Iterable, Sequence
from itertools import islice

from monitor.model import Check, CheckStatus
from monitor.posture.model import CheckResult
from monitor.posture.names import Answer, Found
from monitor.posture.words import Reason

FACT_CHARACTERS = 300
EVIDENCE_CHARACTERS = 1000
EVIDENCE_LINES = 20
NAMED = 5


def printable(text: str, limit: int = FACT_CHARACTERS) -> str:
    r"""Printable ASCII as it is, all else as `\x1b` or `\u0430`; what is too long ends in `...`.

    A backslash is doubled, so that an escape of ours is never taken for one of theirs.
    """
    begun = text[: limit + 1]
    plain = begun.isascii() and begun.isprintable() and "\\" not in begun
    shown = begun if plain else "".join(map(_character, begun))
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def _character(one: str) -> str:
    if one == "\\":
        return "\\\\"
    return one if " " <= one <= "~" else ascii(one)[1:-1]


def seen(*answers: Answer) -> tuple[str, ...]:
    """Evidence for `result`, which makes it printable: each record as `name KIND record`, or what
    became of the question.
    """
    return tuple(islice((line for answer in answers for line in _lines(answer)), EVIDENCE_LINES))


def _lines(answer: Answer) -> Iterable[str]:
    head = " ".join((*(f"{name} CNAME" for name in _owners(answer)), ""))
    what = f"{head}{answer.aliases[-1] if answer.aliases else answer.name} {answer.kind}"
    if answer.found is not Found.FOUND:
        return (f"{what}: {answer.why or answer.found}",)
    return (f"{what} {record}" for record in answer.records)


def _owners(answer: Answer) -> tuple[str, ...]:
    return (answer.name, *answer.aliases[:-1]) if answer.aliases else ()


def bounded(lines: Iterable[str]) -> tuple[str, ...]:
    """As many lines as a result takes, each printable and shortened."""
    return tuple(printable(line, EVIDENCE_CHARACTERS) for line in islice(lines, EVIDENCE_LINES))


def listed(words: Sequence[str]) -> str:
    """The first few of what a sentence names."""
    return ", ".join(words[:NAMED]) + (", ..." if len(words) > NAMED else "")


def result(
    check: Check, status: CheckStatus, reason: Reason, evidence: Iterable[str] = (), **facts: object
) -> CheckResult:
    """One result whose facts and evidence are made printable here."""
    shown = {name: printable(str(fact)) for name, fact in facts.items()}
    return CheckResult(
        check=check, status=status, reason=reason, facts=shown, evidence=bounded(evidence)
    )


def unanswered(check: Check, answer: Answer) -> CheckResult:
    """`unknown`: this question would have decided it and was not answered."""
    return result(
        check, CheckStatus.UNKNOWN, Reason.UNANSWERED, seen(answer),
        name=answer.name, kind=answer.kind, why=answer.why or answer.found,
    )  # fmt: skip
