"""Where intake hands its items over."""

from collections.abc import Sequence
from typing import Protocol

from monitor.model import ItemHeader


class Sink(Protocol):
    """Makes one item durable; the spool's `append`.

    Returns once the item survives a power loss. Raises SpoolFull or SpoolFault when it does not
    take the item: the sender then keeps its copy.
    """

    async def __call__(self, header: ItemHeader, body: Sequence[bytes], /) -> None: ...
