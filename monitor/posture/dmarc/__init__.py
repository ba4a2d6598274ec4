"""DMARC: records, whose record holds for a domain, where reports may go.

RFC 7489, and RFC 9989 (policy) and 9990 (aggregate reports) of May 2026, which obsolete it.
"""

from monitor.posture.dmarc.destinations import Destination, destination, permit_name
from monitor.posture.dmarc.record import Fault, Flaw, Policy, Record
from monitor.posture.dmarc.walk import Discovery, Unknown, discover, organisational_domain

__all__ = [
    "Destination",
    "Discovery",
    "Fault",
    "Flaw",
    "Policy",
    "Record",
    "Unknown",
    "destination",
    "discover",
    "organisational_domain",
    "permit_name",
]
