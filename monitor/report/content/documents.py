"""What an agency is told to put right: its documents that do not count, one a line."""

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from monitor.clock import VIETNAM, vietnam_day
from monitor.report.content.facts import DocumentRow, Facts
from monitor.report.content.quality import not_drawn
from monitor.report.content.reasons import Reasons, open_still
from monitor.report.model import Cell, Column, Heading, Row, Table
from monitor.report.text import clean
from monitor.report.words import Words

People = Mapping[UUID, tuple[str, str]]
"""Sender and subject by document."""


def tables(facts: Facts, people: People | None, say: Words) -> Iterator[Table]:
    """Those that do not count; apart from them what could not be checked, held against nobody."""
    told = Reasons(say)
    failing = [each for each in facts.documents if not open_still(each.overall, each.cause)]
    still_open = [each for each in facts.documents if open_still(each.overall, each.cause)]
    for id_, rows in (("documents", failing), ("documents_open", still_open)):
        yield Table(
            id=id_, title=say(f"{id_}.title"), sheet=say(f"{id_}.sheet"),
            headings=tuple(_headings(people is not None, say)),
            rows=[
                Row(tuple(_cells(number, each, told, people, say)))
                for number, each in enumerate(rows, 1)
            ],
            notes=(*((say(f"{id_}.note"),) if rows else ()), *not_drawn(facts, say)),
            empty=say("documents.forgotten" if facts.forgotten else f"{id_}.empty"), landscape=True,
        )  # fmt: skip


def _headings(with_people: bool, say: Words) -> Iterable[Heading]:
    yield Heading("ordinal", say("column.ordinal"), Column.ORDINAL)
    yield Heading("number", say("column.document_number"), Column.TEXT)
    yield Heading("issued_on", say("column.issued_on"), Column.DATE)
    yield Heading("sent_on", say("column.sent_on"), Column.DATE)
    yield Heading("sent_time", say("column.sent_time"), Column.TEXT)
    yield Heading("channel", say("column.channel"), Column.TEXT)
    yield Heading("verdict", say("column.verdict"), Column.TEXT)
    yield Heading("reason", say("column.reason"), Column.WIDE)
    yield Heading("what_to_do", say("column.what_to_do"), Column.WIDE)
    yield Heading("hash", say("column.hash"), Column.TEXT)
    if with_people:
        yield Heading("file_name", say("column.file_name"), Column.WIDE)
        yield Heading("sender", say("column.sender"), Column.WIDE)
        yield Heading("subject", say("column.subject"), Column.WIDE)


def _cells(
    number: int, document: DocumentRow, told: Reasons, people: People | None, say: Words
) -> Iterator[Cell]:
    said = told.of_document(document.reasons, document.overall, document.cause)
    yield number
    yield _number(document) or None
    yield document.issued_on
    yield vietnam_day(document.first_at)
    yield f"{document.first_at.astimezone(VIETNAM):%H:%M}"
    yield say.of("channel", document.channel)
    yield told.verdict(document.overall, document.cause, next(iter(document.reasons), None))
    yield said.why
    waits = open_still(document.overall, document.cause)
    yield say("documents_open.wait") if waits else said.what_to_do or None
    yield document.hash
    if people is not None:
        yield document.file_name or None  # many a file is called after the person it is about
        sender, subject = people.get(document.uid, ("", ""))
        yield clean(sender) or None
        yield clean(subject) or None


def _number(document: DocumentRow) -> str:
    """As 12/UBND-VP: the number, and the notation unless the number has it already."""
    if document.notation and document.notation not in document.number:
        joined = document.notation.lstrip("/")
        return f"{document.number}/{joined}" if document.number else joined
    return document.number
