"""Mail addresses in a SubjectAltName: rfc822Name (RFC 5280 4.2.1.6), SmtpUTF8Mailbox (RFC 9598)."""

from collections.abc import Iterable

from monitor.verify import ber

LONGEST_ADDRESS = 320
"""Characters: 64 in the local part, 255 in the host name (RFC 5321 4.5.3.1)."""
_OTHER_NAME, _RFC822_NAME = 0, 1
_SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9"
_UTF8_STRING = 0x0C


def addresses_of(names: Iterable[tuple[int, bytes]]) -> list[str]:
    """The addresses among general names, each given as tag number and content octets.

    An rfc822Name is ASCII: bytes beyond it make an address that equals no other.
    """
    found = []
    for tag, content in names:
        if tag == _RFC822_NAME:
            found.append(content.decode("ascii", "backslashreplace"))
        elif tag == _OTHER_NAME and (address := _international(content)) is not None:
            found.append(address)
    return found


def _international(content: bytes) -> str | None:
    """The address of an otherName that is an SmtpUTF8Mailbox."""
    try:
        kind, wrapped = ber.read(ber.encode(ber.SEQUENCE, content)).children
        if ber.oid(kind) != _SMTP_UTF8_MAILBOX:
            return None
        (value,) = wrapped.children
        return value.content.decode("utf-8") if value.tag == _UTF8_STRING else None
    except (ber.Malformed, ValueError):
        return None
