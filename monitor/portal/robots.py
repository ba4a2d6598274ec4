"""What robots.txt allows (RFC 9309), for the product token `congvu`."""

import math
from dataclasses import dataclass

from protego import Protego

from monitor.portal.wire import MAX_DELAY_SECONDS

AGENT = "congvu"
MAX_BYTES = 512 * 1024
"""RFC 9309 2.5 asks for 500 KiB at least; what follows is not read."""


@dataclass(frozen=True)
class Robots:
    """The rules of one server. Without rules everything is allowed."""

    rules: Protego | None = None
    forbidden: bool = False
    """Nothing may be asked: the rules could not be had (RFC 9309 2.3.1.4)."""

    @classmethod
    def read(cls, body: bytes) -> "Robots":
        """Of a file; a line cut by the limit is left out."""
        cut = body[:MAX_BYTES]
        if len(body) > MAX_BYTES:
            cut = cut.rpartition(b"\n")[0]
        return cls(Protego.parse(cut.decode("utf-8", "replace").lstrip("\ufeff")))

    def allows(self, url: str) -> bool:
        """May this address be asked?"""
        if self.forbidden:
            return False
        return self.rules is None or bool(self.rules.can_fetch(url, AGENT))

    @property
    def delay(self) -> float:
        """Seconds between two requests, bounded; 0 where nothing is said."""
        said = (self.rules.crawl_delay(AGENT) if self.rules else None) or 0.0
        return 0.0 if math.isnan(said) else min(max(said, 0.0), MAX_DELAY_SECONDS)
