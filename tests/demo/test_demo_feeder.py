"""The feeder: every story's truth is what the product says of it; pace, order, restarts."""

import asyncio
import email
import json
import os
import socket
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from monitor import material, settings
from monitor.agencies import Registry, attribute
from monitor.collect.manifest import parse
from monitor.demo.feeder import Feeder
from monitor.demo.files import prune
from monitor.demo.gateway import GatewayClient, PutOff, Refused
from monitor.demo.province import JOURNAL_ADDRESS, DemoPlan, prepare
from monitor.demo.scenarios import STORIES
from monitor.demo.sendings import Expectation
from monitor.examine import Examiner
from monitor.model import (
    Attribution,
    AxisKind,
    Channel,
    Direction,
    Examined,
    ItemHeader,
    Limits,
    MailEnvelope,
    Moment,
    Overall,
    PaperFlag,
    PayloadKind,
    TrustClass,
)

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
FAST = 1e6


def clock() -> datetime:
    return NOW + timedelta(seconds=5)


class Box:
    """Keeps what the feeder delivers."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []

    def __call__(self, mail_from: str, payload: bytes) -> None:
        self.mails.append((mail_from, payload))


async def feed(plan: DemoPlan, limit: int) -> tuple[Feeder, Box]:
    box = Box()
    feeder = Feeder(plan, FAST, clock, deliver=box)
    await feeder.run(limit)
    return feeder, box


class Product:
    """Examines and attributes as the daemon does, in this process."""

    def __init__(self, plan: DemoPlan) -> None:
        self.settings = settings.load(plan.config_path)
        assert self.settings.agencies.registry
        self.registry = Registry.load(self.settings.agencies.registry)
        trust = material.load(self.settings.verify).material
        rights = {"mailboxes": self.registry.mailbox_rights()}
        self.examiner = Examiner(trust.model_copy(update=rights), Limits())
        self.inbox, self.axis = plan.inbox, plan.axis

    def mail(self, mail_from: str, payload: bytes) -> tuple[Examined, Attribution]:
        envelope = MailEnvelope(mail_from=mail_from, rcpt_to=(JOURNAL_ADDRESS,), peer="127.0.0.1")
        header = self._header(PayloadKind.MAIL, len(payload), envelope=envelope)
        examined = self.examiner.examine(header, payload, self._moment())
        source = self.settings.mail_sources[0]
        return examined, attribute(header, examined, self.registry, source)

    def files(self) -> list[tuple[Examined, Attribution, ItemHeader]]:
        found = []
        for path in sorted(self.inbox.glob("manifest-*.json")):
            (row,) = parse(path.name, path.read_bytes()).rows
            data = (self.inbox / row.file_name).read_bytes()
            header = self._header(PayloadKind.DOCUMENT, len(data), claim=row.claim)
            examined = self.examiner.examine(header, data, self._moment())
            source = self.settings.folders[0]
            found.append((examined, attribute(header, examined, self.registry, source), header))
        return found

    def messages(self) -> list[tuple[Examined, Attribution]]:
        """The documents of the exchange axis, in the order they were sent; no statuses."""
        found = []
        for path in sorted(self.axis.glob("*.edxml")):
            data = path.read_bytes()
            header = self._header(PayloadKind.AXIS, len(data), channel=Channel.AXIS)
            examined = self.examiner.examine(header, data, self._moment())
            assert examined.axis is not None
            if examined.axis.kind is AxisKind.DOCUMENT:
                source = self.settings.axis[0]
                found.append((examined, attribute(header, examined, self.registry, source)))
        return found

    def _moment(self) -> Moment:
        return Moment(now=NOW + timedelta(minutes=1), receipt=NOW + timedelta(seconds=10))

    def _header(self, kind: PayloadKind, size: int, **rest: object) -> ItemHeader:
        mail = kind is PayloadKind.MAIL
        values = {
            "item_id": "0" * 32,
            "kind": kind,
            "source": "demo",
            "channel": Channel.MAIL if mail else Channel.DOCSYS,
            "received_at": NOW + timedelta(seconds=10),
            "size": size,
        }
        return ItemHeader.model_validate(values | rest)


def seen(examined: Examined, attribution: Attribution) -> list[object]:
    """What the product says, in the form of `ExpectedDocument`s."""
    return [
        (
            facts.content_hash,
            facts.judgement.verdict.overall,
            facts.judgement.verdict.cause,
            owned.issuer,
            owned.relayed,
            owned.paired,
        )
        for facts, owned in zip(examined.documents, attribution.documents, strict=True)
    ]


def truth(expected: Expectation) -> list[object]:
    return [
        (d.content_hash, d.overall, d.cause, d.issuer, d.relayed, d.paired)
        for d in expected.documents
    ]


async def test_the_product_says_of_every_story_what_is_true(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, lambda: NOW)
    feeder, box = await feed(plan, len(STORIES))
    product = Product(plan)
    mails, files, messages = iter(box.mails), iter(product.files()), iter(product.messages())
    assert {s.expected.story for s in feeder.sent} >= {"spoofed", "relayed", "copies"}
    for sent in feeder.sent:
        expected = sent.expected
        story = expected.story
        if expected.channel is not Channel.MAIL:
            on_axis = expected.channel is Channel.AXIS
            examined, attribution = next(messages) if on_axis else next(files)[:2]
            assert attribution.sender_agency == expected.agency, story
            assert attribution.direction is expected.direction, story
            assert seen(examined, attribution) == truth(expected), story
            continue
        keys = set()
        for _ in range(expected.copies):
            examined, attribution = product.mail(*next(mails))
            assert examined.mail is not None
            keys.add(examined.mail.message_key)
            assert attribution.direction is expected.direction, story
            assert attribution.sender_agency == expected.agency, story
            assert examined.mail.automatic is expected.automatic, story
            assert examined.verdict.overall is expected.overall, story
            assert examined.verdict.binding is expected.binding, story
            assert seen(examined, attribution) == truth(expected), story
        assert len(keys) == 1, f"{story}: copies must be one message"


async def test_the_first_round_moves_every_counter(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 3, lambda: NOW)
    feeder, box = await feed(plan, len(STORIES))
    sent = [s.expected for s in feeder.sent]
    documents = [(e.channel, d.overall) for e in sent for d in e.documents]
    assert {overall for _, overall in documents} == set(Overall)
    assert {channel for channel, _ in documents} == {*Channel} - {Channel.PORTAL}
    assert {e.direction for e in sent} == {*Direction, None}
    assert any(d.relayed for e in sent for d in e.documents)
    filed = [d for e in sent if e.channel is Channel.DOCSYS for d in e.documents]
    assert {d.paired for d in filed if d.overall is Overall.VALID} == {True, False}
    product = Product(plan)
    classes = {
        signature.trust_class
        for mail in box.mails
        for facts in product.mail(*mail)[0].documents
        for signature in facts.judgement.verdict.signatures
    }
    assert classes >= {TrustClass.CONG_VU, TrustClass.CONG_CONG}
    papers = {header.claim.paper for _, _, header in product.files() if header.claim}
    assert papers == {PaperFlag.ELECTRONIC, PaperFlag.PARALLEL}


def summary(feeder: Feeder) -> list[tuple[str, str | None, str | None, tuple[Overall, ...]]]:
    return [
        (e.story, e.agency, e.message_id, tuple(d.overall for d in e.documents))
        for e in (s.expected for s in feeder.sent)
    ]


async def test_the_same_seed_tells_the_same_stories(tmp_path: Path) -> None:
    first, _ = await feed(prepare(tmp_path / "a", 5, lambda: NOW), 50)
    again, _ = await feed(prepare(tmp_path / "b", 5, lambda: NOW), 50)
    other, _ = await feed(prepare(tmp_path / "c", 6, lambda: NOW), 50)
    assert summary(first) == summary(again)
    assert summary(first) != summary(other)


async def test_a_second_run_sends_other_mails(tmp_path: Path) -> None:
    first, _ = await feed(prepare(tmp_path, 5, lambda: NOW), 30)
    second, _ = await feed(prepare(tmp_path, 5, lambda: NOW), 30)
    ids = [e.message_id for e in (s.expected for f in (first, second) for s in f.sent)]
    assert max(Counter(i for i in ids if i).values()) == 1


async def test_the_truth_is_kept_beside_the_demo_for_comparison(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 5, lambda: NOW)
    await feed(plan, 10)
    feeder, _ = await feed(plan, 12)
    lines = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    assert [line["story"] for line in lines] == [s.expected.story for s in feeder.sent]
    documents = [d for line in lines for d in line["documents"]]
    assert {d["overall"] for d in documents} <= {word.value for word in Overall}


class Intake:
    """A small SMTP server that answers DATA from a script, then 250."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append((envelope.mail_from or "", envelope.rcpt_tos, envelope.content))
        return answer


