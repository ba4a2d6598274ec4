"""A small internet of names: a real Knot with signed zones, and a real Unbound that validates them.

    with World(records, [Authority("tinh.example"), Authority("x.example", Signing.NONE)]) as world:
        settings = world.settings()          # dns.resolvers with Unbound, validating
        settings = world.settings(authoritative=True)   # Knot itself, nothing is validated

Both listen on 127.0.0.1 alone, and Unbound binds its own questions to that address: nothing that is
asked leaves the machine. Domains as they are met stand in tests/support/dns_zones.py; a test that
needs them is marked `needs("knotd", "unbound")`.
"""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any

import dns.dnssec
import dns.dnssectypes
import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.dnskeybase import Flag

from monitor.settings import DnsSettings
from tests.support import bound
from tests.support.daemon import free_port
from tests.support.needs import program

PATIENCE_SECONDS = 30.0
_DAY = timedelta(days=1)
_NAME_SERVER = "ns.names.example."

Records = Mapping[str, Mapping[str, Sequence[str]]]
"""By absolute name without final dot, by type; a TXT is its text, one character an octet."""


class Signing(StrEnum):
    """What is done to a zone, and so what a validating resolver makes of it."""

    GOOD = "good"
    NONE = "none"
    """No signatures, no DS: insecure."""
    NO_DS = "no_ds"
    """Signed, and the parent was not told: insecure."""
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    """A DS of an algorithm that nobody knows: insecure (RFC 4035 5.2)."""
    WRONG_DS = "wrong_ds"
    EXPIRED = "expired"
    BROKEN = "broken"
    """The text of its TXT records was changed after they were signed; the rest is in order."""


class Served(StrEnum):
    """How its name servers answer."""

    WELL = "well"
    LAME = "lame"
    """They do not have it, and refuse."""
    REFERRING = "referring"
    """They do not have it, and point to themselves."""
    SERVFAIL = "servfail"
    """The zone's file is gone."""
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Authority:
    """One zone."""

    name: str
    signing: Signing = Signing.GOOD
    served: Served = Served.WELL
    ttl: int = 300


