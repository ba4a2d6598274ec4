"""Official correspondence that goes by free mail: the rules (docs/freemail.md).

Pure: a message, whose it is, the registry's view of its day and the list in force. Called once the
origin is what it is known to be by then; `proven` drops what a later answer refutes.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from monitor.agencies.freemail_list import FreemailList
from monitor.agencies.leaving import Leaving, Left, addresses_of
from monitor.agencies.names import address_key
from monitor.agencies.view import View
from monitor.model import (
    Attribution,
    Direction,
    Examined,
    Finding,
    FreemailUse,
    FreemailWay,
    ItemHeader,
    Journal,
    MailFacts,
    Origin,
)
from monitor.settings import MailOrigin

MAX_ADDRESSES = 10_000
"""Of one message; the header itself is bounded in the child."""


def freemail_uses(
    header: ItemHeader,
    examined: Examined,
    attribution: Attribution,
    mail_from: str | None,
    view: View,
    listed: FreemailList,
    source: MailOrigin,
) -> tuple[FreemailUse, ...]:
    """Which agencies used free mail in this copy of a message, and how; never raises.

    `mail_from` is the envelope sender as far as it is known.
    """
    facts = examined.mail
    if facts is None:
        return ()
    free = frozenset(
        key
        for address in islice(addresses_of(header, facts), MAX_ADDRESSES)
        if (key := address_key(address)) and listed.is_free(address, view)
    )
    left = Leaving(header, facts, attribution, mail_from, view, free, source).left()
    uses = set(_forwarded(facts, left))
    # Who writes to his own agency, and hides a free-mail address beside it, writes outside.
    if not facts.automatic and (attribution.direction is not Direction.INTERNAL or left.to):
        authors = [each for each in facts.from_addresses if listed.is_free(each, view)]
        uses.update(_from_own_address(authors, attribution, view))
        if examined.attached:
            uses.update(_to(header, facts, attribution, left, free))
            uses.update(_from(authors, attribution))
    return tuple(sorted(uses, key=lambda use: (use.agency or "", use.way)))


def with_freemail(attribution: Attribution, uses: tuple[FreemailUse, ...]) -> Attribution:
    """The attribution with these uses, and the finding where a mailbox sends its mail on.

    Who may have sent a message on has got it: so where several may, none is taken for the only one.
    """
    if not uses:
        return attribution
    findings = attribution.findings
    if any(use.way is FreemailWay.FORWARDED for use in uses):
        findings = (*findings, Finding.FORWARDED_PRIVATELY)
    got = dict.fromkeys(attribution.recipient_agencies)
    got |= dict.fromkeys(code for use in uses for code in use.besides)
    return attribution.model_copy(
        update={"freemail": uses, "findings": findings, "recipient_agencies": tuple(got)}
    )


def proven(uses: Iterable[FreemailUse], origin: Origin) -> tuple[FreemailUse, ...]:
    """What stays of the uses once the origin is known: who did not write it used no account."""
    return tuple(
        use for use in uses if not (use.way is FreemailWay.ACCOUNT and origin is Origin.UNALIGNED)
    )


def _forwarded(facts: MailFacts, left: Left) -> Iterator[FreemailUse]:
    """Also of what is automatic for no other reason than that it was sent on."""
    otherwise = facts.forwarding.otherwise_automatic if facts.forwarding else facts.automatic
    if not (facts.automatic and otherwise):
        for agency in left.agencies:
            besides = () if agency else tuple(sorted(left.besides))
            yield FreemailUse(agency=agency, way=FreemailWay.FORWARDED, besides=besides)


def _to(
    header: ItemHeader,
    facts: MailFacts,
    attribution: Attribution,
    left: Left,
    free: frozenset[str],
) -> Iterator[FreemailUse]:
    """An agency's own mail to a free-mail address, named in the header or only in the envelope.

    Where a mailbox sent it on, those that it went to then were not the author's choice. A journal
    report tells of them among the others.
    """
    if attribution.sender_agency is None:
        return
    named = {key for address in facts.recipients if (key := address_key(address)) in free}
    if not left.agencies:
        named |= left.to
    elif header.journal is Journal.EXCHANGE:
        named -= _sent_on(facts)
    if named:
        yield FreemailUse(agency=attribution.sender_agency, way=FreemailWay.TO)


def _sent_on(facts: MailFacts) -> set[str]:
    recipients = facts.journal.recipients if facts.journal else ()
    return {
        key
        for each in recipients
        if (each.forwarded_from or each.expanded_from) and (key := address_key(each.address))
    }


def _from(authors: list[str], attribution: Attribution) -> Iterator[FreemailUse]:
    """A free-mail address, as far as it says so itself, to agencies' accounts."""
    if authors:
        for agency in attribution.recipient_agencies:
            yield FreemailUse(agency=agency, way=FreemailWay.FROM)


def _from_own_address(
    authors: list[str], attribution: Attribution, view: View
) -> Iterator[FreemailUse]:
    """An agency known to write from a free-mail address, unless it is proven not to be it.

    What was handed in inside did not come from free mail: that it is in the name of an agency's
    address there counts if the agency is proven to have written it.
    """
    if attribution.origin is Origin.UNALIGNED:
        return
    for author in authors:
        agency = view.by_address(author)
        if agency is None or not view.has_mailbox(agency, author):
            continue
        if attribution.origin is not Origin.INTERNAL or agency.code == attribution.sender_agency:
            yield FreemailUse(agency=agency.code, way=FreemailWay.ACCOUNT)
