"""Which agency a list means, and which addresses are agencies' own, on one day."""

from datetime import date

from monitor.agencies.names import address_key
from monitor.agencies.naming import code_named
from monitor.agencies.registry import Registry


class Agencies:
    """The registry as lists speak of it on the day that they are as of."""

    def __init__(self, registry: Registry, as_of: date) -> None:
        self._registry = registry
        self._as_of = as_of
        self._view = registry.at(as_of)
        self._named: dict[tuple[str, date], str] = {}
        self.codes = registry.codes()
        self._mailboxes = {
            key: code for code, agency in self._view.agencies.items()
            for address in agency.addresses
            if "*" not in address and (key := address_key(address))
        }  # fmt: skip
        self._mailboxes |= {
            key: mailbox.agency for mailbox in registry.signing.mailboxes
            if as_of in mailbox.period and (key := address_key(mailbox.address))
        }  # fmt: skip

    def named(self, text: str, last_day: date | None = None) -> str:
        """The code of the agency that is meant by a code, organ code, system's name or name.

        Of people who left before, on their `last_day`. Raises ValueError that tells what to do.
        """
        day = min(self._as_of, last_day or self._as_of)
        code = self._named.get((text, day))
        if code is None:
            code = self._named[text, day] = code_named(self._registry, text, day)
        return code

    def of_address(self, address: str) -> str | None:
        """The code of the agency whose an address in its form for comparison is."""
        agency = self._view.by_address_key(address)
        return agency.code if agency else None

    def is_mailbox(self, address: str) -> bool:
        """Does the registry list an address as an agency's own?"""
        return address in self._mailboxes

    def is_a_persons(self, address: str) -> bool:
        """May an address be an official's: of an agency, and not its own?"""
        return not self.is_mailbox(address) and self.of_address(address) is not None
