"""Does what passed speak for the domains that a message claims to be from (RFC 7489 3.1, RFC 9989)?

Answers are True, False or None for what could not be asked; None is neither of the others, and wins
over neither: something that holds is not undone by a silent name beside it.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Literal

from monitor.posture.dmarc import Unknown, discover, organisational_domain
from monitor.posture.names import Names

Mode = Literal["adkim", "aspf"]
"""The tag of DMARC that makes alignment strict."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A domain that something speaks for; `holds` is None if that could not be checked."""

    domain: str
    holds: bool | None


async def all_aligned(
    names: Names, proofs: Iterable[Proof], authors: Iterable[str], mode: Mode
) -> bool | None:
    """Is every domain of From spoken for by one of the proofs? Domains are A-labels, lower case."""
    hopeful = [proof for proof in proofs if proof.holds is not False]
    found: bool | None = True
    for author in dict.fromkeys(authors):
        one = await _any(_each(names, hopeful, author, mode))
        if one is False:
            return False
        found = found if one else None
    return found


async def _any(values: AsyncIterator[bool | None]) -> bool | None:
    found: bool | None = False
    async for value in values:
        if value:
            return True
        found = found if value is False else None
    return found


async def _each(
    names: Names, proofs: list[Proof], author: str, mode: Mode
) -> AsyncIterator[bool | None]:
    for proof in proofs:
        aligned = await is_aligned(names, proof.domain, author, mode)
        yield proof.holds if aligned else aligned


async def is_aligned(names: Names, domain: str, author: str, mode: Mode) -> bool | None:
    """Does `domain` speak for `author`, the domain of a From?

    Where neither says which organisation it is of, one that is below the other is taken for a part
    of it: that is what the public suffix list of RFC 7489 3.2 comes to among names of one owner.
    """
    if domain == author:
        return True
    if domain.rpartition(".")[2] != author.rpartition(".")[2]:
        return False
    policy = await discover(names, author)
    if isinstance(policy, Unknown):
        return None
    if policy.record is None:
        return _within(author, domain) or _within(domain, author)
    if getattr(policy.record, mode) == "s":
        return False
    return await _same_organisation(names, domain, author)


async def _same_organisation(names: Names, domain: str, author: str) -> bool | None:
    ours = await organisational_domain(names, author)
    if isinstance(ours, Unknown):
        return None
    if not _within(domain, ours):
        return False
    theirs = await organisational_domain(names, domain)
    return None if isinstance(theirs, Unknown) else ours == theirs


def _within(domain: str, above: str) -> bool:
    return f".{domain}".endswith(f".{above}")
