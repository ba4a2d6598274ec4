"""Lists of tags, `v=DKIM1; k=rsa; p=…` (RFC 6376 3.2): keys, and by the same grammar DMARC."""

import re
from collections.abc import Mapping

MAX_TAGS = 60
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
EXTENDED_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
"""Of what RFC 8461 3.1 and RFC 8460 3 let anybody add."""
_BLANK = " \t\r\n"


def read_tags(text: str, names: re.Pattern[str] = _NAME) -> Mapping[str, str] | None:
    """Values by tag in their order, blanks around both removed; None if it is no such list.

    Names of tags tell case apart, and one that stands twice spoils the whole list.
    """
    found: dict[str, str] = {}
    parts = text.split(";", MAX_TAGS + 1)
    if not parts[-1].strip(_BLANK):
        parts.pop()
    if not parts or len(parts) > MAX_TAGS:
        return None
    for part in parts:
        name, equals, value = part.partition("=")
        name = name.strip(_BLANK)
        if not equals or not names.fullmatch(name) or name in found:
            return None
        found[name] = value.strip(_BLANK)
    return found
