"""A recursive resolver of a few TXT records on a loopback port, for tests that need no real server.

with SmallDns({"mail._domainkey.so.tinh.example": "v=DKIM1; p=…"}) as names:
    settings = {"resolvers": [names.address]}
"""

import contextlib
import socket
import threading
from collections.abc import Mapping
from types import TracebackType

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class SmallDns:
    """Answers over UDP while `silent` is False; every other name is not there."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)
        self.silent = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    @property
    def address(self) -> str:
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def __enter__(self) -> "SmallDns":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, client = self._socket.recvfrom(4096)
            if not data:
                return
            with contextlib.suppress(dns.exception.DNSException):
                query = dns.message.from_wire(data)
                if not self.silent:
                    self._socket.sendto(self._answer(query).to_wire(), client)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query, recursion_available=True)
        question = query.question[0]
        text = self.texts.get(question.name.to_text(omit_final_dot=True).lower())
        if text is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT:
            strings = " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))
            response.answer.append(dns.rrset.from_text(question.name, 300, "IN", "TXT", strings))
        return response
