"""Whose an edXML message of the exchange axis is: by organ code alone, names prove nothing.

The folder is the axis' own, so what a message says of its sender is believed as far as the axis
checks it (docs/axis.md); what an attached document is worth, its own signatures say.
"""

from datetime import date

from monitor.agencies.agency import Agency
from monitor.agencies.days import day_of
from monitor.agencies.registry import Registry
from monitor.agencies.signers import attribute_documents
from monitor.agencies.view import View
from monitor.model import (
    Attribution,
    AxisFacts,
    AxisKind,
    Direction,
    Examined,
    Finding,
    ItemHeader,
    Organ,
)


def attribute_axis(header: ItemHeader, examined: Examined, registry: Registry) -> Attribution:
    """Sender, receivers and document owners of one edXML message; never raises."""
    received = day_of(header.received_at, date.max)
    facts = examined.axis
    if facts is None:
        documents, findings = attribute_documents(examined.documents, None, registry, received)
        return Attribution(documents=documents, findings=(Finding.AGENCY_UNKNOWN, *findings))
    day = _day(facts, received)
    view = registry.at(day)
    sender = _agency(facts.sender, view)
    receivers = [_agency(organ, view) for organ in facts.receivers]
    documents, findings = attribute_documents(examined.documents, sender, registry, day)
    if sender is None and _should_be_known(facts.sender, view):
        findings = (Finding.AGENCY_UNKNOWN, *findings)
    codes = [agency.code for agency in (*receivers, _issuer(facts, view)) if agency]
    return Attribution(
        direction=_direction(sender, receivers),
        sender_agency=sender.code if sender else None,
        recipient_agencies=tuple(
            code for code in dict.fromkeys(codes) if not sender or code != sender.code
        ),
        receiver_agencies=tuple(agency.code if agency else None for agency in receivers),
        documents=documents,
        findings=findings,
    )


def _day(facts: AxisFacts, received: date) -> date:
    """The day whose agencies count: dispatch, else issue, else receipt; never after receipt."""
    return min(day_of(facts.said_at, facts.issued_on or received), received)


def _agency(organ: Organ, view: View) -> Agency | None:
    return view.by_organ_code(organ.code) if organ.code else None


def _issuer(facts: AxisFacts, view: View) -> Agency | None:
    """A status goes to whoever issued the document, whether it names receivers or not."""
    if facts.kind is not AxisKind.STATUS or facts.answers is None or not facts.answers.organ:
        return None
    return view.by_organ_code(facts.answers.organ)


def _direction(sender: Agency | None, receivers: list[Agency | None]) -> Direction:
    """`internal` only if every receiver is known to be the sender itself."""
    if sender is None:
        return Direction.IN
    inside = all(agency is not None and agency.code == sender.code for agency in receivers)
    return Direction.INTERNAL if receivers and inside else Direction.OUT


def _should_be_known(sender: Organ, view: View) -> bool:
    """One without a code, or below the ministry or province of agencies that are registered."""
    return not sender.code or view.is_below_ours(sender.code)
