"""The record's side of re-validation: what is to be judged again, and what came of it.

Every step is one transaction, may be cut off at any point and may be done twice: a verdict that was
taken over is not due any more, one that was not is claimed again when the claim has ended. Locks
are taken in the writers' order: key rows, then the judgement, then certificates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from monitor.model import DocumentAttribution, Finding, KeptEvidence, Verdict
from monitor.record import judging
from monitor.record.agencies import AgencyIds
from monitor.record.changes import (
    Change,
    Held,
    recount_messages_of,
    replace_document,
    replace_message,
)
from monitor.record.columns import columns
from monitor.record.connection import Connection
from monitor.record.database import Database
from monitor.record.evidence import see_certificates
from monitor.record.judging import Reason
from monitor.record.rows import CertificateRow, DocumentVerdict, MessageVerdict, SignatureRow
from monitor.record.sealing import Sealer
from monitor.record.signatures import SignatureOwner, signature_rows, signed_by_issuer
from monitor.record.statements import sql

EPOCH_LOCK = 0x65706F_6368
"""Of "epoch": one daemon at a time makes a new one."""
CLAIM_SECONDS = 30.0
"""Work done twice is harmless, so a killed daemon need not be waited for any longer."""
MOST_FAILURES = 3
RETRY = timedelta(minutes=10)
OF_THE_ATTRIBUTION = frozenset({Finding.RELAYED, Finding.SIGNER_UNATTRIBUTED})

Attribute = Callable[[Verdict, str | None, date], tuple[DocumentAttribution, tuple[Finding, ...]]]
"""Whose a document is by a verdict: told the issuer's code and the day of its dispatch."""


@dataclass(frozen=True, slots=True)
class TrustNow:
    """The trust material in force."""

    fingerprint: str
    epoch: int
    basis_epoch: int
    """The epoch since which only revocation data has changed."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Evidence that this daemon is to judge again."""

    evidence_id: UUID
    owner: str
    content_hash: bytes
    receipt_at: datetime
    overall: str
    digest: bytes
    epoch: int
    judged_at: datetime
    due_at: datetime | None
    due_for: str | None
    failures: int
    kept: KeptEvidence


@dataclass(frozen=True, slots=True)
class Changed:
    """A recorded verdict that is another now."""

    owner: str
    before: str
    after: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Backlog:
    """What re-validation has before it."""

    waiting: int
    """Judgements to be made again now."""
    open: int
    """Verdicts that may still change: provisional, or undecided by our own lack of data."""
    stuck: int
    """Judging these again failed too often; they stand as they are."""


class Overtaken(Exception):
    """Something changed since the claim: the evidence is judged again, with what is known now."""


