"""Is a word a Vietnamese syllable? Tells a right decoding from a wrong one.

A syllable is an initial, a nucleus with at most one tone, and a final. Wrong decodings put capitals
and symbols inside of words, two accented letters side by side, or vowels that do not go together.
"""

import re
import unicodedata

_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_WORD = re.compile(r"[^\s\x21-\x40\x5b-\x60\x7b-\x7e\u2013\u2014\u2018-\u201d\u2026]+")
_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    "(?:uyê|uya|uyu|uôi|uây|ươi|ươu|iêu|yêu|oai|oay|oao|oeo|uao|"
    "iê|yê|ia|ya|uô|ua|ươ|ưa|ưu|ưi|oa|oă|oe|oo|uê|uy|uâ|uơ|ai|ao|au|ay|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|"
    "a|ă|â|e|ê|i|o|ô|ơ|u|ư|y)"
    "(?:ch|ng|nh|[cmnpt])?"
)


def share_of_syllables(text: str) -> float:
    """Of the words that are not ASCII, the share that are Vietnamese syllables; 0 without any."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return sum(map(is_syllable, words)) / len(words) if words else 0.0


def is_syllable(word: str) -> bool:
    """True for a Vietnamese syllable with accents, in one case or with a capital initial."""
    if not (word.islower() or word.istitle() or _capitals(word)):
        return False
    decomposed = unicodedata.normalize("NFD", word.lower())
    bare = decomposed.translate(_TONES)
    if len(decomposed) - len(bare) > 1:
        return False
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)) is not None


def _capitals(word: str) -> bool:
    """Capitals; those with tone marks may be small, as TCVN3 writes them."""
    return all(char.isupper() or not char.isascii() for char in word)
