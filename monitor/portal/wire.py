"""What the daemon asks of the portal process and what it is told: JSON on two pipes.

The process reads one `Job` from standard input to its end. For each address it writes a line of
JSON (`Answer`) and then `size` octets: the document, or for a page `Links` as JSON.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from monitor.fetch.wire import Header, Rules
from monitor.model import Value

MAX_LINE = 64 * 1024
MAX_URL = 2000
MAX_LINKS_BYTES = 16 * 1024 * 1024
MAX_DELAY_SECONDS = 600.0
"""A Crawl-delay beyond it is read as this."""

Address = Annotated[str, Field(max_length=MAX_URL)]
FileName = Annotated[str, Field(max_length=1000)]


def remembered(max_pages: int) -> int:
    """How many addresses are kept from round to round, beside those that were asked."""
    return 2 * max_pages + 1000


class Outcome(StrEnum):
    """What became of one address: a closed list, fit for a label."""

    ASKING = "asking"
    """Not an outcome yet: it is asked now, or waited for."""
    DOCUMENT = "document"
    PAGE = "page"
    UNCHANGED = "unchanged"
    REDIRECTED = "redirected"
    OTHER_TYPE = "other_type"
    TOO_LARGE = "too_large"
    NOT_FOUND = "not_found"
    STATUS = "status"
    BUSY = "busy"
    MALFORMED = "malformed"
    ROBOTS = "robots"
    HOST_REFUSED = "host_refused"
    ADDRESS_REFUSED = "address_refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REDIRECTS = "redirects"
    GIVEN_UP = "given_up"
    LIMIT = "limit"
    DIED = "died"

    @property
    def good(self) -> bool:
        """Has the address given something that a portal gives?"""
        return self in _GOOD

    @property
    def failed(self) -> bool:
        """Should somebody look, if it stays so?"""
        return self in _FAILED

    @property
    def answered(self) -> bool:
        """Was a request sent for it that has ended?"""
        return self not in _NOT_ASKED


_GOOD = frozenset({Outcome.DOCUMENT, Outcome.PAGE, Outcome.UNCHANGED, Outcome.REDIRECTED})
_FAILED = frozenset({
    Outcome.STATUS, Outcome.BUSY, Outcome.MALFORMED, Outcome.ADDRESS_REFUSED, Outcome.UNREACHABLE,
    Outcome.TIMEOUT, Outcome.REDIRECTS, Outcome.GIVEN_UP, Outcome.DIED,
})  # fmt: skip
_NOT_ASKED = frozenset({
    Outcome.ASKING, Outcome.ROBOTS, Outcome.HOST_REFUSED, Outcome.GIVEN_UP, Outcome.LIMIT,
})  # fmt: skip

EXPLAINED = {
    Outcome.DOCUMENT: "a document",
    Outcome.PAGE: "a page, feed or sitemap",
    Outcome.UNCHANGED: "not changed since it was asked last",
    Outcome.REDIRECTED: "leads to another address, which is asked in its place",
    Outcome.OTHER_TYPE: "neither a document nor a page by its content",
    Outcome.TOO_LARGE: "larger than max_bytes (a page: 8 MiB); raise max_bytes if it is a document",
    Outcome.NOT_FOUND: "the portal says that there is nothing",
    Outcome.STATUS: "the server answers with an error; robots.txt with an error forbids the host",
    Outcome.BUSY: "the server asks to be left alone for now",
    Outcome.MALFORMED: "cannot be read: broken XML or compression, or declarations of a DTD",
    Outcome.ROBOTS: "robots.txt forbids it, or could not be had; ask the owner, or robots = false",
    Outcome.HOST_REFUSED: "leads to a host that is not in hosts; add it if it is the agency's",
    Outcome.ADDRESS_REFUSED: "its host has a private address; add it to allow_private if meant",
    Outcome.UNREACHABLE: "no connection, or it broke, or its certificate is not trusted",
    Outcome.TIMEOUT: "not whole within timeout_seconds",
    Outcome.REDIRECTS: "leads from one place to the next without end",
    Outcome.GIVEN_UP: "its host failed again and again and is left alone until the next round",
    Outcome.LIMIT: "max_pages is reached; what was not asked comes first in the next round",
    Outcome.DIED: "the process ended over it; it is left out for a day",
}  # fmt: skip


class Link(Value):
    """One address that something led to."""

    url: Address
    depth: Annotated[int, Field(ge=0, le=20)] = 0
    """Links followed from a start."""
    likely: bool = False
    """Does it look like a document's, before it is asked?"""
    hops: Annotated[int, Field(ge=0, le=20)] = 0
    """Redirects and nested sitemaps on the way."""


class Links(Value):
    """What a page leads to that nothing before it in the round did."""

    links: tuple[Link, ...] = ()
    whole: bool = True
    """False where some were left out for their number."""


class Known(Link):
    """An address of earlier rounds."""

    parent: Address | None = None
    """What led to it first; None for a start."""
    etag: Header | None = None
    last_modified: Header | None = None
    asked: float = 0
    """When it was asked last, seconds since 1970."""
    rests: bool = False
    """Not to be asked in this round."""
    document: bool = False
    """Asked although nothing leads to it any more."""


class Job(Value):
    """One round of one portal."""

    rules: Rules
    starts: tuple[str, ...]
    depth: int
    max_pages: int
    delay_seconds: float
    robots: bool = True
    known: tuple[Known, ...] = ()


class Answer(Value):
    """What became of one address."""

    url: Annotated[str, Field(max_length=4096)]
    outcome: Outcome
    parent: Annotated[str, Field(max_length=4096)] | None = None
    depth: Annotated[int, Field(ge=0, le=20)] = 0
    hops: Annotated[int, Field(ge=0, le=20)] = 0
    size: Annotated[int, Field(ge=0)] = 0
    file_name: FileName | None = None
    etag: Header | None = None
    last_modified: Header | None = None
    number: Annotated[int, Field(ge=0, le=2**62)] | None = None
    """What the server said: its status, the size of what is too large. Of LIMIT and ROBOTS without
    an address, how many were not asked."""
