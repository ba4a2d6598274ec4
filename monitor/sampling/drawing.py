"""Which items are drawn: a keyed hash of what they are against the rate.

The unit of mail is the message: all copies of one are drawn or none is, on whatever node they come
in. Of files and edXML messages it is what is handed over, by its bytes and whose it is said to be.
Who sends cannot tell whether something will be drawn, and the children, which read it, never see
the secret.
"""

import hashlib

from monitor.model import Drawing, Examined, ItemHeader
from monitor.record import Sealer


def message_key(header: ItemHeader, examined: Examined) -> bytes:
    """Of a mail: its message key; without one a copy stands for itself, as it is recorded."""
    if examined.mail:
        return bytes.fromhex(examined.mail.message_key)
    return hashlib.sha256(header.item_id.encode()).digest()


def file_key(header: ItemHeader, body: bytes) -> bytes:
    """Of a file or edXML message, which needs no child to be told; about 1 ms a MB."""
    agency = header.claim.agency if header.claim else ""
    content = hashlib.sha256(body).hexdigest()
    return hashlib.sha256(f"{header.channel}\n{agency}\n{content}".encode()).digest()


def draw(sealer: Sealer, key: bytes, rate: float) -> Drawing:
    """Whether it is drawn. What is drawn at a rate is drawn at every higher one as well."""
    return Drawing(rate=rate, drawn=sealer.lot(key) < rate)
