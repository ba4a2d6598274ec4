"""What is wrong with a configuration, in the words of someone who edits a TOML file."""

import re

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def explain(error: ValidationError) -> list[str]:
    """One plain line a problem: `section.key: what is wrong (given: …)`; never a secret's value."""
    lines = []
    for problem in error.errors(include_url=False):
        where = _place(problem["loc"])
        given = problem.get("input")
        shown = isinstance(given, str | int | float | bool) and not SECRET_KEYS & {*problem["loc"]}
        lines.append(f"{where}: {_plain(problem)}" + (f" (given: {given!r})" if shown else ""))
    return list(dict.fromkeys(lines))


SECRET_KEYS = {"password", "dsn"}


def _place(loc: tuple[int | str, ...]) -> str:
    """`mail_sources #1.networks #2`: the first source's second network."""
    place = ""
    for part in loc:
        if isinstance(part, int):
            place += f" #{part + 1}"
        elif part.isidentifier():  # others are names of pydantic's own for members of a union
            place += f".{part}" if place else part
    return place or "settings"


def _plain(problem: ErrorDetails) -> str:
    """What is wrong and what to write, in the words of someone who edits a TOML file."""
    key = next((str(part) for part in reversed(problem["loc"]) if isinstance(part, str)), "")
    kind = problem["type"]
    if kind == "tuple_type" and problem["loc"] == (key,):
        kind = "table_list"
    message = problem["msg"].removeprefix("Value error, ")
    words = PROBLEM_WORDS.get(kind) or TYPE_WORDS.get(kind.partition("_")[0])
    if kind == "string_pattern_mismatch":
        words = PATTERN_WORDS.get(problem.get("ctx", {})["pattern"])
    if words is None:
        plain = re.sub(r"<[^>]*: ('[^']*')>", r"\1", message)  # Python's members, as TOML has them
        return plain.replace("Input should be", "must be")
    return words.format(key=key, **problem.get("ctx", {}))


PROBLEM_WORDS = {
    "extra_forbidden": "no such setting; see config/congvu.toml for all of them",
    "missing": "is missing: add it (see config/congvu.toml)",
    "ip_v4_network": "is no network: write 10.0.0.4/32 for one address, 10.0.0.0/24 for a network",
    "ip_v6_network": "is no network: write 10.0.0.4/32 for one address, 10.0.0.0/24 for a network",
    "table_list": "begin each entry with a line [[{key}]]",
    "tuple_type": 'must be a list: write {key} = ["…"]',
    "string_type": "must be text in quotation marks",
    "too_short": "needs at least {min_length} entry",
    "model_type": "is a section: write [{key}] and its settings below",
}
TYPE_WORDS = {
    "date": "must be a day: write 2025-12-31, without quotation marks",
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
}
PATTERN_WORDS = {
    r"^[a-z0-9][a-z0-9_-]{0,39}$": 'must be 1 to 40 of a-z, 0-9, "-" and "_"',
    r"^[^@\s]+@[^@\s]+$": "must be a mail address: write journal-7f3a91@congvu.invalid",
    r"^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$": (
        "must be a host name in small letters, without wildcard: write ca.gov.vn, or name:8080"
    ),
    r"^https?://[^/\s@]+(?:/\S*)?$": "must be an address: write http://ca.gov.vn/pki/pub/crl/a.crl",
    r"^[a-z0-9.-]{1,253}$": "must be a domain in small letters: write tinh.gov.vn",
    r"^(?:[a-z0-9.-]{1,253}|[0-9a-f:.]+)$": (
        "must be a host name in small letters or an address: write mail.tinh.gov.vn"
    ),
    r"^ldaps?://[^/\s]+$": "must be a directory's address: write ldaps://ad.tinh.gov.vn",
    r"^[0-9a-f]{64}$": "must be a SHA-256 in lower-case hexadecimal, without colons",
}
