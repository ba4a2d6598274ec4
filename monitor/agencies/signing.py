"""What a registry file says of signers beside its agencies."""

from dataclasses import dataclass, field

from monitor.agencies.certificates import CertificateMap
from monitor.agencies.mailboxes import Mailbox
from monitor.agencies.names import words_key

CLERK_WORDS = ("văn thư",)
"""Words in names of registries. Their certificates sign arrival, copies and dispatch."""


@dataclass(frozen=True)
class Signing:
    """The parts of a registry file that tell whose and what a signer is."""

    certificates: CertificateMap = field(default_factory=CertificateMap)
    mailboxes: tuple[Mailbox, ...] = ()
    unit_words: tuple[str, ...] = ()
    """What names of units begin with, beside the words that certificates are read by."""
    clerk_words: tuple[str, ...] = ()
    """Beside CLERK_WORDS."""

    def names_unit(self, name: str) -> bool:
        return any(_begins(name, word) for word in self.unit_words)

    def begins_as_registry(self, name: str) -> bool:
        return any(_begins(name, word) for word in (*CLERK_WORDS, *self.clerk_words))

    def mentions_registry(self, name: str) -> bool:
        return any(_mentions(name, word) for word in (*CLERK_WORDS, *self.clerk_words))


def _begins(name: str, words: str) -> bool:
    return f"{words_key(name)} ".startswith(f"{words_key(words)} ")


def _mentions(name: str, words: str) -> bool:
    return f" {words_key(words)} " in f" {words_key(name)} "
