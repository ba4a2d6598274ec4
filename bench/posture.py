"""What it takes to look at 2,000 mail domains, on servers of this machine.

    python -m bench posture
    python -m bench.posture [--domains 2000] [--at-once 16]

A Knot serves every domain as a zone of its own, every fourth one signed; Unbound validates before
it. The process that the daemon asks is measured: clock, its processor time, its largest memory; a
second round finds everything in its cache. The peers ask the very same questions and make nothing
of the answers: dnspython as it is, as many at a time as the process may, and kdig, one after the
other. The ratio is of processor time a question, beside dnspython.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dns.asyncquery
import dns.exception
import dns.message

from monitor import clock
from monitor.model import CheckStatus
from monitor.observe import Observer
from monitor.posture.desk import Desk, rules_of
from monitor.posture.domain import check_domain
from monitor.posture.model import DomainPosture, Official
from monitor.posture.names import Answer, Kind, Names
from monitor.posture.resolver import Resolver
from monitor.posturing import AT_ONCE
from monitor.settings import DnsSettings
from tests.support.dns_world import Authority, Signing, World
from tests.support.dns_zones import OFFICIAL, RSA_1024, SURROUNDINGS, good
from tests.support.needs import find

TTL = 3600
_TICKS = os.sysconf("SC_CLK_TCK")
Question = tuple[str, Kind]


@dataclass(frozen=True)
class Taken:
    """What one round took."""

    what: str
    seconds: float
    questions: int
    cpu: float = 0.0
    memory_mb: float = 0.0
    decided: int = 0

    def line(self, beside: "Taken") -> str:
        memory = f"{self.memory_mb:5.0f} MB" if self.memory_mb else f"{'–':>8}"
        asked = f"{'–':>9} {'–':>5}"
        if self.questions:
            ratio = self.cpu / self.questions * beside.questions / beside.cpu
            asked = f"{self.questions / self.seconds:7.0f}/s {ratio:5.2f}"
        return (
            f"{self.what:32} {self.seconds:7.1f} s {self.cpu:6.1f} s {memory}"
            f" {self.questions:10} {asked} {self.decided or '–':>9}"
        )


HEAD = (
    f"{'':32} {'clock':>9} {'processor':>8} {'memory':>8} {'questions':>10} {'a second':>9}"
    f" {'ratio':>5} {'decided':>9}"
)


def domains(count: int) -> tuple[dict[str, Mapping[str, Sequence[str]]], list[Authority]]:
    """Most are in order; the others lack something, or point elsewhere."""
    records: dict[str, Mapping[str, Sequence[str]]] = dict(SURROUNDINGS)
    zones = [
        Authority(name, ttl=TTL)
        for name in ("example", "gov.example", "cong.example", "hosting.example")
    ]
    for number in range(count):
        domain = f"d{number}.gov.example"
        whole = good(domain)
        match number % 10:
            case 0:
                whole["_dmarc"] = {"TXT": ["v=DMARC1; p=none"]}
            case 1:
                whole[""] = {"MX": ["10 mx.hosting.example."], "TXT": ["v=spf1 mx ~all"]}
            case 2:
                del whole["_mta-sts"], whole["_smtp._tls"]
            case 3:
                whole["cong._domainkey"] = {"TXT": [f"v=DKIM1; p={RSA_1024}"]}
            case 4:
                whole["www"] = {"CNAME": ["gone.cong.example."]}
        for label, kinds in whole.items():
            records[f"{label}.{domain}" if label else domain] = kinds
        signing = Signing.NONE if number % 4 else Signing.GOOD
        zones.append(Authority(domain, signing, ttl=TTL))
    return records, zones


class Written(Names):
    """Names that note what is asked of a resolver."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.asked: dict[Question, None] = {}

    async def ask(self, name: str, kind: Kind) -> Answer:
        self.asked[name, kind] = None
        return await self._names.ask(name, kind)


async def questions_of(dns: DnsSettings, count: int, official: Official) -> list[Question]:
    """What the rules ask, each once."""
    written = Written(Resolver(rules_of(dns)))
    for start in range(0, count, 50):
        names = [f"d{number}.gov.example" for number in range(start, min(start + 50, count))]
        await asyncio.gather(
            *(check_domain(written, name, official, clock.now()) for name in names)
        )
    return list(written.asked)


