"""Pseudonyms as people write them: `4k7q-29xh-m4t0v` stands for a 64-bit number, lossless.

Thirteen characters of Crockford's base 32, which knows no i, l, o and u, so that they survive a
telephone and a paper; case and dashes do not matter, and a misread o, i or l is understood.
"""

from monitor.errors import UserError

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 13
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_MISREAD = str.maketrans("oil", "011")


def short(pseudonym: int) -> str:
    """The written form of a pseudonym as the database has it (a signed 64-bit number)."""
    unsigned = pseudonym & 0xFFFF_FFFF_FFFF_FFFF
    text = "".join(ALPHABET[unsigned >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def parse(text: str) -> int:
    """The number of a pseudonym that is written either way. Raises UserError if it is neither."""
    given = text.strip().lower()
    if _is_number(given):
        return int(given)
    plain = given.replace("-", "").translate(_MISREAD)
    if len(plain) != LENGTH or set(plain) - _VALUES.keys() or _VALUES[plain[0]] > 15:
        raise UserError(
            f"{text}: is no pseudonym: write it as reports print it (4k7q-29xh-m4t0v), or as a "
            "number; `congvu privacy pseudonym ADDRESS` gives an address's"
        )
    unsigned = 0
    for character in plain:
        unsigned = unsigned << 5 | _VALUES[character]
    return unsigned - (1 << 64) if unsigned >> 63 else unsigned


def _is_number(given: str) -> bool:
    """Thirteen digits are rather a short form that happens to have no letters."""
    digits = given.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(given) == LENGTH == len(digits):
        return False
    return -(1 << 63) <= int(given) < 1 << 63