class Rejudging:
    """Claims evidence and takes its new verdicts over."""

    def __init__(self, database: Database, state_dir: Path) -> None:
        self._database = database
        self._sealer = Sealer.load(state_dir)
        self._agencies = AgencyIds()

    async def trust(self, fingerprint: str, basis: str) -> TrustNow:
        """The number of this trust material; a new one if it is not what was in force last."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", EPOCH_LOCK)
            last = await connection.fetchrow(
                "SELECT epoch, fingerprint, basis, basis_epoch FROM trust_epoch"
                " ORDER BY epoch DESC LIMIT 1"
            )
            if last and last["fingerprint"] == fingerprint:
                return TrustNow(fingerprint, last["epoch"], last["basis_epoch"])
            epoch = last["epoch"] + 1 if last else 1
            basis_epoch = last["basis_epoch"] if last and last["basis"] == basis else epoch
            await connection.execute(
                "INSERT INTO trust_epoch (epoch, fingerprint, basis, basis_epoch)"
                " VALUES ($1, $2, $3, $4)",
                epoch,
                fingerprint,
                basis,
                basis_epoch,
            )
        return TrustNow(fingerprint, epoch, basis_epoch)

    async def claim(
        self, trust: TrustNow, now: datetime, most: int, seconds: float = CLAIM_SECONDS
    ) -> list[Claimed]:
        """Evidence to judge again, the oldest judgement first; others leave it alone meanwhile."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                sql("claim_judgements"), trust.epoch, trust.basis_epoch, now, most, seconds
            )
            wanted = list({digest for row in rows for digest in row["blobs"]})
            found = await connection.fetch(
                "SELECT sha256, content FROM evidence_blob WHERE sha256 = ANY ($1::bytea[])", wanted
            )
        blobs = {row["sha256"]: row["content"] for row in found}
        ordered = sorted(rows, key=lambda row: (row["epoch"], row["judged_at"]))
        return [_claimed(row, blobs) for row in ordered]

    async def release(self, claimed: Sequence[Claimed]) -> None:
        """Give back what was not judged."""
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE judgement SET claimed_until = NULL WHERE evidence_id = ANY ($1::uuid[])",
                sorted(each.evidence_id for each in claimed),
            )

    async def unchanged(
        self, judged: Sequence[tuple[Claimed, Verdict]], trust: TrustNow, now: datetime
    ) -> None:
        """Take over verdicts that say what they said before."""
        if not judged:
            return
        rows = []
        for claimed, verdict in sorted(judged, key=lambda pair: pair[0].evidence_id):
            state = judging.standing(verdict)
            due = judging.next_look(state, claimed.receipt_at, now)
            rows.append((claimed.evidence_id, claimed.judged_at, state, trust.epoch, now, due))
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(sql("touch_judgements"), *columns(rows))
            await _certificates_checked(connection, [row[0] for row in rows], trust.epoch)

    async def changed(
        self,
        claimed: Claimed,
        verdict: Verdict,
        attribute: Attribute,
        trust: TrustNow,
        now: datetime,
    ) -> list[Changed]:
        """Take a verdict over that may say something else; gives what it changed.

        Raises Overtaken when the evidence was seen or judged in the meantime.
        """
        async with self._database.connection() as connection:
            takeover = _Takeover(connection, claimed, verdict, trust, now, self._sealer)
            targets = await takeover.documents()
            owned = [attribute(verdict, row["agency"], row["day"]) for row in targets]
            codes = {code for whose, _ in owned for code in whose.signer_agencies if code}
            await self._agencies.learn(connection, codes)
            async with connection.transaction():
                if claimed.owner == "message":
                    changes = await takeover.replace_message(self._agencies)
                else:
                    changes = await takeover.replace_documents(targets, owned, self._agencies)
                await takeover.settle()
        return changes

    async def failed(
        self, claimed: Claimed, failure: Finding, trust: TrustNow, now: datetime
    ) -> bool:
        """Note that it could not be judged: the old verdict stands. True when it is given up.

        Evidence that kills its child is tried a few times, ever later, and then left alone until
        other anchors or another version of congvu come.
        """
        failures = claimed.failures + 1
        stuck = failures >= MOST_FAILURES
        due = None if stuck else now + RETRY * 2**failures
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "UPDATE judgement SET failures = $2, failure = $3, epoch = $4, due_at = $5,"
                " due_for = NULL, claimed_until = NULL, judged_at = $6,"
                " state = CASE WHEN $7 THEN 'stuck' ELSE state END WHERE evidence_id = $1",
                claimed.evidence_id,
                min(failures, MOST_FAILURES),
                failure.value,
                trust.epoch,
                due,
                now,
                stuck,
            )
            if stuck:
                await connection.execute(
                    "WITH gone AS (DELETE FROM signer_certificate WHERE evidence_id = $1"
                    " RETURNING certificate_sha256)"
                    " INSERT INTO reopened_certificate SELECT certificate_sha256 FROM gone",
                    claimed.evidence_id,
                )
            await _certificates_checked(connection, [claimed.evidence_id], trust.epoch)
        return stuck

    async def follow_up(self, now: datetime) -> int:
        """Do what changed verdicts ask for: recount messages, reopen certificates.

        Gives how much was done, 0 when nothing is left.
        """
        async with self._database.connection() as connection:
            async with connection.transaction():
                reopened = await _reopen(connection, now)
            async with connection.transaction():
                return reopened + await _recount(connection)

    async def backlog(self, trust: TrustNow, now: datetime) -> Backlog:
        """How much there is to do."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                sql("revalidation_backlog"), trust.epoch, trust.basis_epoch, now
            )
        assert row is not None  # noqa: S101 - a SELECT of scalars
        return Backlog(**dict(row))


def _claimed(row: asyncpg.Record, blobs: dict[bytes, bytes]) -> Claimed:
    # A blob that is missing is the child's to notice: the verdict before stands then.
    found = tuple(blobs[digest] for digest in row["blobs"] if digest in blobs)
    values = {name: row[name] for name in Claimed.__slots__ if name != "kept"}
    kept = KeptEvidence.model_construct(facts=row["facts"], blobs=found)
    return Claimed(**values, kept=kept)


class _Takeover:
    """One verdict on its way into the rows that are judged by its evidence."""

    def __init__(
        self,
        connection: Connection,
        claimed: Claimed,
        verdict: Verdict,
        trust: TrustNow,
        now: datetime,
        sealer: Sealer,
    ) -> None:
        self._connection, self._claimed, self._verdict = connection, claimed, verdict
        self._trust, self._now, self._sealer = trust, now, sealer

    async def documents(self) -> list[asyncpg.Record]:
        """The documents of the evidence; none for a message's."""
        if self._claimed.owner == "message":
            return []
        claimed = self._claimed
        return list(
            await self._connection.fetch(
                sql("documents_judged_by"), claimed.content_hash, claimed.evidence_id
            )
        )

    async def replace_documents(
        self,
        targets: Sequence[asyncpg.Record],
        owned: Sequence[tuple[DocumentAttribution, tuple[Finding, ...]]],
        agencies: AgencyIds,
    ) -> list[Changed]:
        uids = [row["uid"] for row in targets]
        await self._connection.execute(sql("lock_document_keys"), uids)
        await self._lock()
        rows = await self.documents()
        if _identities(rows) != _identities(targets):
            raise Overtaken
        changes: list[Changed] = []
        for row, (whose, remarks) in zip(rows, owned, strict=True):
            changes += await self._replace_document(row, whose, remarks, agencies)
        if self._claimed.due_for:
            # A copy counted these documents by a verdict that is not the one taken over.
            await recount_messages_of(self._connection, uids)
        return changes

    async def _replace_document(
        self,
        row: asyncpg.Record,
        whose: DocumentAttribution,
        remarks: tuple[Finding, ...],
        agencies: AgencyIds,
    ) -> list[Changed]:
        verdict = self._verdict
        findings = judging.findings_after(row["findings"], verdict)
        if row["channel"] != "mail":  # remarks on a mail's documents stand at the mail
            findings = [word for word in findings if word not in OF_THE_ATTRIBUTION]
            findings += [each.value for each in remarks if each in OF_THE_ATTRIBUTION]
        after = DocumentVerdict(
            verdict.kind.value,
            verdict.overall.value,
            verdict.cause and verdict.cause.value,
            verdict.integrity.value,
            verdict.trust.value,
            findings,
            whose.relayed,
            signed_by_issuer(verdict, whose),
            whose.paired,
            whose.organisation_signed,
            judging.is_provisional(verdict),
            row["evidence_id"],
        )
        of = SignatureOwner("document", row["uid"], row["day"])
        signatures = signature_rows(of, verdict, whose, agencies.id_of, self._sealer)
        before = DocumentVerdict(*(row[name] for name in DocumentVerdict._fields))
        if before == after and await self._same_signatures(of, signatures):
            return []
        held, change = self._held(row), self._change(row["trust"])
        await replace_document(self._connection, held, after, signatures, change)
        return self._changes(row["overall"], change)

    async def replace_message(self, agencies: AgencyIds) -> list[Changed]:
        uid = UUID(bytes=self._claimed.content_hash[:16])
        await self._connection.execute(sql("lock_message_keys"), [uid])
        await self._lock()
        row = await self._connection.fetchrow(
            sql("messages_judged_by"), uid, self._claimed.evidence_id
        )
        if row is None:
            return []
        verdict = self._verdict
        after = MessageVerdict(
            verdict.overall.value,
            verdict.cause and verdict.cause.value,
            verdict.integrity.value,
            verdict.trust.value,
            verdict.binding and verdict.binding.value,
            judging.findings_after(row["findings"], verdict),
            judging.is_provisional(verdict),
            row["evidence_id"],
        )
        of = SignatureOwner("message", uid, row["day"])
        signatures = signature_rows(of, verdict, None, agencies.id_of, self._sealer)
        before = MessageVerdict(*(row[name] for name in MessageVerdict._fields))
        if before == after and await self._same_signatures(of, signatures):
            return []
        held, change = self._held(row), self._change(row["trust"])
        await replace_message(self._connection, held, after, signatures, change)
        return self._changes(row["overall"], change)

    async def settle(self) -> None:
        """The evidence stands by the new verdict, and so do the certificates that it speaks for."""
        claimed, verdict, trust = self._claimed, self._verdict, self._trust
        state = judging.standing(verdict)
        await self._connection.execute(
            sql("settle_judgement"), claimed.evidence_id, judging.by_receipt(verdict),
            verdict.overall.value, verdict.cause and verdict.cause.value, verdict.trust.value,
            judging.is_provisional(verdict), judging.digest(verdict), state.value, trust.epoch,
            self._now, judging.next_look(state, claimed.receipt_at, self._now),
        )  # fmt: skip
        proofs = judging.latest_proofs(verdict)
        await self._connection.execute(
            "WITH gone AS (DELETE FROM signer_certificate WHERE evidence_id = $1"
            " AND certificate_sha256 <> ALL ($2::bytea[]) RETURNING certificate_sha256)"
            " INSERT INTO reopened_certificate SELECT certificate_sha256 FROM gone",
            claimed.evidence_id,
            sorted(proofs),
        )
        rows = [
            CertificateRow(certificate, claimed.evidence_id, proof_at, trust.fingerprint)
            for certificate, proof_at in proofs.items()
        ]
        await see_certificates(self._connection, rows)
        await _certificates_checked(self._connection, [claimed.evidence_id], trust.epoch)

    async def _lock(self) -> None:
        """Lock the judgement, unless it is not what was claimed any more."""
        claimed = self._claimed
        row = await self._connection.fetchrow(
            "SELECT judged_at, epoch, receipt_at, due_at, due_for FROM judgement"
            " WHERE evidence_id = $1 FOR UPDATE",
            claimed.evidence_id,
        )
        if row is None or any(row[name] != getattr(claimed, name) for name in row.keys()):  # noqa: SIM118
            raise Overtaken

    async def _same_signatures(self, of: SignatureOwner, rows: Sequence[SignatureRow]) -> bool:
        """Compared without what names the signer: sealed it never looks the same twice, and a new
        key gives another pseudonym.
        """
        plain = [
            name for name in SignatureRow._fields if name not in {"sealed_signer", "signer_ref"}
        ]
        held = await self._connection.fetch(
            f"SELECT {', '.join(plain)} FROM signature WHERE owner_uid = $1 AND day = $2"  # noqa: S608
            " ORDER BY ordinal",
            of.uid,
            of.day,
        )
        return [tuple(row) for row in held] == [
            tuple(getattr(row, name) for name in plain) for row in rows
        ]

    def _held(self, row: asyncpg.Record) -> Held:
        words = (row["evidence_id"], row["overall"], row["cause"], row["trust"])
        return Held(row["uid"], row["day"], *words, unexamined=False, undrawn=False)

    def _change(self, trust_before: str) -> Change:
        claimed, trust = self._claimed, self._trust
        epochs = (claimed.epoch, trust.epoch, trust.basis_epoch)
        reason = judging.why(claimed.due_for, epochs, trust_before, self._verdict)
        return Change(self._now, reason, trust.epoch)

    def _changes(self, before: str, change: Change) -> list[Changed]:
        after = self._verdict.overall.value
        if before == after:
            return []
        return [Changed(self._claimed.owner, before, after, change.reason)]