def serve(intake: Intake, port: int) -> Controller:
    controller = Controller(intake, hostname="127.0.0.1", port=port)
    controller.start()
    return controller


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_message_arrives_as_it_is_with_its_envelope() -> None:
    intake = Intake()
    controller = serve(intake, free_port())
    try:
        client = GatewayClient("127.0.0.1", controller.port, JOURNAL_ADDRESS)
        client("", b"Subject: a\r\n\r\n.dot\r\n")
        client.close()
    finally:
        controller.stop()
    assert intake.taken == [("<>", [JOURNAL_ADDRESS], b"Subject: a\r\n\r\n.dot\r\n")]


@pytest.mark.parametrize(
    ("answer", "error"), [("451 later", PutOff), ("452 full", PutOff), ("554 no", Refused)]
)
def test_answers_are_told_apart(answer: str, error: type[Exception]) -> None:
    controller = serve(Intake(answer), free_port())
    client = GatewayClient("127.0.0.1", controller.port, JOURNAL_ADDRESS)
    try:
        with pytest.raises(error):
            client("a@b.example", b"Subject: a\r\n\r\n")
        client("a@b.example", b"Subject: a\r\n\r\n")
        client.close()
    finally:
        controller.stop()


async def test_the_feeder_survives_an_intake_that_is_away_and_puts_off(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, lambda: NOW)
    intake = Intake("451 later", "452 full")
    feeder = Feeder(plan, FAST, clock)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(feeder.run(12))
        await asyncio.sleep(0.3)
        controller = await asyncio.to_thread(serve, intake, plan.smtp_port)
        await running
    await asyncio.to_thread(controller.stop)
    arrived = [email.message_from_bytes(content)["Message-ID"] for _, _, content in intake.taken]
    mails = [s.expected for s in feeder.sent if s.expected.channel is Channel.MAIL]
    wanted = [f"<{e.message_id}>" for e in mails for _ in range(e.copies)]
    assert arrived == wanted, "in order, each copy once"
    assert len(feeder.sent) == 12


