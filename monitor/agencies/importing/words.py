"""Words of lists: what a level is called, when two names are one, and codes made of names."""

import re
import unicodedata
from collections.abc import Collection, Sequence

from monitor.agencies.names import text_key, words_key

LEVEL_WORDS = {
    "province": (
        "tỉnh", "cấp tỉnh", "thành phố trực thuộc trung ương", "ubnd tỉnh", "ubnd cấp tỉnh",
    ),
    "department": (
        "sở", "ban", "ngành", "sở ngành", "sở ban ngành", "sở ban ngành tỉnh", "cấp sở",
        "cấp sở ngành", "cơ quan chuyên môn", "cơ quan chuyên môn cấp tỉnh", "đơn vị cấp tỉnh",
    ),
    "district": (
        "huyện", "quận", "thị xã", "thành phố thuộc tỉnh", "cấp huyện", "ubnd huyện",
        "ubnd cấp huyện",
    ),
    "commune": (
        "xã", "phường", "thị trấn", "đặc khu", "cấp xã", "xã phường", "xã phường thị trấn",
        "xã phường đặc khu", "ubnd xã", "ubnd phường", "ubnd cấp xã",
    ),
}  # fmt: skip
"""Levels, and what Vietnamese lists call them; compared by words_key."""

_LEVEL_OF = {word: level for level, words in LEVEL_WORDS.items() for word in words}
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
CODE_LENGTH = 40
_SHORT = (("uy ban nhan dan", "ubnd"), ("hoi dong nhan dan", "hdnd"))


def level_of(written: str, levels: Sequence[str]) -> str:
    """The registry's level that is meant; as written where no word of it is known."""
    for level in levels:
        if text_key(level) == text_key(written):
            return level
    meant = _LEVEL_OF.get(words_key(written), written)
    return meant if meant in levels else written


def name_key(name: str) -> str:
    """A name for comparison: text_key, wherever in a syllable the tone mark is written.

    `Hoà` and `Hòa`, `Uỷ` and `Ủy` are one syllable in two spellings.
    """
    return " ".join(_syllable_key(word) for word in text_key(name).split(" "))


def _syllable_key(word: str) -> str:
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word)
    tones = "".join(letter for letter in letters if letter in _TONES)
    return unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES)) + tones


def same_name(listed: str | None, known: str | None) -> bool:
    """Is a list's name the known one, perhaps written without any diacritics?"""
    if not listed or not known:
        return bool(listed) == bool(known)
    if name_key(listed) == name_key(known):
        return True
    return listed.isascii() and text_key(listed) == text_key(ascii_of(known))


def ascii_of(text: str) -> str:
    """Vietnamese without diacritics."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def make_code(name: str, taken: Collection[str], hints: Sequence[str] = ()) -> str:
    """A code for a new agency: the words of its name, and what tells it from another of that name.

    `hints` (organ codes) come before numbers, so that the order of a list matters least.
    """
    words = " ".join(re.findall(r"[a-z0-9]+", ascii_of(text_key(name))))
    for long, short in _SHORT:
        words = words.replace(long, short)
    base = _joined(words.split(), CODE_LENGTH) or "co-quan"
    for end in (*_endings(hints), *map(str, range(2, len(taken) + 3))):
        if base not in taken:
            return base
        fresh = f"{_joined(words.split(), CODE_LENGTH - len(end) - 1) or 'co-quan'}-{end}"
        if fresh not in taken:
            return fresh
    raise AssertionError("there are more numbers than codes")


def _endings(hints: Sequence[str]) -> list[str]:
    bare = ("-".join(re.findall(r"[a-z0-9]+", ascii_of(hint).lower())) for hint in hints)
    return [end for end in bare if end and len(end) <= CODE_LENGTH // 2]


def _joined(words: Sequence[str], longest: int) -> str:
    """As many whole words as fit."""
    joined = ""
    for word in words:
        longer = f"{joined}-{word}" if joined else word[:longest]
        if len(longer) > longest:
            break
        joined = longer
    return joined
