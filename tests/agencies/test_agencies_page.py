"""The page about the registry says what the code does."""

import re
import tomllib
from pathlib import Path

from monitor.agencies.reading import KNOWN_KEYS, parse
from monitor.agencies.signing import CLERK_WORDS
from monitor.verify.subject import UNIT_WORDS

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