async def rounds(
    what: str, dns: DnsSettings, count: int, at_once: int, official: Official
) -> list[Taken]:
    """Two rounds by one process: from nothing, and out of its cache."""
    desk = Desk(dns, Observer())
    found = []
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.run())
        await desk.check("gov.example", official)  # until it is there
        for which in ("", ", again at once"):
            before, started = _processor(_child()), time.monotonic()
            postures = await _round(desk, count, at_once, official)
            seconds = time.monotonic() - started
            found.append(
                Taken(
                    what + which, seconds, sum(each.questions for each in postures),
                    _processor(_child()) - before, _peak_mb(_child()), _decided(postures),
                )
            )  # fmt: skip
        await desk.close()
    return found


async def _round(desk: Desk, count: int, at_once: int, official: Official) -> list[DomainPosture]:
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> DomainPosture:
        async with gate:
            return await desk.check(f"d{number}.gov.example", official)

    return await asyncio.gather(*map(one, range(count)))


def _decided(postures: Sequence[DomainPosture]) -> int:
    return sum(
        each.status is not CheckStatus.UNKNOWN for posture in postures for each in posture.results
    )


def _child() -> int:
    """The desk's process: the one child whose command line names it."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="ascii")
    for pid in children.split():
        if b"monitor.posture.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise RuntimeError("the process is gone")


def _processor(pid: int) -> float:
    """Seconds that it has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def _plain(port: int, validating: bool, at_once: int, questions: Sequence[Question]) -> int:
    """How many were answered."""
    gate = asyncio.Semaphore(at_once)

    async def one(name: str, kind: Kind) -> bool:
        async with gate:
            message = dns.message.make_query(name, kind, want_dnssec=validating)
            with contextlib.suppress(dns.exception.Timeout):
                await dns.asyncquery.udp_with_fallback(message, "127.0.0.1", 5, port)
                return True
            return False

    return sum(await asyncio.gather(*(one(name, kind) for name, kind in questions)))


def plain(what: str, port: int, settings: DnsSettings, questions: Sequence[Question]) -> Taken:
    """dnspython: a message, a socket, an answer; no cache, no second try."""
    before, started = time.process_time(), time.monotonic()
    answered = asyncio.run(_plain(port, settings.validating, settings.concurrency, questions))
    seconds = time.monotonic() - started
    return Taken(what, seconds, answered, time.process_time() - before)


def kdig(
    what: str, port: int, settings: DnsSettings, questions: Sequence[Question]
) -> Taken | None:
    """The tool of Knot's makers: a process for a thousand questions, one after the other."""
    program = find("kdig")
    if program is None:
        return None
    flags = ["+dnssec"] if settings.validating else []
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    for start in range(0, len(questions), 1000):
        asked = [part for name, kind in questions[start : start + 1000] for part in (name, kind)]
        command = [program, "@127.0.0.1", "-p", str(port), *flags, *asked]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # a time-out is 1
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(what, seconds, len(questions), cpu)


def measured(world: World, count: int, at_once: int, *, authoritative: bool) -> Iterator[Taken]:
    """Each contender begins with servers that were asked nothing yet."""
    settings = world.settings(authoritative=authoritative)
    official = OFFICIAL.model_copy(update={"validating": settings.validating})
    port = world.knot_port if authoritative else world.unbound_port
    whom = "Knot" if authoritative else "Unbound"
    questions = asyncio.run(questions_of(settings, count, official))
    world.flush()
    yield plain(f"dnspython, {whom}", port, settings, questions)
    world.flush()
    if taken := kdig(f"kdig, {whom}", port, settings, questions):
        yield taken
    world.flush()
    yield from asyncio.run(rounds(f"congvu, {whom}", settings, count, at_once, official))
    if not authoritative:
        again = rounds(f"congvu, {whom} that has it all", settings, count, at_once, official)
        yield asyncio.run(again)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--domains", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    arguments = parser.parse_args()
    started = time.monotonic()
    with World(*domains(arguments.domains)) as world:
        print(
            f"{arguments.domains} domains served after {time.monotonic() - started:.0f} s",
            flush=True,
        )
        print(HEAD, flush=True)
        for authoritative in (True, False):
            beside = None
            for taken in measured(
                world, arguments.domains, arguments.at_once, authoritative=authoritative
            ):
                beside = beside or taken
                print(taken.line(beside), flush=True)


if __name__ == "__main__":
    main()
