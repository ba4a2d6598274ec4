"""What signatures are worth: verdicts by agency, why documents do not count, certificates, time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from monitor.measure.figures import Scope
from monitor.model import Cause, Overall
from monitor.report.content.facts import Facts, Of, SignatureRow, VerdictRow
from monitor.report.content.grouping import codes_of, grouped, leading, whole
from monitor.report.content.names import Names
from monitor.report.content.reasons import Reasons, open_still
from monitor.report.model import (
    Cell,
    Chart,
    ChartKind,
    Column,
    Heading,
    Row,
    Series,
    Share,
    Table,
)
from monitor.report.words import Words

FORMAL = "formal"
KINDS = ("valid", "unsigned", "invalid", "unconfirmed", "unreadable", "undecided", "not_drawn")
"""What a document is counted as; they add up to all that were issued."""
MOST_BARS = 12


def kind_of(row: VerdictRow) -> str:
    if not row.sampled:
        return "not_drawn"
    if row.overall == Overall.INDETERMINATE:
        return "unconfirmed" if row.cause == Cause.SIGNER else "undecided"
    return row.overall


def verdicts(facts: Facts, names: Names, say: Words) -> Table:
    """Documents of all channels by what their check gave."""
    by_code, relayed = _by_code(facts)

    def cells(of: Of) -> Sequence[Cell]:
        codes = codes_of(facts, of)
        found = sum((by_code.get(code, Counter()) for code in codes), Counter[str]())
        sent_on = sum(relayed[code] for code in codes)
        if not found.total() and not sent_on:
            return [None] * (len(KINDS) + 2)
        return [found.total(), *(found[kind] for kind in KINDS), sent_on]

    notes = [say("verdicts.note")]
    if facts.of.scope is Scope.PROVINCE and (strangers := by_code.get("", Counter()).total()):
        notes.append(say("verdicts.note_unknown", count=say.numbers.count(strangers)))
    return Table(
        id="verdicts", title=say("verdicts.title"), sheet=say("verdicts.sheet"),
        headings=(
            *leading(say), Heading("issued", say("verdicts.issued"), Column.COUNT),
            *(Heading(kind, say(f"verdicts.{kind}"), Column.COUNT) for kind in KINDS),
            Heading("relayed", say("verdicts.relayed"), Column.COUNT),
        ),
        rows=grouped(facts, names, say, cells), total=whole(facts, say, cells),
        notes=tuple(notes), landscape=True,
    )  # fmt: skip


def counted(facts: Facts, of: Of) -> tuple[Counter[str], int]:
    """Formal documents by what their check gave, and how many were sent on."""
    by_code, relayed = _by_code(facts)
    codes = codes_of(facts, of)
    found = sum((by_code.get(code, Counter()) for code in codes), Counter[str]())
    return found, sum(relayed[code] for code in codes)


def _by_code(facts: Facts) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """Of each agency: documents that it issued by `KINDS`, and those that it sent on."""
    by_code: dict[str, Counter[str]] = {}
    relayed: Counter[str] = Counter()
    for row in facts.verdicts:
        if row.document_class != FORMAL:
            continue
        if row.relayed:
            relayed[row.code] += row.documents
        else:
            by_code.setdefault(row.code, Counter())[kind_of(row)] += row.documents
    return by_code, relayed


def reasons(facts: Facts, say: Words) -> Table:
    """Why documents do not count as signed: one reason each, so that they add up."""
    told = Reasons(say)
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in facts.why:
        said = told.of_document([row.reason] if row.reason else [], row.overall, row.cause)
        verdict = told.verdict(row.overall, row.cause, row.reason)
        counts[verdict, said.why, said.what_to_do] += row.documents
    total = counts.total()
    waiting = {told.verdict(each.overall, each.cause) for each in facts.why
               if open_still(each.overall, each.cause)}  # fmt: skip
    ordered = sorted(counts.items(), key=lambda each: (each[0][0] in waiting, -each[1], each[0]))
    rows = [
        Row((number, verdict, why, documents, Share(documents / total), advice))
        for number, ((verdict, why, advice), documents) in enumerate(ordered, 1)
    ]
    return Table(
        id="reasons", title=say("reasons.title"), sheet=say("reasons.sheet"),
        headings=(
            Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
            Heading("verdict", say("column.verdict"), Column.TEXT),
            Heading("reason", say("column.reason"), Column.WIDE),
            Heading("documents", say("column.number"), Column.COUNT),
            Heading("share", say("column.share"), Column.SHARE),
            Heading("what_to_do", say("column.what_to_do"), Column.WIDE),
        ),
        rows=rows, total=Row((None, say("main.total"), "", total, None, ""), emphasis=True)
        if rows else None,
        notes=(say("reasons.note"), *not_drawn(facts, say)) if rows else (),
        empty=say("documents.forgotten" if facts.forgotten else "reasons.empty"),
        charts=() if facts.of.one else tuple(
            _bars([each for each in ordered if each[0][0] not in waiting], say)),
        landscape=not facts.of.one,
    )  # fmt: skip


def not_drawn(facts: Facts, say: Words) -> Iterator[str]:
    """Below lists of documents: that they are of a sample alone."""
    if facts.not_drawn:
        yield say("documents.note_sampled", count=say.numbers.count(facts.not_drawn))


def _bars(ordered: Sequence[tuple[tuple[str, str, str], int]], say: Words) -> Iterator[Chart]:
    shown = ordered[:MOST_BARS]
    if not shown:
        return
    yield Chart(
        id="reasons", kind=ChartKind.BARS, title=say("chart.reasons"),
        labels=tuple(why for (_, why, _), _ in shown),
        series=(Series(say("chart.documents"), tuple(float(count) for _, count in shown)),),
        percent=False,
    )  # fmt: skip


def signatures(facts: Facts, say: Words) -> Table:
    """Valid signatures by certificate and by what proves their time, and findings on documents."""
    valid = [
        each for each in facts.signatures
        if each.indication == "TOTAL-PASSED" and each.document_class == FORMAL
    ]  # fmt: skip
    rows = [
        *_parts(valid, say("signatures.by_class"), "trust_class", say),
        *_parts(valid, say("signatures.by_time"), "time_source", say),
        *_findings(facts, say),
    ]
    return Table(
        id="signatures", title=say("signatures.title"), sheet=say("signatures.sheet"),
        headings=(
            Heading("group", say("signatures.group"), Column.TEXT),
            Heading("what", say("signatures.what"), Column.WIDE),
            Heading("count", say("column.number"), Column.COUNT),
            Heading("share", say("column.share"), Column.SHARE),
        ),
        rows=rows, notes=(say("signatures.note"),) if rows else (),
        empty=say("signatures.empty"),
    )  # fmt: skip


def _parts(valid: Iterable[SignatureRow], group: str, attribute: str, say: Words) -> Iterator[Row]:
    counts: Counter[str] = Counter()
    for each in valid:
        counts[getattr(each, attribute) or "none"] += each.signatures
    for word, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        text = say.of(attribute, word)
        yield Row((group, text, count, Share(count / counts.total())))


def _findings(facts: Facts, say: Words) -> Iterator[Row]:
    """Findings that a document may bear beside its verdict: they do not add up."""
    told = Reasons(say)
    issued = sum(
        each.documents for each in facts.verdicts
        if each.document_class == FORMAL and not each.relayed and each.sampled and each.code
    )  # fmt: skip
    counts: Counter[str] = Counter()
    for each in facts.reasons:
        if each.kind == "finding" and each.code:
            counts[each.reason] += each.documents
    for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        share = Share(min(1.0, count / issued)) if issued else None
        yield Row((say("signatures.findings"), told.finding(name), count, share))
