"""Whose an item is, and what is recorded of it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from monitor.model.examined import Examined
from monitor.model.items import ItemHeader
from monitor.model.values import Value
from monitor.model.words import (
    Direction,
    DkimResult,
    Finding,
    FreemailWay,
    Origin,
    SignerKind,
    SpfResult,
)


class DocumentAttribution(Value):
    """Whose document it is, in the order of `Examined.documents`."""

    issuer: str | None
    """Code of the issuing agency."""
    signer_agencies: tuple[str | None, ...] = ()
    """Agency of each signature's signer, in the order of `Verdict.signatures`; None if unknown."""
    signer_kinds: tuple[SignerKind | None, ...] = ()
    """What each signer is once the registry has been asked, in the same order."""
    relayed: bool = False
    """Every valid signature belongs to other agencies: outside the ratios, counted apart."""
    paired: bool = False
    """A valid person's and a valid organisation's signature, both of the issuing agency, are there
    (Nghị định 30/2020 Điều 5)."""
    organisation_signed: bool = False
    """A valid organisation's signature of the issuing agency is there: what completes an appendix
    or a copy."""


class OriginEvidence(Value):
    """What the origin of a message rests on: names and results, nothing of its content."""

    dkim: tuple[tuple[str, str, DkimResult], ...] = ()
    """Domain, selector and result of each signature that was looked at."""
    spf: SpfResult | None = None
    """Of the client that handed it to the gateway, for its envelope sender; None if not asked."""
    from_domain: str | None = None
    aligned_by: str | None = None
    """`dkim` or `spf`."""


class FreemailUse(Value):
    """Official correspondence of an agency that goes by free mail."""

    agency: str | None
    """None: it left for free mail, and this copy does not say from whose mailbox."""
    way: FreemailWay
    besides: tuple[str, ...] = ()
    """Of agency None: those that fields which anybody may write name as having sent it on. It is
    not said that it was they, nor any longer that it was whom the message is addressed to."""


class Attribution(Value):
    """Whose message or document an item is."""

    direction: Direction | None = None
    """None for a document item."""
    sender: str | None = None
    """Verified sender address of a message; None when unverified."""
    sender_agency: str | None = None
    recipient_agencies: tuple[str, ...] = ()
    """Agencies other than the sender's that received it."""
    receiver_agencies: tuple[str | None, ...] = ()
    """Of an edXML document: agency of each of its `receivers`, in their order, the sender's own
    included; None if unknown."""
    documents: tuple[DocumentAttribution, ...] = ()
    findings: tuple[Finding, ...] = ()
    claimed_agency: str | None = None
    """Whose domain or address a message from outside claims to be from; None for all other."""
    origin: Origin | None = None
    """None for what is no message."""
    origin_evidence: OriginEvidence | None = None
    origin_due: str | None = None
    """JSON of what is to be asked again because it was not answered; None if nothing is."""
    freemail: tuple[FreemailUse, ...] = ()


class Drawing(Value):
    """Whether an item was drawn for verification, and the rate it was decided at.

    Capture and counting are a census; only verification is sampled (DESIGN "Census and sample").
    """

    rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    drawn: bool = True


class Outcome(Value):
    """What is recorded of one spooled item."""

    header: ItemHeader
    examined: Examined
    attribution: Attribution
    decided_at: datetime
    trust_material: str = ""
    """Fingerprint of the trust material that every child had when it was examined."""
    drawing: Drawing = Drawing()
