"""The tags of a DMARC record one by one, whatever is wrong with any of them.

`monitor/posture/tags.py` refuses a list for one wrong part, as RFC 6376 wants it of keys; of a
DMARC record the other parts hold (RFC 9989 4.7). Text is hostile and of any length: it is read as
far as `MAX_TAGS` go.
"""

from collections.abc import Iterator
from dataclasses import dataclass

BLANKS = " \t\r\n"
MAX_TAGS = 100


@dataclass(frozen=True, slots=True)
class Tag:
    """One part between semicolons. `value` is None where there is no equals sign."""

    name: str
    """As it stands there; the standards differ in whether case matters."""
    value: str | None

    @property
    def printable(self) -> bool:
        """The value holds printable ASCII alone."""
        return self.value is not None and self.value.isascii() and self.value.isprintable()


def read_tags(record: str) -> Iterator[Tag]:
    """The tags in their order; empty parts (`;;`, a final `;`) are left out."""
    for part in record.split(";", MAX_TAGS)[:MAX_TAGS]:
        name, equals, value = part.partition("=")
        if equals or name.strip(BLANKS):
            yield Tag(name.strip(BLANKS), value.strip(BLANKS) if equals else None)
