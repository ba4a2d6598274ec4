"""What an answer is: by its first octets, and by its type where these leave it open."""

import re
from enum import Enum, auto

from monitor.verify.sniff import cms_of

HEAD = 4096
"""Octets that are looked at; enough for a PDF whose header is not at its start."""

_FOREIGN_TYPES = re.compile(
    r"(?:image|video|audio|font|model|message|multipart)/|text/(?:css|javascript|calendar)"
    r"|application/(?:json|javascript|x-javascript|manifest\+json|vnd\.android|x-ms-?do)",
    re.IGNORECASE,
)
_MAGIC = (
    b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf", b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c", b"-----BEGIN PKCS7", b"-----BEGIN CMS", b"-----BEGIN PKCS #7",
)  # fmt: skip
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|urlset|sitemapindex|feed|RDF)[\s>]")
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_XML = re.compile(rb"<(?:\?xml|!--|[A-Za-z_])")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Nature(Enum):
    DOCUMENT = auto()
    HTML = auto()
    XML = auto()
    """A sitemap, a feed, an edXML message or something signed: its content decides."""
    GZIP = auto()
    TEXT = auto()
    OTHER = auto()


def foreign(content_type: str) -> bool:
    """Is a type never one of a document or page?"""
    return _FOREIGN_TYPES.match(content_type.strip()) is not None


def nature_of(head: bytes, content_type: str) -> Nature:
    """Of the first octets of an answer and its Content-Type."""
    declared = content_type.partition(";")[0].strip().lower()
    if head.startswith(_MAGIC) or cms_of(head[:64]) is not None:
        return Nature.DOCUMENT
    if head.startswith(b"\x1f\x8b"):
        return Nature.GZIP
    plain, pdf = _unmarked(head).lstrip(), b"%PDF-" in head[:1024]
    if plain.startswith(b"<"):
        return _nature_of_markup(plain, declared, pdf=pdf)
    if pdf:
        return Nature.DOCUMENT
    return {"text/html": Nature.HTML, "text/plain": Nature.TEXT}.get(declared, Nature.OTHER)


def _nature_of_markup(head: bytes, declared: str, *, pdf: bool) -> Nature:
    if _FEED.search(head[:1024]):
        return Nature.XML  # some say of their feeds that they are pages
    if _HTML.search(head[:1024]) or declared == "text/html":
        return Nature.HTML
    if pdf:
        return Nature.DOCUMENT  # behind the warnings of the program that made it
    return Nature.XML if _XML.match(head) else Nature.OTHER


def _unmarked(head: bytes) -> bytes:
    """Without a byte order mark; UTF-16 as ASCII, which is all that is looked for."""
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"") if b"\0" in head[:4] else head
