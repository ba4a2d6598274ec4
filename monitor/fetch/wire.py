"""What the daemon asks of the fetching process and what it is told: JSON on two pipes.

The process reads one `Job` from standard input to its end. For each result it writes a line of
JSON (`Answer`) and then `size` octets.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Base64Bytes, Field

from monitor.model import Value

MAX_LINE = 64 * 1024
Header = Annotated[str, Field(max_length=1000)]


class Outcome(StrEnum):
    """What became of one address: a closed list, fit for a label."""

    NEW = "new"
    UNCHANGED = "unchanged"
    OLDER = "older"
    HOST_REFUSED = "host_refused"
    ADDRESS_REFUSED = "address_refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REDIRECTS = "redirects"
    STATUS = "status"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    UNKNOWN_CA = "unknown_ca"
    FORGED = "forged"
    FUTURE = "future"
    DIED = "died"
    """The process ended before it answered."""
    NOT_STORED = "not_stored"
    """The folder could not be written."""

    @property
    def good(self) -> bool:
        """Has the address given what it should?"""
        return self in {Outcome.NEW, Outcome.UNCHANGED, Outcome.OLDER}


EXPLAINED = {
    Outcome.HOST_REFUSED: "it leads to a host that is not in fetch.hosts",
    Outcome.ADDRESS_REFUSED: "its host has a private address; is it meant to? fetch.allow_private",
    Outcome.UNREACHABLE: "no connection; is this machine allowed out, is fetch.proxy right?",
    Outcome.TIMEOUT: "no answer in fetch.timeout_seconds",
    Outcome.REDIRECTS: "it leads from one place to the next without end",
    Outcome.STATUS: "the server answers with an error",
    Outcome.TOO_LARGE: "the answer is larger than fetch.max_bytes",
    Outcome.MALFORMED: "the answer is no list, certificate or OCSP response",
    Outcome.UNKNOWN_CA: "no CA of the store signed it; import its CA's certificate",
    Outcome.FORGED: "it bears the name of a CA of the store and is not signed by its key",
    Outcome.FUTURE: "it was issued in the future; is this machine's clock right?",
    Outcome.DIED: "the fetching process ended before it answered",
    Outcome.NOT_STORED: "the folder of the settings cannot be written",
}


class What(StrEnum):
    """What came."""

    CRL = "crl"
    CERTIFICATE = "certificate"
    OCSP = "ocsp"


class Target(Value):
    """One address, and what is known of its last answer (RFC 9110 13.1)."""

    url: str
    etag: Header | None = None
    last_modified: Header | None = None


class Rules(Value):
    """What may be asked, and how much is waited for."""

    hosts: tuple[str, ...]
    allow_private: tuple[str, ...] = ()
    timeout_seconds: float
    max_bytes: int
    proxy: str | None = None


class Job(Value):
    """One call of the process."""

    rules: Rules
    authorities: tuple[Base64Bytes, ...]
    """Certificates (DER) of the store: who may have signed what comes."""
    targets: tuple[Target, ...] = ()
    seek: tuple[Base64Bytes, ...] = ()
    """Things that hold certificates (DER, CMS): find their issuers, lists and OCSP responses."""


class Answer(Value):
    """What became of one address; the object itself (DER) follows."""

    url: Annotated[str, Field(max_length=4096)]
    outcome: Outcome
    what: What | None = None
    size: Annotated[int, Field(ge=0)] = 0
    etag: Header | None = None
    last_modified: Header | None = None
