"""Words of cells for comparison."""

from collections.abc import Iterable, Mapping

from monitor.tables.mapping import heading_key

NEWER_TONES = (
    ("oà", "òa"), ("oá", "óa"), ("oả", "ỏa"), ("oã", "õa"), ("oạ", "ọa"),
    ("uỳ", "ùy"), ("uý", "úy"), ("uỷ", "ủy"), ("uỹ", "ũy"), ("uỵ", "ụy"),
)  # fmt: skip
"""Where a tone mark stands has two schools: `khoá` and `khóa` are one word."""


def word_key(text: str) -> str:
    """Words for comparison: NFC, without case and punctuation, tone marks where `khóa` has them."""
    key = heading_key(text)
    for newer, older in NEWER_TONES:
        key = key.replace(newer, older)
    return key


def by_word(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Meanings by the key of each word that has them."""
    return {word_key(word): meaning for meaning, many in words.items() for word in many}
