"""DMARC: records, whose record holds for a domain, where reports may go.

RFC 7489, and RFC 9989 (policy) and 9990 (aggregate reports) of May 2026, which obsolete it.
"""

from monitor.posture.dmarc.walk import Unknown, discover, organisational_domain

__all__ = ["Unknown", "discover", "organisational_domain"]
