"""What the readers of all formats share."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

KEPT = 20_000


def line_count(block: bytes) -> int:
    """Lines of a block; the last may lack its end."""
    return block.count(b"\n") + (block != b"" and not block.endswith(b"\n"))


class Forgetful:
    """A reader of lines that each stand for themselves: nothing is remembered."""

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """There is nothing to go on from."""


class Within(dict[bytes, bool]):
    """Whether addresses of clients, as logs write them, are in some networks."""

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        super().__init__()
        self._networks = networks

    def __missing__(self, client: bytes) -> bool:
        if len(self) >= KEPT:
            self.clear()
        self[client] = inside = self._is_inside(client)
        return inside

    def _is_inside(self, client: bytes) -> bool:
        try:
            address = ip_address(client.decode("ascii"))
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)