def _identities(rows: Sequence[asyncpg.Record]) -> list[tuple[UUID, date, str | None]]:
    return [(row["uid"], row["day"], row["agency"]) for row in rows]


async def _certificates_checked(
    connection: Connection, evidence: Sequence[UUID], epoch: int
) -> None:
    await connection.execute(
        "WITH mine AS (SELECT certificate_sha256 FROM signer_certificate"
        " WHERE evidence_id = ANY ($1::uuid[]) ORDER BY 1 FOR UPDATE)"
        " UPDATE signer_certificate c SET epoch = greatest(c.epoch, $2) FROM mine"
        " WHERE c.certificate_sha256 = mine.certificate_sha256",
        list(evidence),
        epoch,
    )


async def _reopen(connection: Connection, now: datetime) -> int:
    rows = await connection.fetch(
        "DELETE FROM reopened_certificate WHERE ctid IN (SELECT ctid FROM reopened_certificate"
        " LIMIT 20 FOR UPDATE SKIP LOCKED) RETURNING certificate_sha256"
    )
    if rows:
        found = [row["certificate_sha256"] for row in rows]
        await connection.execute(sql("reopen_certificates"), found, now)
    return len(rows)


async def _recount(connection: Connection) -> int:
    rows = await connection.fetch(
        "DELETE FROM recount_message WHERE ctid IN (SELECT ctid FROM recount_message"
        " LIMIT 500 FOR UPDATE SKIP LOCKED) RETURNING message_uid"
    )
    if rows:
        uids = sorted({row["message_uid"] for row in rows})
        keys = await connection.fetch(sql("lock_message_keys"), uids)
        days = sorted({key["day"] for key in keys})
        changed = await connection.fetch(sql("recount_messages"), uids, days)
        if changed:
            await connection.copy_records_to_table(
                "changed_day", records=sorted({(row["day"],) for row in changed}), columns=["day"]
            )
    return len(rows)
