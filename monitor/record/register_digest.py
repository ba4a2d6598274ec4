"""What tells whether a row of a register says what its entry says.

Seals differ each time, so equal texts are known by keyed hashes: an entry's digest is 32 bytes,
eight each of subject, signer and recipients, and of all that the row says. They are made with the
number, so that equal subjects or signers of different entries show nothing, and by the key of the
entry's day, so that a rotation of the key leaves them as they are.
"""

from monitor.record.register_rows import EntryRow
from monitor.record.sealing import Sealer

NOTHING = bytes(8)
"""Of a text that is not there."""


def digest_of(sealer: Sealer, row: EntryRow) -> bytes:
    """The digest of an entry that a row makes."""
    name = f"{row.agency}\n{row.year}\n{row.number_key}"

    def mark(what: str, text: str | None) -> bytes:
        if text is None:
            return NOTHING
        number = sealer.reference(f"register {what}\n{name}\n{text}", row.day)
        return number.to_bytes(8, "big", signed=True)

    everything = "\x1f".join(map(str, row[5:]))  # but file, row, and what the entry is known by
    return (
        mark("subject", row.subject) + mark("signer", row.signer)
        + mark("recipients", row.recipient_names) + mark("all", everything)
    )  # fmt: skip
