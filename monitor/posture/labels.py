"""Names as they are asked for: lower case, A-labels, no final dot."""

import idna

from monitor.posture.names import MAX_NAME

MAX_LABEL = 63
"""Octets (RFC 1035 2.3.4)."""


def asked_name(text: str) -> str | None:
    """The name that a question is put with, or None for what cannot be asked for.

    Letters beyond ASCII go as A-labels (RFC 5891, mapped by UTS 46), so a name that only looks
    like another is asked for and shown as what it is. Control characters are refused, and the
    backslash that odd octets in answers are written with; all other signs may stand in a name that
    a macro of SPF makes (RFC 7208 7.3).
    """
    name = text.removesuffix(".").lower()
    if not 0 < len(name) <= MAX_NAME:
        return None
    if not name.isascii():
        try:
            name = _ascii(name)
        except (idna.IDNAError, UnicodeError):
            return None
    if len(name) > MAX_NAME or not name.isprintable() or "\\" in name:
        return None
    return name if all(0 < len(label) <= MAX_LABEL for label in name.split(".")) else None


def _ascii(name: str) -> str:
    """Label by label: one that is ASCII stays, though it have an underscore."""
    labels = idna.uts46_remap(name, std3_rules=False).split(".")
    return ".".join(
        label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels
    )
