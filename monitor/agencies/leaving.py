"""Whose mailbox sent a message on to a free-mail address by itself (docs/freemail.md).

Nothing that a stranger may write accuses an agency. What counts is what Exchange reported, what a
server of ours wrote into the header (above the Received field by which the message entered), whom
our servers were told to deliver to, and what somebody wrote who had logged in, of himself. Where
that shows that a message left for free mail but not from where, the agency is None: it is the only
agency that any copy reached, which all of them tell together (the view `freemail_use`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.agencies.agency import Agency
from monitor.agencies.hops import believed_hops, is_local_program, is_login
from monitor.agencies.names import address_key, domain_key
from monitor.agencies.reported import is_exchanges
from monitor.agencies.srs import rewritten
from monitor.agencies.view import View
from monitor.model import (
    Attribution,
    ForwardMark,
    Hop,
    ItemHeader,
    Journal,
    JournalReport,
    MailFacts,
    Origin,
)
from monitor.settings import MailOrigin

UNKNOWN: frozenset[str | None] = frozenset({None})


@dataclass(frozen=True, slots=True)
class Left:
    """What of a message left for free mail, as far as it is proven."""

    agencies: frozenset[str | None] = frozenset()
    """Codes of those whose mailboxes sent it on; None: it was sent on, nobody says by whom."""
    to: frozenset[str] = frozenset()
    """Free-mail addresses that servers of ours were told to deliver to, for comparison."""
    besides: frozenset[str] = frozenset()
    """Where nobody says by whom: those whom the envelope sender or an unproven mark names."""


class Leaving:
    """One copy of a message, and the questions that are put to it."""

    def __init__(
        self,
        header: ItemHeader,
        facts: MailFacts,
        attribution: Attribution,
        mail_from: str | None,
        view: View,
        free: frozenset[str],
        source: MailOrigin,
    ) -> None:
        """`mail_from` is the envelope sender as far as it is known. `free` are those of the
        addresses in it (`addresses_of`) that are free mail, for comparison.
        """
        self._header, self._facts, self._attribution = header, facts, attribution
        self._mail_from, self._view, self._free, self._source = mail_from, view, free, source
        self._hops = hops_of(header, facts, source)

    def left(self) -> Left:
        if self._header.journal is Journal.EXCHANGE:
            return self._by_report(self._facts.journal)
        reached = self._reached()
        last = self._last_mailbox() if reached else None
        agencies: frozenset[str | None] = frozenset(
            (*self._by_marks(reached), *(last or frozenset()))
        )
        hidden = reached - _keys(self._facts.recipients)
        if last is None and not agencies and hidden and self._attribution.sender_agency is None:
            agencies = self._handed_in_by() if self._is_internal() else UNKNOWN
        return Left(agencies, reached, self._named() if None in agencies else frozenset())

    def _is_internal(self) -> bool:
        return self._attribution.origin is Origin.INTERNAL

    # -- Exchange ------------------------------------------------------------------------------

    def _by_report(self, report: JournalReport | None) -> Left:
        """`Forwarded:` and `Expanded:` name the mailbox or list; what came from outside and reached
        free mail that its author did not name was sent on by somebody.
        """
        if report is None or not is_exchanges(self._header, report, self._source):
            return Left()
        agencies: set[str | None] = set()
        reached: set[str] = set()
        for each in report.recipients:
            if self._free_key(each.address) is None:
                continue
            reached.update(_keys((each.address,)))
            if by := each.forwarded_from or each.expanded_from:
                agencies.update(self._owners((by,)))
            elif not (report.internal or each.named):
                agencies.add(None)
        return Left(frozenset(agencies), frozenset(reached))

    # -- header fields ---------------------------------------------------------------------------

    def _marks(self) -> Sequence[ForwardMark]:
        return self._facts.forwarding.marks if self._facts.forwarding else ()

    def _by_marks(self, reached: frozenset[str]) -> Iterator[str]:
        """What marks say by themselves: a rule's own message, and a resending to free mail."""
        for mark in self._marks():
            if not (mark.by or mark.to):
                yield from self._by_own_rule(reached)
            elif any(map(self._free_key, mark.to)) and self._counts(mark):
                yield from self._owners(mark.by)

    def _counts(self, mark: ForwardMark) -> bool:
        """Did a server of ours write a mark, or somebody who had logged in, of his own mailbox?

        A field was written before every Received above it, and after the next one below. So what
        stands above the entry is ours; what stands right below it came with the submission.
        """
        if mark.hops_above < len(self._hops):
            return True
        if mark.hops_above > len(self._hops) or not self._hops:
            return False
        if is_local_program(self._hops[-1]):
            return True
        submitter = self._submitter()
        return mark.resent and submitter is not None and submitter in self._owners(mark.by)

    def _submitter(self) -> str | None:
        """Agency of the account that handed in a message of somebody else's."""
        if not self._is_internal():
            return None
        envelope = self._header.envelope
        reported = envelope.sender_reported if envelope else None
        agency = self._view.by_address(reported or self._mail_from or "")
        return agency.code if agency else None

    def _by_own_rule(self, reached: frozenset[str]) -> Iterator[str]:
        """A rule of the author's own mailbox wrote a new message: it says so itself."""
        agency = self._attribution.sender_agency
        if agency and (reached or any(map(self._free_key, self._facts.recipients))):
            yield agency

    # -- the way inside --------------------------------------------------------------------------

    def _reached(self) -> frozenset[str]:
        """Free-mail addresses that servers of ours were told to deliver to."""
        header, facts = self._header, self._facts
        told = [hop.recipient for hop in self._hops if hop.recipient]
        told += header.envelope.rcpt_to if header.envelope else ()
        told += facts.delivered_to if header.pulled else ()
        return frozenset(key for each in told if (key := self._free_key(each)))

    def _last_mailbox(self) -> frozenset[str] | None:
        """Of a message that reached free mail: agencies of the mailbox that had it last and led it
        out, empty for one of nobody's; None if nothing says which.

        Mailboxes before that one only led to it.
        """
        mark = next((each for each in self._marks() if each.by and self._counts(each)), None)
        place, agency = self._delivered_first() or (len(self._hops), None)
        if mark and mark.hops_above <= place:
            return frozenset(self._owners(mark.by))
        return frozenset({agency}) if agency else None

    def _delivered_first(self) -> tuple[int, str] | None:
        """Place of the hop that delivered it to an agency's mailbox before one did to free mail."""
        leaving = False
        for place, hop in enumerate(self._hops):  # newest first
            if hop.recipient is None:
                continue
            if self._free_key(hop.recipient):
                leaving = True
            elif leaving and (agency := self._view.by_address(hop.recipient)):
                return place, agency.code
        return None

    def _handed_in_by(self) -> frozenset[str | None]:
        """The mailbox, or the domain that rewrote the sender, that handed in another's message.

        Who logged in wrote it of himself. A server of an internal network that redirects may leave
        the sender as a stranger wrote it: then it names nobody.
        """
        agency = self._agency_of_sender()
        if agency is None:
            return frozenset()
        return frozenset({agency.code}) if self._hops and is_login(self._hops[-1]) else UNKNOWN

    def _agency_of_sender(self) -> Agency | None:
        if srs := rewritten(self._mail_from or ""):
            return self._view.by_domain(domain_key(srs.forwarder))
        return self._view.by_address(self._mail_from or "")

    def _named(self) -> frozenset[str]:
        """Whom anything in the message names as having sent it on."""
        agencies = self._owners(address for mark in self._marks() for address in mark.by)
        handed_in = self._agency_of_sender()
        return frozenset(agencies | ({handed_in.code} if handed_in else set()))

    # -- addresses -------------------------------------------------------------------------------

    def _free_key(self, address: str) -> str | None:
        key = address_key(address)
        return key if key in self._free else None

    def _owners(self, addresses: Iterable[str]) -> set[str]:
        found = (self._view.by_address(address) for address in addresses)
        return {agency.code for agency in found if agency}


def hops_of(header: ItemHeader, facts: MailFacts, source: MailOrigin) -> Sequence[Hop]:
    """The believed hops; of a journaled message none, its report tells."""
    if header.journal is Journal.EXCHANGE:
        return ()
    peer = None if header.pulled or header.envelope is None else header.envelope.peer
    return believed_hops(facts.hops, peer, source)


def addresses_of(header: ItemHeader, facts: MailFacts) -> Iterator[str]:
    """Every address that may be asked about."""
    yield from facts.recipients
    yield from (hop.recipient for hop in facts.hops if hop.recipient)
    yield from header.envelope.rcpt_to if header.envelope else ()
    yield from facts.delivered_to
    for mark in facts.forwarding.marks if facts.forwarding else ():
        yield from mark.to


def _keys(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(key for each in addresses if (key := address_key(each)))
