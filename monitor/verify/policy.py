"""The file of the cryptographic policy: read and checked in the parent, sent to the children.

`policy.toml` beside this module is the one that is shipped, and the example for others.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from monitor.errors import UserError
from monitor.model import CryptoPolicy, DigestRule, KeyRule
from monitor.toml_file import read_toml
from monitor.verify.strength import FAMILIES, KNOWN_DIGESTS

_FILE = Path(__file__).with_name("policy.toml")
_DIGEST_KEYS, _KEY_KEYS = {"until", "source"}, {"family", "bits", "until", "source"}
_EARLIEST, _LATEST = date(1990, 1, 1), date(2200, 1, 1)
_MAX_BITS = 65_536


def read(path: Path) -> CryptoPolicy:
    """The policy in a TOML file; raises UserError with one line a mistake: where and what."""
    content = read_toml(path, "verify.policy")
    mistakes = list(_mistakes(content))
    if mistakes:
        raise UserError("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    return CryptoPolicy(
        digests=tuple(
            DigestRule(name=name, until=rule.get("until"))
            for name, rule in content.get("digest", {}).items()
        ),
        keys=tuple(
            KeyRule(family=rule["family"], bits=rule["bits"], until=rule.get("until"))
            for rule in content.get("key", [])
        ),
    )


def _mistakes(content: Mapping[str, object]) -> Iterator[str]:
    for name in content.keys() - {"digest", "key"}:
        yield f"{name}: no such section; there are [digest.NAME] and [[key]]"
    digests, keys = content.get("digest", {}), content.get("key", [])
    if not isinstance(digests, dict) or not digests:
        yield "digest: no digest is permitted, so nothing could ever be valid: add [digest.sha256]"
        digests = {}
    for name, rule in digests.items():
        if name not in KNOWN_DIGESTS:
            yield f"digest.{name}: no such digest; known are {', '.join(sorted(KNOWN_DIGESTS))}"
        yield from _rule(f"digest.{name}", rule, _DIGEST_KEYS)
    if not isinstance(keys, list) or not keys:
        yield "key: no key is permitted, so nothing could ever be valid: add [[key]] entries"
        keys = []
    yield from _keys(keys)


def _keys(rules: list[object]) -> Iterator[str]:
    seen: set[object] = set()
    for number, rule in enumerate(rules, 1):
        place = f"key #{number}"
        yield from _rule(place, rule, _KEY_KEYS)
        if not isinstance(rule, dict):
            continue
        family, bits = rule.get("family"), rule.get("bits")
        if family not in FAMILIES:
            yield f"{place}.family: must be one of {', '.join(FAMILIES)} (given: {family!r})"
        if not isinstance(bits, int) or isinstance(bits, bool) or not 0 < bits <= _MAX_BITS:
            yield f"{place}.bits: must be a size in bits, as 2048 (given: {bits!r})"
        if (family, bits) in seen:
            yield f"{place}: {family} from {bits} bits stands there already"
        seen.add((family, bits))


def _rule(place: str, rule: object, known: set[str]) -> Iterator[str]:
    if not isinstance(rule, dict):
        yield f"{place}: is a section: write its settings below it"
        return
    for name in rule.keys() - known:
        yield f"{place}.{name}: no such setting; there are {', '.join(sorted(known))}"
    source = rule.get("source")
    if not isinstance(source, str) or not source.strip():
        yield f"{place}.source: say where the rule comes from"
    until = rule.get("until")
    if until is None:
        return
    if not isinstance(until, date) or isinstance(until, datetime):
        yield (
            f"{place}.until: must be a day: write 2030-12-31, without quotation marks"
            f" (given: {until!r})"
        )
    elif not _EARLIEST <= until <= _LATEST:
        yield f"{place}.until: no day a signature can have (given: {until})"


SHIPPED = read(_FILE)
"""Read when the module is: a sealed child opens no file."""
