"""Who a message says it is from (RFC 5322 3.6.2), and whom else some reader of mail may show.

A From that cannot be read alike by all (`<an@so.gov.vn@evil.test>`, an address within an encoded
word, one with invisible letters) may name no author here and an official on a screen.
"""

import re
import unicodedata
from collections.abc import Sequence

from monitor.extract.words import MAX_RAW, decode_header
from monitor.verify.smime_address import Mailboxes

MAX_MENTIONED = 10
_ADDRESS = re.compile(
    r"[^\s<>()\[\],;:\"\\@\x00-\x1f]{1,200}@[^\s<>()\[\],;:\"\\@\x00-\x1f\ufffd]{1,255}"
)


def mentioned(values: Sequence[bytes], read: Sequence[Mailboxes]) -> tuple[str, ...]:
    """What looks like an address in the From fields, decoded, and is none that was `read` of
    them; a bounded number, lower case. Nothing of a field that every reader reads alike.
    """
    found: dict[str, None] = {}
    for value, mailboxes in zip(values, read, strict=True):
        if mailboxes.clean and mailboxes.addresses:
            continue
        raw = value[:MAX_RAW]
        for text in (raw.decode("utf-8", "replace"), decode_header(raw).text):
            for address in _ADDRESS.findall(unicodedata.normalize("NFKC", text)):
                found.setdefault(address.lower())
    known = {address for mailboxes in read for address in mailboxes.addresses}
    return tuple(each for each in found if each not in known)[:MAX_MENTIONED]