class World:
    """Servers over these records; root, and every zone between it and those named, are added."""

    def __init__(
        self, records: Records, zones: Iterable[Authority], *, parent: Path | None = None
    ) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="names-", dir=parent))
        self.zones = {"": Authority(""), **{zone.name: zone for zone in zones}}
        self.knot_port, self.unbound_port, self._lame_port = (free_port() for _ in range(3))
        self._records = records
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "World":
        try:
            self._silent.bind(("127.0.0.1", 0))
            self._write_zones()
            self._start_knot("knot", self.knot_port, self.zones.values())
            self._start_knot("lame", self._lame_port, ())
            self._start_unbound()
            self._await("knot", self.knot_port)
            self._await("lame", self._lame_port)
            self._await("unbound", self.unbound_port)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End both and leave nothing behind. Idempotent."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        self._silent.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def settings(self, *, authoritative: bool = False, **more: Any) -> DnsSettings:
        """Of one who asks Unbound, or Knot itself."""
        port = self.knot_port if authoritative else self.unbound_port
        values = {"resolvers": [f"127.0.0.1:{port}"], "validating": not authoritative, **more}
        return DnsSettings.model_validate(values)

    def flush(self) -> None:
        """Start Unbound anew, with nothing in its cache."""
        process = self._running.pop("unbound")
        process.terminate()
        process.wait(10)
        self._start_unbound()
        self._await("unbound", self.unbound_port)

    # -- zones --

    @property
    def _dnskey(self) -> DNSKEY:
        return dns.dnssec.make_dnskey(
            self._key.public_key(), dns.dnssectypes.Algorithm.ECDSAP256SHA256, Flag.ZONE | Flag.SEP
        )

    def _write_zones(self) -> None:
        holder = {name: self._zone_of(name) for name in self._records}
        inside: dict[str, list[str]] = {zone: [] for zone in self.zones}
        for name, its in holder.items():
            inside[its].append(name)
        children: dict[str, list[Authority]] = {zone: [] for zone in self.zones}
        for child in self.zones.values():
            if child.name:
                children[self._zone_of(child.name.partition(".")[2])].append(child)
        for zone in self.zones.values():
            if zone.served is Served.WELL:
                made = self._make_zone(zone, inside[zone.name], children[zone.name])
                made.to_file(str(self._file(zone)), relativize=False)

    def _zone_of(self, name: str) -> str:
        while name not in self.zones:
            name = name.partition(".")[2]
        return name

    def _file(self, zone: Authority) -> Path:
        return self.root / f"{zone.name or 'root'}.zone"

    def _make_zone(
        self, zone: Authority, names: Iterable[str], children: Iterable[Authority]
    ) -> dns.zone.Zone:
        origin = dns.name.from_text(zone.name + ".")
        made = dns.zone.Zone(origin, relativize=False)
        with made.writer() as writer:
            soa = f"{_NAME_SERVER} admin.names.example. 1 3600 600 86400 {zone.ttl}"
            writer.add(origin, zone.ttl, _rdata("SOA", soa))
            writer.add(origin, zone.ttl, _rdata("NS", _NAME_SERVER))
            for name in names:
                for kind, texts in self._records[name].items():
                    for text in texts:
                        writer.add(dns.name.from_text(name + "."), zone.ttl, _rdata(kind, text))
            for child in children:
                below = dns.name.from_text(child.name + ".")
                writer.add(below, zone.ttl, _rdata("NS", _NAME_SERVER))
                if record := self._ds(child):
                    writer.add(below, zone.ttl, record)
        if zone.signing is not Signing.NONE:
            self._sign(made, zone.signing)
        return made

    def _ds(self, child: Authority) -> dns.rdata.Rdata | None:
        """What the parent says of its key."""
        if child.signing in {Signing.NONE, Signing.NO_DS} or child.served is not Served.WELL:
            return None
        if child.signing is Signing.UNKNOWN_ALGORITHM:
            return _rdata("DS", "4711 200 2 " + "ab" * 32)
        if child.signing is Signing.WRONG_DS:
            return _rdata("DS", "4711 13 2 " + "ab" * 32)
        return dns.dnssec.make_ds(dns.name.from_text(child.name + "."), self._dnskey, "SHA256")

    def _sign(self, zone: dns.zone.Zone, signing: Signing) -> None:
        now = datetime.now(UTC)
        end = now - 30 * _DAY if signing is Signing.EXPIRED else now + 30 * _DAY
        with zone.writer() as writer:
            dns.dnssec.sign_zone(
                zone, writer, keys=[(self._key, self._dnskey)],
                inception=end - 60 * _DAY, expiration=end,
            )  # fmt: skip
        if signing is Signing.BROKEN:
            with zone.writer() as writer:
                for name, rdataset in list(zone.iterate_rdatasets("TXT")):
                    changed = [
                        _rdata("TXT", text.decode("latin-1") + " ") for text in _texts(rdataset)
                    ]
                    writer.replace(name, dns.rdataset.from_rdata_list(rdataset.ttl, changed))

    # -- servers --

    def _start_knot(self, name: str, port: int, zones: Iterable[Authority]) -> None:
        served = "".join(
            f'  - domain: "{zone.name}."\n    file: "{self._file(zone)}"\n'
            for zone in zones
            if zone.served in {Served.WELL, Served.SERVFAIL}
        )
        config = self.root / f"{name}.conf"
        (self.root / name).mkdir(exist_ok=True)
        config.write_text(
            f"""server:
    listen: 127.0.0.1@{port}
    rundir: "{self.root}/{name}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 2
    tcp-remote-io-timeout: 5000
control:
    listen: "{self.root}/{name}/control"
database:
    storage: "{self.root}/{name}"
log:
  - target: stderr
    any: error
template:
  - id: default
    storage: "{self.root}"
    semantic-checks: off
    journal-content: none
    zonefile-sync: -1
{"zone:" if served else ""}
{served}""",
            encoding="ascii",
        )
        self._run(name, [program("knotd"), "-c", str(config)])

    def _start_unbound(self) -> None:
        config = self.root / "unbound.conf"
        config.write_text(
            f"""server:
    interface: 127.0.0.1@{self.unbound_port}
    outgoing-interface: 127.0.0.1
    do-not-query-localhost: no
    do-ip6: no
    num-threads: 1
    username: ""
    chroot: ""
    directory: "{self.root}"
    pidfile: "{self.root}/unbound.pid"
    use-syslog: no
    logfile: ""
    verbosity: 0
    module-config: "validator iterator"
    trust-anchor: ". {self._anchor()}"
    harden-dnssec-stripped: yes
    msg-buffer-size: 65552
    incoming-num-tcp: 50
    infra-host-ttl: 5
    ip-ratelimit: 0
remote-control:
    control-enable: no
{"".join(map(self._stub, self.zones.values()))}""",
            encoding="ascii",
        )
        self._run("unbound", [program("unbound"), "-d", "-c", str(config)])

    def _anchor(self) -> str:
        made = dns.dnssec.make_ds(dns.name.root, self._dnskey, "SHA256")
        return f"DS {made.to_text()}"

    def _stub(self, zone: Authority) -> str:
        """Whom Unbound asks: by port, as delegations cannot say."""
        ports = {Served.SILENT: self._silent.getsockname()[1], Served.LAME: self._lame_port}
        port = ports.get(zone.served, self.knot_port)
        return f'stub-zone:\n    name: "{zone.name}."\n    stub-addr: 127.0.0.1@{port}\n'

    def _run(self, name: str, command: Sequence[str]) -> None:
        with (self.root / f"{name}.log").open("ab") as log:
            self._running[name] = bound.start(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _await(self, name: str, port: int) -> None:
        """Until it answers."""
        question = dns.message.make_query(".", "SOA")
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and self._running[name].poll() is None:
            with contextlib.suppress(dns.exception.DNSException, OSError):
                answer = dns.query.udp(question, "127.0.0.1", 0.5, port)
                if answer.rcode() is not dns.rcode.SERVFAIL:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"{name} does not answer on port {port}: {self.log()}")

    def log(self) -> str:
        """What both have said."""
        return "".join(
            path.read_text(encoding="utf-8", errors="replace") for path in self.root.glob("*.log")
        )


def _texts(rdatas: Iterable[dns.rdata.Rdata]) -> Iterable[bytes]:
    return (b"".join(each.strings) for each in rdatas if isinstance(each, TXT))


def _rdata(kind: str, text: str) -> dns.rdata.Rdata:
    if kind == "TXT":
        octets = text.encode("latin-1")
        strings = [octets[at : at + 255] for at in range(0, len(octets), 255)] or [b""]
        return TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)
    return dns.rdata.from_text(dns.rdataclass.IN, kind, text, dns.name.root, False)
