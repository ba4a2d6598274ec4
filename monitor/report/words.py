"""The texts of reports: one TOML file a language, a text for every key."""

import functools
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources

from monitor.model import Language
from monitor.report.numbers import Numbers


class Words:
    """The texts of one language, by `table.key`."""

    def __init__(self, language: Language, texts: Mapping[str, str]) -> None:
        self.language = language
        self.numbers = Numbers(language)
        self._texts = texts

    def __call__(self, key: str, **values: str) -> str:
        """The text of a key with its placeholders filled; what is filled in is not read again.

        Raises KeyError for a key or a value that is missing.
        """
        text = self._texts[key]
        return text.format(**values) if values else text

    def of(self, table: str, word: str) -> str:
        """The text of a word of a vocabulary; a word that nobody translated stays itself."""
        return self._texts.get(f"{table}.{word}", word)

    def listing(self, texts: Iterable[str]) -> str:
        """`a, b và c`."""
        *first, last = texts
        return self("phrase.and", list=", ".join(first), last=last) if first else last


@functools.cache
def words(language: Language) -> Words:
    return Words(language, flat(tables(language)))


def tables(language: Language) -> Mapping[str, Mapping[str, str]]:
    """A language's file as it stands."""
    file = resources.files("monitor.report") / "language" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def flat(given: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {f"{table}.{key}": text for table, keys in given.items() for key, text in keys.items()}
