"""The page about the registry says what the code does."""

import re
import tomllib
from pathlib import Path

from monitor.agencies.agency import KEYS
from monitor.agencies.importing.listed import FIELDS
from monitor.agencies.importing.words import level_of
from monitor.agencies.reading import KNOWN_KEYS, parse
from monitor.agencies.signing import CLERK_WORDS
from monitor.verify.subject import UNIT_WORDS
from tests.agencies.command import DATA

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/agencies.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_every_word_that_units_and_registries_are_known_by_is_on_the_page() -> None:
    assert {word for word in (*UNIT_WORDS, *CLERK_WORDS) if f"`{word}`" not in PAGE} == set()


def test_the_examples_of_the_page_are_a_registry() -> None:
    whole = "\n".join([*EXAMPLES[2:3], EXAMPLES[0], *EXAMPLES[1:2], *EXAMPLES[3:]])
    content = parse(whole.encode())
    assert len(content.signing.certificates.entries) == 3
    assert len(content.signing.mailboxes) == 1
    assert set(tomllib.loads(whole)) == KNOWN_KEYS


def test_the_lists_of_the_page_are_those_that_are_tested() -> None:
    shown = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    files = ["two-level-2024", "two-level-2025-07-01", "three-provinces-2024",
             "three-provinces-2025-07-01"]  # fmt: skip
    assert shown == [(DATA / f"{file}.csv").read_text(encoding="utf-8") for file in files]


def test_every_key_and_every_column_of_lists_is_on_the_page() -> None:
    wanted = {*KEYS, *(field.name for field in FIELDS)}
    assert {key for key in wanted if f"`{key}`" not in PAGE} == set()


def test_every_word_for_a_level_that_the_page_names_is_known() -> None:
    (cell,) = re.findall(r"a word of `levels`, or (.*?) \|", PAGE)
    levels = ("province", "department", "district", "commune")
    for group, level in zip(cell.split(";"), levels, strict=True):
        assert {level_of(word.strip(), levels) for word in group.split(",")} == {level}
