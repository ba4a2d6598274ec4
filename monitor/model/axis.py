"""What an edXML message says (QCVN 102:2016/BTTTT), as far as it could be read."""

from datetime import date

from pydantic import AwareDatetime

from monitor.model.values import Text, Value
from monitor.model.words import AxisKind, AxisStatus, Business, Finding


class Organ(Value):
    """An agency as a message names it: untrusted text."""

    code: Text | None = None
    """OrganId in whichever scheme (`000.20.31.H53`, `H53.31.20`), upper case."""
    name: Text | None = None


class AxisReference(Value):
    """Another document that a message speaks of (ResponseFor, revoked or replaced documents)."""

    organ: Text | None = None
    """OrganId of the agency that issued it."""
    document_id: Text | None = None
    code: Text | None = None
    """Number and notation in one, as `7816/VPCP-TTĐT`."""
    issued_on: date | None = None


class AxisFacts(Value):
    """The header of one edXML message: a document that is sent, or a status of one."""

    kind: AxisKind
    sender: Organ = Organ()
    receivers: tuple[Organ, ...] = ()
    document_id: Text | None = None
    number: Text | None = None
    notation: Text | None = None
    issued_on: date | None = None
    document_type: Text | None = None
    subject: Text | None = None
    signer: Text | None = None
    """Competence, position and name in one line."""
    due_on: date | None = None
    business: Business | None = None
    """None where it says nothing that is known; most such are new documents."""
    concerns: tuple[AxisReference, ...] = ()
    """Documents that this one revokes, updates or replaces."""
    paper: bool | None = None
    """Paper is sent as well; None where it does not say."""
    appendixes: tuple[Text, ...] = ()
    answers: AxisReference | None = None
    """ResponseFor: of a status the document that it is about."""
    status: AxisStatus | None = None
    status_code: Text | None = None
    """As written."""
    said_at: AwareDatetime | None = None
    """Time-stamp of a status; of a document the newest of its trace. Without an offset it is
    Vietnam time (Quyết định 28/2018)."""
    attachments: tuple[Text, ...] = ()
    """Names in the manifest, whether they are there or not; without one those of the files."""
    findings: tuple[Finding, ...] = ()
