"""Organ codes, by which the exchange axis names agencies, in the one form for comparison.

Two schemes are in use: QCVN 102:2016 writes the top level last, Quyết định 20/2020 first.
"""

import re
import unicodedata

QCVN_CODE = re.compile(r"^(?:[0-9A-Z]{3}\.)?[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Z][0-9A-Z]{2}$")
"""Four groups, 13 characters; some leave the first one out, which is zeros then."""


def organ_key(code: str) -> str:
    """An organ code for comparison, top level first: `000.20.31.H53` and `H53.31.20` are one."""
    upper = unicodedata.normalize("NFC", code).strip().upper()
    if not QCVN_CODE.match(upper):
        return upper
    groups = upper.split(".")[::-1]
    while len(groups) > 1 and not groups[-1].strip("0"):
        groups.pop()
    return ".".join(groups)


def top_level(code: str) -> str:
    """The ministry or province that an organ code is below: `H53` of either spelling."""
    return organ_key(code).partition(".")[0]
