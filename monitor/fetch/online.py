"""What signatures lack, fetched once: for `congvu verify --online`."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor import material
from monitor.fetch import process
from monitor.fetch.fetcher import addresses, rules_of
from monitor.fetch.wire import Job, Outcome, Target, What
from monitor.model import TrustMaterial
from monitor.settings import Settings

_MAX_ADDRESSES = 60


@dataclass(frozen=True, slots=True)
class Fetched:
    """Trust material with what was found, and what became of each address that was asked."""

    material: TrustMaterial
    outcomes: tuple[tuple[str, Outcome], ...]


async def online(trust: TrustMaterial, holders: Sequence[bytes], settings: Settings) -> Fetched:
    """The material and what could be fetched for the certificates in `holders` (DER, CMS).

    Asks only hosts of `fetch.hosts`, whether or not the daemon fetches. Anchors are never added:
    what is found completes chains and says who is revoked.
    """
    fetch = settings.fetch
    job = Job.model_construct(
        rules=rules_of(fetch),
        authorities=(*(a.certificate for a in trust.anchors), *trust.intermediates),
        targets=tuple(Target(url=url) for url in addresses(fetch, material.load(settings.verify))),
        seek=tuple(holders),
    )
    found: dict[What, list[bytes]] = {what: [] for what in What}
    outcomes: list[tuple[str, Outcome]] = []
    try:
        async for answer, body in process.run(job, fetch.timeout_seconds * _MAX_ADDRESSES):
            outcomes.append((answer.url, answer.outcome))
            if answer.what is not None:
                found[answer.what].append(body)
    except process.ProcessDied:
        outcomes.append(("", Outcome.DIED))
    return Fetched(_extended(trust, found), tuple(outcomes))


def _extended(trust: TrustMaterial, found: dict[What, list[bytes]]) -> TrustMaterial:
    return trust.model_copy(
        update={
            "intermediates": _joined(trust.intermediates, found[What.CERTIFICATE]),
            "crls": _joined(trust.crls, found[What.CRL]),
            "ocsps": _joined(trust.ocsps, found[What.OCSP]),
        }
    )


def _joined(had: tuple[bytes, ...], new: list[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys((*had, *new)))
