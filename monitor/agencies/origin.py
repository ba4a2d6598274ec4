"""Where a message comes from: what the gateway's own headers decide, what has to be asked, and what
the answer makes of it (docs/decisions/0029-origin.md). Nothing is asked here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import chain

from pydantic import AwareDatetime

from monitor.agencies.agency import Agency
from monitor.agencies.freemail import proven
from monitor.agencies.hops import address_of, has_no_client, is_trusted, taken_hops
from monitor.agencies.names import MAX_DOMAIN, domain_key, mapped_domain
from monitor.agencies.reported import is_exchanges
from monitor.agencies.view import View
from monitor.model import (
    Attribution,
    DkimResult,
    DkimSignature,
    Examined,
    Finding,
    ItemHeader,
    Journal,
    MailFacts,
    Origin,
    OriginEvidence,
    SpfResult,
    Text,
    Value,
)
from monitor.settings import MailOrigin

MAX_AUTHORS = 10
"""Domains of From that are looked at; a message with more is proven by nothing."""
MAX_CLAIMS = 100
"""Authors whose domains are looked for by more than their letters."""
KEYS_STAY = timedelta(days=7)
"""A key may be taken away once all mail that it signed has arrived. What entered longer ago and has
no proof any more may have had one."""
NOT_PUBLIC = tuple(
    ip_network(each)
    for each in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
        "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip
"""RFC 1918, 6598, 1122, 3927, 4193, 4291."""
MAX_LOCAL = 320
NOBODY = "nobody@invalid"
_DOMAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+")
_SPOOF_FINDINGS = frozenset({Finding.SENDER_SPOOFED, Finding.ORIGIN_UNCHECKED})


class Asking(Value):
    """What decides the origin of one message from outside."""

    signatures: tuple[DkimSignature, ...]
    """All that it bears."""
    decided: tuple[DkimResult | None, ...]
    """What the message alone says of each, in their order; None has to be asked for."""
    from_domains: tuple[Text, ...]
    client: str | None
    """Address of who handed it to the gateway; None if no believed header tells."""
    helo: Text | None
    mail_from: Text
    entered_at: AwareDatetime
    whole: bool
    """False: the body was too large to be kept, so no signature can be checked."""
    handed_in_again: bool = False
    """By a program of the gateway: the envelope sender may be another than the client named."""

    @property
    def open(self) -> tuple[DkimSignature, ...]:
        """Signatures that a key decides."""
        pairs = zip(self.signatures, self.decided, strict=True)
        return tuple(each for each, result in pairs if result is None)

    @property
    def answerable(self) -> bool:
        """Is there anything that a name could say?"""
        return bool(self.from_domains) and bool(self.open or self.client)


@dataclass(frozen=True, slots=True)
class Answered:
    """What names said (`monitor.posture.model.OriginAnswer`); nothing for what was not asked."""

    dkim: Sequence[DkimResult] = ()
    """Of the open signatures, in their order."""
    spf: SpfResult | None = None
    aligned_by: str | None = None
    unknown: bool = True


UNASKED = Answered()


def claimed_agency(facts: MailFacts, view: View) -> str | None:
    """Code of the agency whose domain or address a From claims; of several authors the first.

    Where it names nobody, Sender is what is shown (RFC 5322 3.6.2).
    """
    written = facts.from_mentioned + facts.from_addresses
    if not written and facts.sender_address:
        written = (facts.sender_address,)
    held = (view.by_address(address) for address in written)
    nearly = (_nearly(address, view) for address in written[:MAX_CLAIMS])
    return next((agency.code for agency in chain(held, nearly) if agency), None)


def _nearly(address: str, view: View) -> Agency | None:
    """Who holds the nearest domain above: a name below one's own is nobody else's. So is a name
    that is only shown and delivered as theirs.
    """
    domain = address.rpartition("@")[2]
    return view.above(domain_key(mapped_domain(domain))) if len(domain) <= MAX_DOMAIN else None


def asking(
    header: ItemHeader, examined: Examined, mail_from: str | None, source: MailOrigin
) -> Asking | None:
    """What is to be asked for a message from outside; None where nothing of it could be read.

    `mail_from` is the envelope sender as far as it is known, empty for the null one.
    """
    facts = examined.mail
    if facts is None:
        return None
    peer = None if header.pulled or header.envelope is None else header.envelope.peer
    report = facts.journal
    # A report that a stranger wrote has a header that he wrote, the gateway's own fields included.
    believed = report is not None and is_exchanges(header, report, source)
    hops = facts.hops if header.journal is not Journal.EXCHANGE or believed else ()
    taken = taken_hops(hops, peer, source)
    entry = taken[-1] if taken else None
    entered = min(entry.at, header.received_at) if entry and entry.at else header.received_at
    client = address_of(entry.from_address) if entry else None
    if client is not None and is_trusted(client, source):
        client = None
    return Asking(
        signatures=facts.dkim,
        decided=tuple(_decided(each, entered, whole=not header.oversize) for each in facts.dkim),
        from_domains=_authors((*facts.from_addresses, *facts.from_mentioned)),
        client=client if mail_from is not None else None,
        helo=_domain(entry.from_host or "") if entry else None,
        mail_from=_sender(mail_from or ""),
        entered_at=entered,
        whole=not header.oversize,
        handed_in_again=any(map(has_no_client, taken)),
    )


def _sender(address: str) -> str:
    """The envelope sender with its domain in the form for comparison; one that has none is of a
    domain that nobody has (RFC 2606 2), for empty would be the null sender.
    """
    if not address:
        return ""
    local, _, domain = address.rpartition("@")
    key = _domain(domain)
    return f"{local}@{key}" if key and len(local) <= MAX_LOCAL else NOBODY


def _domain(name: str) -> str | None:
    """In its form for comparison; None for what is no domain."""
    if len(name) > MAX_DOMAIN:
        return None
    key = domain_key(name)
    return key if len(key) <= MAX_DOMAIN and _DOMAIN.fullmatch(key) else None


def _authors(addresses: Sequence[str]) -> tuple[str, ...]:
    """Domains of From in their form for comparison; empty if one of them is none."""
    domains = [_domain(address.rpartition("@")[2]) for address in addresses]
    found = tuple(dict.fromkeys(each for each in domains if each))
    return found if None not in domains and len(found) <= MAX_AUTHORS else ()


def _decided(signature: DkimSignature, entered: datetime, *, whole: bool) -> DkimResult | None:
    if not signature.readable or not whole:
        return DkimResult.NEUTRAL
    if not signature.body_intact:
        return DkimResult.FAIL
    if signature.partial or (signature.expires and signature.expires < entered):
        return DkimResult.POLICY
    return None


def concluded(
    attribution: Attribution, asked: Asking, answered: Answered, now: datetime
) -> Attribution:
    """The attribution of a message from outside with its origin, evidence and findings."""
    origin = origin_of(asked, answered, now)
    return attribution.model_copy(
        update={
            "origin": origin,
            "origin_evidence": evidence(asked, answered),
            "findings": with_finding(attribution.findings, attribution.claimed_agency, origin),
            "freemail": proven(attribution.freemail, origin),
        }
    )


def evidence(asked: Asking, answered: Answered) -> OriginEvidence:
    """Names and results, none of them a person's."""
    answers = iter(answered.dkim)
    results = (
        next(answers, DkimResult.TEMPERROR) if result is None else result
        for result in asked.decided
    )
    return OriginEvidence(
        dkim=tuple(
            (each.domain, each.selector, result)
            for each, result in zip(asked.signatures, results, strict=True)
        ),
        spf=answered.spf,
        from_domain=asked.from_domains[0] if asked.from_domains else None,
        aligned_by=answered.aligned_by,
    )


