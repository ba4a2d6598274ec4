"""Base64 as mails carry it (RFC 2045 6.8), and whether every reader makes the same of it.

Decoders skip what is no base64, stop at it, or refuse the whole; some read `-` and `_` as digits.
So octets are common to all of them only up to the first foreign character or the padding.
"""

import binascii
import re

_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CLEAN = re.compile(rb"[A-Za-z0-9+/ \t\r\n]*(?:=[ \t\r\n]*){0,2}")


def from_base64(body: bytes) -> tuple[bytes, bool]:
    """As many octets as can be had, and whether nothing is missing from them.

    Characters that are none of base64 are left out (RFC 2045 6.8).
    """
    padding = body.find(b"=")
    sound = padding < 0 or not body[padding:].strip(b"= \t\r\n")
    try:
        return binascii.a2b_base64(body), sound
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body if padding < 0 else body[:padding])
        whole = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)), False


def one_reading(body: bytes) -> bool:
    """Do all decoders that make anything of a text make the same of it?

    What stands behind the last octet (blanks, a gateway's `--`) changes none.
    """
    data, sound = from_base64(body)
    if sound and not body.translate(None, _DIGITS + b"= \t\r\n"):
        return True
    clean = _CLEAN.match(body)
    return clean is not None and from_base64(clean[0])[0] == data
