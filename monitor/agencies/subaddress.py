"""Local parts that tell agencies apart on a domain they share: `*.stc@tinh.gov.vn`.

Looking one up takes as many steps as the registry has lengths of patterns on that domain, at
most MAX_FIXED, whatever an address looks like.
"""

from typing import Generic, NamedTuple, TypeVar

from monitor.agencies.names import DOMAIN, address_key

MAX_FIXED = 64
"""Length of a local part (RFC 5321 4.5.3.1.1)."""
SEPARATOR = "+"
"""Between user and detail (RFC 5233 4), as Postfix, Zimbra and Dovecot have it by default."""


class Pattern(NamedTuple):
    """An address of a registry, with or without a wildcard."""

    domain: str
    fixed: str
    """The local part, or what of it is not the wildcard."""
    wildcard: str = ""
    """Where it is: `begin`, `end` or nowhere."""

    @property
    def names_detail(self) -> bool:
        return SEPARATOR in self.fixed

    @property
    def key(self) -> str:
        begin, end = ("*" if self.wildcard == side else "" for side in ("begin", "end"))
        return f"{begin}{self.fixed}{end}@{self.domain}"


def pattern(written: str) -> Pattern:
    """`so@tinh.gov.vn`, `*.so@tinh.gov.vn` or `so-*@tinh.gov.vn`; raises ValueError."""
    key = address_key(written)
    if key is None:
        raise ValueError(f"{written!r} is no mail address: write vanthu@so.tinh.gov.vn")
    local, _, domain = key.rpartition("@")
    if "*" not in key:
        return Pattern(domain, local)
    fixed = local.strip("*")
    wildcard = "begin" if local.startswith("*") else "end"
    found = Pattern(domain, fixed, wildcard)
    if found.key != key or not fixed or "*" in fixed or not DOMAIN.match(domain):
        raise ValueError(
            f"{written!r}: write one * where the local part begins or ends, as in "
            "*.so@tinh.gov.vn or so-*@tinh.gov.vn; a whole domain goes to domains"
        )
    if len(fixed) > MAX_FIXED:
        raise ValueError(f"{written!r}: a local part has at most {MAX_FIXED} characters")
    return found


Owner = TypeVar("Owner")


class SubAddresses(Generic[Owner]):
    """Whose an address is by its local part."""

    def __init__(self) -> None:
        self._single: dict[str, Owner] = {}
        self._plain: dict[str, _Wildcards[Owner]] = {}
        self._detailed: dict[str, _Wildcards[Owner]] = {}

    def add(self, given: Pattern, owner: Owner) -> None:
        if not given.wildcard:
            self._single[given.key] = owner
            return
        table = self._detailed if given.names_detail else self._plain
        table.setdefault(given.domain, _Wildcards()).add(given, owner)

    def find(self, key: str) -> Owner | None:
        """The owner of an address in its form for comparison.

        The address itself goes first, then patterns that name a detail, the address without its
        detail (RFC 5233), and patterns; of two patterns the one with the longer fixed part.
        """
        if key in self._single:
            return self._single[key]
        local, _, domain = key.rpartition("@")
        if domain in self._detailed and (owner := self._detailed[domain].find(local)):
            return owner
        user = local.partition(SEPARATOR)[0] or local
        if user != local and (owner := self._single.get(f"{user}@{domain}")):
            return owner
        return self._plain[domain].find(user) if domain in self._plain else None


class _Wildcards(Generic[Owner]):
    """The patterns of one domain."""

    def __init__(self) -> None:
        self._begins: dict[str, Owner] = {}
        self._ends: dict[str, Owner] = {}
        self._lengths: list[int] = []

    def add(self, given: Pattern, owner: Owner) -> None:
        table = self._ends if given.wildcard == "begin" else self._begins
        table[given.fixed] = owner
        self._lengths = sorted({*self._lengths, len(given.fixed)}, reverse=True)

    def find(self, local: str) -> Owner | None:
        for length in self._lengths:
            if length < len(local):
                owner = self._begins.get(local[:length]) or self._ends.get(local[-length:])
                if owner is not None:
                    return owner
        return None
