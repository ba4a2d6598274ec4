"""How a Message-ID is known in the record: what a gateway's log and a captured mail agree on."""

from monitor.record.sealing import Sealer


def message_ref(sealer: Sealer, message_id: str) -> int:
    """A keyed 64-bit name of a Message-ID (RFC 5322 section 3.6.4).

    With or without its angle brackets, and whatever its case: gateways log both ways.
    """
    bare = message_id.strip()
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1].strip()
    return sealer.pseudonym(f"message-id:{bare}")
