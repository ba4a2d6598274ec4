"""What the daemon asks of the process for names and what it is told: lines of JSON on two pipes.

The first line is a `Job`. Then each `Request` is answered by one `Reply` of its id, in any order;
a `Reply` without an id says that the process lives, and what it counted.
"""

from typing import Annotated

from pydantic import Field

from monitor.model import Value
from monitor.posture.model import (
    DomainPosture,
    GatewayState,
    GatewayTarget,
    Official,
    OriginAnswer,
    OriginQuestion,
)

MAX_REQUEST_LINE = 256 * 1024
"""A larger question is not put: a DKIM signature with a key of 16,384 bits has 2,732 signs."""
MAX_REPLY_LINE = 8 * 1024 * 1024
"""A posture has some 14 results of 20 facts and 20 pieces of evidence, each sign escaped."""
BEAT_SECONDS = 5.0
"""Between two replies that say that the process lives."""


class Rules(Value):
    """Whom the process asks, and how much it waits and keeps (settings `[dns]`)."""

    resolvers: tuple[tuple[str, int], ...] = ()
    """Address and port."""
    validating: bool = False
    timeout_seconds: float = 3
    tries: int = 3
    concurrency: int = 50
    cache_entries: int = 50_000


class Job(Value):
    """The first line."""

    rules: Rules


class DomainQuestion(Value):
    """Look at one mail domain."""

    domain: str
    official: Official


class Request(Value):
    """One thing to do: exactly one of the three."""

    id: int
    seconds: float
    """It is given up after so many."""
    check: DomainQuestion | None = None
    probe: GatewayTarget | None = None
    origin: OriginQuestion | None = None


class Statistics(Value):
    """What the process has done since it began."""

    questions: dict[Annotated[str, Field(pattern="^[a-z_]{1,20}$")], int] = Field(
        default_factory=dict, max_length=40
    )
    """Put to resolvers, by what became of them: the words of `Found` and `Why`."""
    cached: int = 0
    """Answered without asking anybody."""
    cache_entries: int = 0


class Reply(Value):
    """What became of a request. All three None: it was late, or failed in itself."""

    id: int | None = None
    check: DomainPosture | None = None
    probe: GatewayState | None = None
    origin: OriginAnswer | None = None
    fault: Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]{0,79}$")] | None = None
    """Type of the exception that it failed with."""
    statistics: Statistics | None = None
