"""What is known of a log as a whole: its reader's memory and what was counted."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Self

from monitor.activity.blocks import Block
from monitor.activity.folding import Folded, by_reason
from monitor.activity.lines import Found
from monitor.errors import UserError
from monitor.record import Sealer

SEAL = "log reader"
"""Purpose that a reader's memory is sealed for: it may hold addresses."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counted since the log was first read. All of it goes to the database, as JSON."""

    lines: int = 0
    unknown: int = 0
    failures: int = 0
    overlong: int = 0
    gaps: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    newest: datetime | None = None
    """Newest time-stamp read."""
    reader: str = ""
    """The reader's memory, sealed."""

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Self:
        """What another congvu has written and this one does not know is dropped."""
        known = {each.name for each in fields(cls)}
        kept = {key: each for key, each in value.items() if key in known}
        if kept.get("newest"):
            kept["newest"] = datetime.fromisoformat(kept["newest"])
        return cls(**kept)

    def as_json(self) -> dict[str, Any]:
        newest = self.newest.isoformat() if self.newest else None
        return asdict(self) | {"newest": newest}

    def after(self, block: Block, found: Found, folded: Folded) -> "Totals":
        """With what one block says."""
        more = by_reason(folded.left_out)
        return replace(
            self,
            lines=self.lines + block.lines,
            unknown=self.unknown + found.unknown,
            failures=self.failures + found.failures,
            overlong=self.overlong + block.overlong,
            left_out={key: self.left_out.get(key, 0) + more[key] for key in more},
            newest=max(filter(None, (self.newest, found.newest)), default=None),
        )


def sealed(state: str, sealer: Sealer) -> str:
    """A reader's memory for `Totals.reader`."""
    return base64.b64encode(sealer.seal(state, SEAL) or b"").decode("ascii")


def opened(reader: str, sealer: Sealer) -> str | None:
    """A reader's memory again, `{}` at the beginning; None when no key at hand opens it."""
    if not reader:
        return "{}"
    try:
        return sealer.open(base64.b64decode(reader), SEAL)
    except UserError:
        return None