async def test_a_refused_message_is_left_and_the_next_one_sent(tmp_path: Path) -> None:
    refused: list[bytes] = []

    def deliver(mail_from: str, payload: bytes) -> None:
        if not refused:
            refused.append(payload)
            raise Refused(554)

    feeder = Feeder(prepare(tmp_path, 1, lambda: NOW), FAST, clock, deliver=deliver)
    await feeder.run(6)
    assert len(feeder.sent) == 5


async def test_the_feeder_ends_when_cancelled(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, lambda: NOW)
    running = asyncio.get_running_loop().create_task(Feeder(plan, 50, clock).run())
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_manifest_appears_after_its_file_and_describes_it(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, lambda: NOW)
    await feed(plan, len(STORIES))
    manifests = sorted(plan.inbox.glob("manifest-*.json"))
    assert manifests
    for path in manifests:
        (row,) = json.loads(path.read_text())
        file = plan.inbox / row["file"]
        assert file.stat().st_size == row["size"]
        assert file.stat().st_mtime_ns <= path.stat().st_mtime_ns
    assert not list(plan.inbox.glob("*.part"))
    assert not list(plan.inbox.glob(".*.part"))


def test_the_done_folder_is_kept_small(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.pdf").write_bytes(b"x")
        os.utime(tmp_path / f"{number}.pdf", (number, number))
    prune(tmp_path, keep=3)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["5.pdf", "6.pdf", "7.pdf"]
    prune(tmp_path / "absent")
