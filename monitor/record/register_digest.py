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

    issued, signed, sent = row.issued_on, row.signed_at, row.sent_at
    everything = (
        f"{row.day.toordinal()}\x1f{issued.toordinal() if issued else None}\x1f{row.number}"
        f"\x1f{row.notation}\x1f{row.series}\x1f{row.arrival_number}\x1f{row.document_type}"
        f"\x1f{row.role}\x1f{row.secret}\x1f{row.paper}\x1f{row.status}"
        f"\x1f{signed.timestamp() if signed else None}\x1f{sent.timestamp() if sent else None}"
        f"\x1f{row.recipients}\x1f{row.file_names}\x1f{row.file_hashes}\x1f{row.external_id}"
        f"\x1f{row.subject}\x1f{row.signer}\x1f{row.recipient_names}"
    )
    return (
        mark("subject", row.subject) + mark("signer", row.signer)
        + mark("recipients", row.recipient_names) + mark("all", everything)
    )  # fmt: skip
