"""Formats whose signatures are not judged yet: is there a trace of one, and does the file open?

A trace is `indeterminate`, ours, with the finding `format_unsupported`: nothing is called
unsigned that bears a signature, and nothing valid that nobody verified.
"""

import re

from lxml import etree

from monitor.model import Finding, Kind, Verdict
from monitor.verify import verdict
from monitor.verify.sniff import XMLDSIG, entry_names

_OFFICE = re.compile(r"^/?_xmlsignatures/.+", re.IGNORECASE)
_META = re.compile(r"^META-INF/.*(signature|timestamp|evidencerecord).*", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = ("_xmlsignatures".encode("utf-16-le"), "_signatures".encode("utf-16-le"))


def judge(path: str, kind: Kind, data: bytes) -> Verdict:
    """Verdict of a file of a kind that no module verifies."""
    if is_ole(data):
        return _ole(path, kind, data)
    if kind in {Kind.OOXML, Kind.ODF, Kind.ASIC}:
        return _container(path, kind, data)
    if kind in {Kind.XMLDSIG, Kind.EDXML}:
        return _xml(path, kind, data)
    return verdict.unsigned(path, kind)


def is_ole(data: bytes) -> bool:
    """Is it a compound file: an old Office document, or an encrypted new one?"""
    return data[:8] == _OLE


def _ole(path: str, kind: Kind, data: bytes) -> Verdict:
    if kind is Kind.OOXML:
        return verdict.unreadable(path, kind, Finding.ENCRYPTED)
    if any(stream in data for stream in _OLE_STREAMS):
        return verdict.undecided(path, kind, Finding.FORMAT_UNSUPPORTED)
    return verdict.unsigned(path, kind)


def _container(path: str, kind: Kind, data: bytes) -> Verdict:
    names = entry_names(data)
    if names is None:
        return verdict.unreadable(path, kind, Finding.MALFORMED)
    trace = _OFFICE if kind is Kind.OOXML else _META
    if any(trace.match(name) for name in names):
        return verdict.undecided(path, kind, Finding.FORMAT_UNSUPPORTED)
    return verdict.unsigned(path, kind)


def _xml(path: str, kind: Kind, data: bytes) -> Verdict:
    """An edXML signature outside the XML-DSig namespace is the standard's sample pasted in."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return verdict.unreadable(path, kind, Finding.MALFORMED)
    spaces = {
        etree.QName(element).namespace or ""
        for element in root.iter("{*}Signature")
        if len(element)
    }
    if XMLDSIG.decode() in spaces:
        return verdict.undecided(path, kind, Finding.FORMAT_UNSUPPORTED)
    if spaces and kind is Kind.EDXML:
        return verdict.destroyed(path, kind)
    return verdict.unsigned(path, kind)
