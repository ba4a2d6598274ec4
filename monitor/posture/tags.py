"""Lists of tags as records of DKIM, DMARC, MTA-STS and TLS-RPT bear them (RFC 6376 3.2).

Text of a record is one character an octet, hostile, of any length: a list is read as far as
`MAX_TAGS` go.
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
