"""The address table: a number for each address of our own people, its name sealed.

Addresses come in one form for comparison (monitor.agencies.names.address_key).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping

from monitor.record import clean
from monitor.record.connection import Connection
from monitor.record.sealing import Sealer
from monitor.record.statements import sql

SEAL = "address"
"""Purpose that addresses are sealed for."""
KEPT = 100_000
KEPT_SECONDS = 3600.0
"""An address may be erased: from then on it is another one."""


class AddressIds:
    """Addresses and their ids; an address that the table lacks is added."""

    def __init__(
        self, sealer: Sealer, kept: int = KEPT, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Remembers the last `kept` addresses, for an hour."""
        self._sealer = sealer
        self._kept = kept
        self._ids: OrderedDict[str, int] = OrderedDict()
        self._monotonic = monotonic
        self._since = monotonic()

    def known(self, addresses: Iterable[str]) -> Mapping[str, int] | None:
        """The ids of these addresses, or None where `learn` is needed."""
        if self._monotonic() - self._since > KEPT_SECONDS:
            self._ids.clear()
            self._since = self._monotonic()
        try:
            return {each: self._ids[_cleaned(each)] for each in addresses}
        except KeyError:
            return None

    async def learn(self, connection: Connection, addresses: Collection[str]) -> Mapping[str, int]:
        """The ids of these addresses, as they were given.

        Outside of a transaction that may be rolled back: what was learned stays learned.
        """
        cleaned = {each: _cleaned(each) for each in addresses}
        found = {each: self._ids[each] for each in set(cleaned.values()) if each in self._ids}
        if missing := set(cleaned.values()) - found.keys():
            found |= await self._added(connection, missing)
        for address, address_id in found.items():
            self._ids[address] = address_id
            self._ids.move_to_end(address)
        while len(self._ids) > self._kept:
            self._ids.popitem(last=False)
        return {given: found[address] for given, address in cleaned.items()}

    async def _added(self, connection: Connection, addresses: Collection[str]) -> dict[str, int]:
        by_pseudonym = {self._sealer.pseudonym(each): each for each in addresses}
        pseudonyms = sorted(by_pseudonym)
        rows = await connection.fetch(
            sql("learn_addresses"),
            pseudonyms,
            [self._sealer.seal(by_pseudonym[each], SEAL) for each in pseudonyms],
        )
        return {by_pseudonym[row["pseudonym"]]: row["address_id"] for row in rows}


def _cleaned(address: str) -> str:
    return clean.text(address, 320) or ""
