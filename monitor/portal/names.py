"""The name of a published file: from Content-Disposition (RFC 6266) or its address, made plain."""

import re
import unicodedata
from posixpath import splitext
from urllib.parse import unquote

from aiohttp.multipart import content_disposition_filename, parse_content_disposition

_MAX_BYTES = 200
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_SUFFIXES = {
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/rtf": ".rtf",
    "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
}
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{2,6}\Z")


def name_of(disposition: str | None, url: str, content_type: str, head: bytes) -> str:
    """A plain file name; its extension says what the content is where it had none."""
    name = plain(_disposed(disposition) or "") or plain(_last_part(url)) or "document"
    suffix = splitext(name)[1].lower()
    wanted = ".pdf" if b"%PDF-" in head[:1024] else _SUFFIXES.get(_type(content_type))
    if wanted is None or suffix == wanted or (wanted != ".pdf" and _SUFFIX.match(suffix)):
        return name
    return name + wanted


def plain(name: str) -> str:
    """One component in NFC without hidden or special characters, short enough for any disk."""
    last = re.split(r"[/\\]", name)[-1]
    # surrogates are octets of no known charset
    composed = unicodedata.normalize("NFC", last.encode("utf-8", "replace").decode())
    shown = "".join(c for c in composed if unicodedata.category(c) not in _HIDDEN)
    tidy = " ".join(shown.translate(_FORBIDDEN).split()).lstrip(". ")
    return _shortened(tidy)


def _shortened(name: str) -> str:
    stem, suffix = splitext(name)
    if len(name.encode()) <= _MAX_BYTES:
        return name
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    room = _MAX_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + suffix


def _disposed(header: str | None) -> str | None:
    if not header:
        return None
    _, parameters = parse_content_disposition(header)
    name = content_disposition_filename(parameters)
    # Many portals write the escapes of an address where RFC 8187 wants filename*.
    return unquote(name) if name and "%" in name else name


def _last_part(url: str) -> str:
    path = url.partition("://")[2].partition("?")[0].partition("/")[2]
    return unquote(path.rstrip("/").rpartition("/")[2])


def _type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
