"""Old Office documents (compound files): encrypted, or with a signature nobody verifies here.

A trace of a signature is `indeterminate`, ours, with the finding `format_unsupported`: nothing is
called unsigned that bears a signature, and nothing valid that nobody verified.
"""

from monitor.model import Finding, Kind
from monitor.verify.facts import FileFacts, undecided, unreadable

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = ("_xmlsignatures".encode("utf-16-le"), "_signatures".encode("utf-16-le"))


def is_ole(data: bytes) -> bool:
    """Is it a compound file: an old Office document, or an encrypted new one?"""
    return data[:8] == _OLE


def trace_facts(kind: Kind, data: bytes) -> FileFacts:
    """Facts of a file of a kind that no module verifies."""
    if not is_ole(data):
        return FileFacts(kind)
    if kind is Kind.OOXML:
        return unreadable(kind, Finding.ENCRYPTED)
    if any(stream in data for stream in _STREAMS):
        return undecided(kind, Finding.FORMAT_UNSUPPORTED)
    return FileFacts(kind)