def origin_of(asked: Asking, answered: Answered, now: datetime) -> Origin:
    """Nothing that could have been checked, or a check too late, is no proof of anything."""
    if answered.aligned_by:
        return Origin.ALIGNED
    if answered.unknown and asked.answerable:
        return Origin.UNKNOWN
    unread = asked.signatures and not asked.whole
    too_late = now - asked.entered_at > KEYS_STAY
    unseen = not _is_public(asked.client) and (not asked.signatures or _spf_might(asked))
    unseen = unseen or asked.handed_in_again
    return Origin.UNKNOWN if unread or too_late or unseen else Origin.UNALIGNED


def _spf_might(asked: Asking) -> bool:
    """Might SPF of whoever handed it to a server in between have proven it? Only where the envelope
    may be of the authors' organisation, which has two labels in common at least.
    """
    sender = asked.mail_from.rpartition("@")[2].split(".")[-2:]
    related = all(author.split(".")[-2:] == sender for author in asked.from_domains)
    return bool(asked.from_domains) and (related or not asked.mail_from)


def _is_public(client: str | None) -> bool:
    """Is it an address that SPF can refuse? Records of the public DNS say nothing of the others, by
    which agencies' own servers and networks of the State reach the gateway.
    """
    return client is not None and not any(ip_address(client) in network for network in NOT_PUBLIC)


def with_finding(
    findings: Sequence[Finding], claimed: str | None, origin: Origin
) -> tuple[Finding, ...]:
    """The findings with what the origin says of a message that claims an agency."""
    kept = tuple(each for each in findings if each not in _SPOOF_FINDINGS)
    said = FINDING_OF.get(origin) if claimed else None
    return (*kept, said) if said else kept


FINDING_OF: Mapping[Origin, Finding] = {
    Origin.UNALIGNED: Finding.SENDER_SPOOFED,
    Origin.UNKNOWN: Finding.ORIGIN_UNCHECKED,
}
