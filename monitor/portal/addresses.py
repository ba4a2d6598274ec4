"""Addresses as they are compared: one spelling for what is one page, without marks of a visit.

Read and written by yarl, which the HTTP client uses as well.
"""

import re

from yarl import URL

from monitor.fetch.hosts import entry_of
from monitor.portal.wire import MAX_URL

_HOST = re.compile(r"[a-z0-9._-]{1,253}\Z|[0-9a-f:.]{2,45}\Z")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_PATH_SESSION = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/?#;]*|/\((?:[A-Z]\([^()/]{1,200}\)){1,5}\)(?=/|\Z)",
    re.IGNORECASE,
)
"""Servlets write `;jsessionid=…`, ASP.NET without cookies `/(S(…))/`."""
_MARKS = re.compile(
    r"(?:utm_\w+|fbclid|gclid|zarsrc|_ga|phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken)\Z",
    re.IGNORECASE,
)
_SESSION = re.compile(r"(?:sid|session|sessionid|session_id|token)=[A-Za-z0-9_-]{16,}\Z")
_SUFFIX = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|odp|rtf|zip|rar|7z|p7m|p7s|asice|asics|edxml)\Z",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"download|attach|dinh-?kem|tai-?ve|tai-?xuong|tep-?tin|get-?file|file-?id|view-?file|\bfile\b"
    r"|\.ashx\b|/documents/\d",
    re.IGNORECASE,
)
_NO_DOCUMENT = re.compile(
    r"\.(?:jpe?g|png|gif|svg|webp|ico|bmp|tiff?|css|js|mjs|json|woff2?|ttf|eot|mp[34]|m4[av]|avi"
    r"|mov|wmv|flv|webm|wav|ogg|exe|msi|apk|ipa|jar|iso|dmg)\Z",
    re.IGNORECASE,
)


def canonical(base: URL | None, text: str) -> URL | None:
    """An address, resolved against the page it stands on; None for what is never asked."""
    plain = _CONTROLS.sub("", text).strip()
    if not plain or len(plain) > MAX_URL:
        return None
    try:
        url = URL(plain)
        whole = _without_marks(base.join(url) if base else url)
    except ValueError:
        return None
    return whole if whole and len(str(whole)) <= MAX_URL else None


def _without_marks(url: URL) -> URL | None:
    server = entry_of(url)
    if server is None or not _HOST.match(url.raw_host or "") or not 0 < (url.port or 0) < 65536:
        return None
    path = "/" + _PATH_SESSION.sub("", url.raw_path).lstrip("/")
    parts = [part for part in url.raw_query_string.split("&") if part and not _is_mark(part)]
    query = "?" + "&".join(parts) if parts else ""
    return URL(f"{url.scheme}://{server}{path}{query}", encoded=True)


def _is_mark(part: str) -> bool:
    return bool(_MARKS.match(part.partition("=")[0]) or _SESSION.match(part))


def likely_document(url: URL) -> bool:
    """Does an address look like a document's? A guess: what it is shows when it is asked."""
    if _SUFFIX.search(url.raw_path) or any(map(_SUFFIX.search, url.raw_query_string.split("&"))):
        return True
    return bool(_HINT.search(url.raw_path_qs))


def hopeless(url: URL) -> bool:
    """Is it a picture, script, font, film or program by its name?"""
    return _NO_DOCUMENT.search(url.raw_path) is not None
