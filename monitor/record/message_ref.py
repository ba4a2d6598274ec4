"""How a Message-ID is known in the record: what a gateway's log and a captured mail agree on."""

from datetime import date

from monitor.record.sealing import Sealer


def message_ref(sealer: Sealer, message_id: str, day: date) -> int:
    """A keyed 64-bit name of a Message-ID (RFC 5322 section 3.6.4).

    With or without its angle brackets, and whatever its case: gateways log both ways. `day` is
    the message's Vietnam day: what is compared is named by that day's key, so that a new key
    parts no mail from its log line.
    """
    bare = message_id.strip()
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1].strip()
    return sealer.reference(f"message-id:{bare.lower()}", day)
