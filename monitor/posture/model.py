"""What checks are given and what they give."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from monitor.model import Check, CheckStatus, DkimResult, SpfResult, Text, Value
from monitor.posture.words import Reason

Fact = Annotated[str, Field(max_length=300)]
Evidence = Annotated[str, Field(max_length=1000)]


class Official(Value):
    """What is official: the gateway's names and addresses, its selectors."""

    gateway_hosts: tuple[str, ...] = ()
    gateway_networks: tuple[str, ...] = ()
    """In CIDR notation."""
    selectors: tuple[str, ...] = ()
    validating: bool = False
    """The resolvers validate DNSSEC."""


class CheckResult(Value):
    """What one check of one domain came to."""

    check: Check
    status: CheckStatus
    reason: Reason
    """Why; its sentence and advice stand in monitor/posture/language."""
    facts: dict[str, Fact] = Field(default_factory=dict, max_length=20)
    """What the sentence names, by the name in its braces: printable, bounded, hostile."""
    evidence: tuple[Evidence, ...] = Field((), max_length=20)
    """Records as they were seen, printable, each shortened to 1,000 characters."""


class DomainPosture(Value):
    """All checks of one domain, each exactly once, in the order of `Check`."""

    domain: str
    checked_at: AwareDatetime
    results: tuple[CheckResult, ...]
    questions: int
    """Asked of resolvers, answers out of the cache left out."""


class GatewayTarget(Value):
    """A host of the official gateway (settings `[[gateways]]`)."""

    name: str
    host: str
    port: int
    tls: bool = False
    starttls: bool = True
    ca: str | None = None
    """PEM, read by the parent."""
    server_name: str | None = None
    timeout_seconds: float = 20


class GatewayState(Value):
    """How it answered."""

    name: str
    checked_at: AwareDatetime
    status: CheckStatus
    reason: Reason
    facts: dict[str, Fact] = Field(default_factory=dict, max_length=20)
    certificate_not_after: AwareDatetime | None = None
    """Of the certificate that it showed, trusted or not."""
    up: bool | None = None
    """It took the connection and greeted; of these three None is not known, or not asked for."""
    starttls: bool | None = None
    """It offers STARTTLS, and TLS came of it."""
    certificate_trusted: bool | None = None
    """Its certificate is of the name that was asked for, in force, and its chain is believed."""


class KeyQuestion(Value):
    """One DKIM signature whose key decides (`monitor.model.DkimSignature`)."""

    domain: Text
    selector: Text
    algorithm: str
    digest: str
    signature: str
    below: bool = False


class OriginQuestion(Value):
    """What is to be asked for one message from outside."""

    signatures: tuple[KeyQuestion, ...] = Field((), max_length=10)
    from_domains: tuple[Text, ...] = Field((), max_length=10)
    client: str | None = None
    """Address of who handed it to the gateway; None asks no SPF."""
    helo: Text | None = None
    mail_from: Text = ""


class OriginAnswer(Value):
    """What became of it. Its `unknown` is what a later question may still decide."""

    dkim: tuple[DkimResult, ...] = ()
    """In the order of the signatures."""
    spf: SpfResult | None = None
    aligned_by: str | None = None
    """`dkim` or `spf`: what passes and is aligned with every domain of From; None if nothing is."""
    unknown: bool = False
    """Nothing is aligned, and something that could be was not answered."""
