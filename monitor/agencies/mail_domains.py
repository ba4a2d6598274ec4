"""Which mail domains are checked, and whose they are (docs/posture.md)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from monitor.agencies.agency import Agency
from monitor.agencies.names import DOMAIN, domain_key
from monitor.agencies.registry import Registry
from monitor.agencies.subaddress import pattern
from monitor.errors import UserError

MAX_DOMAIN = 253
"""Octets of a name that can be asked for (RFC 1035 2.3.4, without the final dot)."""

MailDomains = Mapping[str, tuple[str, ...]]
"""Codes of agencies by domain, both in order; domains are lower-case A-labels."""


def mail_domains(
    registry: Registry,
    day: date,
    more: Mapping[str, Sequence[str]],
    is_freemail: Callable[[str], bool],
) -> MailDomains:
    """The domains of the agencies in force on a Vietnam day.

    An agency's own are those that its entry names, `*.` left out: a wildcard is no name. A domain
    that no entry names is of every agency that has a mailbox there, unless it is free mail. `more`
    are settings (posture.more_domains): of an agency that has ended they are its sole heir's.
    """
    agencies = registry.at(day).agencies.values()
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for agency in agencies:
        for domain in _named(agency):
            owners[domain].add(agency.code)
    for domain, code in [*_of_mailboxes(agencies, frozenset(owners), is_freemail)]:
        owners[domain].add(code)
    for code, domains in more.items():
        if holder := registry.holder(code, day):
            for domain in domains:
                owners[domain_key(domain)].add(holder.code)
    return {
        domain: tuple(sorted(owners[domain])) for domain in sorted(owners) if _can_be_asked(domain)
    }


def check_owners(registry: Registry, more: Mapping[str, Sequence[str]]) -> None:
    """Raises UserError for a code of posture.more_domains that the registry has never had."""
    if unknown := sorted(more.keys() - registry.codes()):
        raise UserError(
            f"posture.more_domains: {', '.join(unknown)}: no such agency in the registry; write "
            "codes that `congvu agencies list` shows"
        )


def _named(agency: Agency) -> Iterable[str]:
    return (domain_key(each) for each in agency.domains if not each.startswith("*."))


def _of_mailboxes(
    agencies: Iterable[Agency], named: frozenset[str], is_freemail: Callable[[str], bool]
) -> Iterable[tuple[str, str]]:
    for agency in agencies:
        for domain in {pattern(address).domain for address in agency.addresses} - named:
            if not is_freemail(domain):
                yield domain, agency.code


def _can_be_asked(domain: str) -> bool:
    return len(domain) <= MAX_DOMAIN and bool(DOMAIN.match(domain))
