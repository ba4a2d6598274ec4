"""Evidence that a batch of items brought: how it stands, and what is kept of it once."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from monitor.record.columns import columns
from monitor.record.connection import Connection
from monitor.record.rows import CertificateRow, Evidence, JudgementRow
from monitor.record.statements import sql


class Sightings:
    """Evidence seen by one transaction, each once."""

    def __init__(self) -> None:
        self._seen: dict[UUID, Evidence] = {}
        self._judged: dict[UUID, JudgementRow] = {}

    def add(self, evidence: Evidence | None, judged_by: UUID | None) -> None:
        """Note a sighting, if it is the evidence that the document or message is judged by.

        What came with a first dispatch stays what it is judged by: another detached signature
        beside the same file is not kept.
        """
        if evidence is None or evidence.judgement.evidence_id != judged_by:
            return
        held = self._judged.get(judged_by)
        self._seen.setdefault(judged_by, evidence)
        self._judged[judged_by] = _merged(held, evidence.judgement) if held else evidence.judgement

    async def write(self, connection: Connection) -> None:
        """Every statement takes its rows in key order."""
        if not self._judged:
            return
        rows = [self._judged[uid] for uid in sorted(self._judged)]
        answer = await connection.fetch(sql("see_judgements"), *columns(rows))
        new = sorted(each["evidence_id"] for each in answer if each["new"])
        if new:
            await self._keep(connection, [self._seen[uid] for uid in new])
        await see_certificates(
            connection, [row for uid in sorted(self._seen) for row in self._seen[uid].certificates]
        )

    async def _keep(self, connection: Connection, found: list[Evidence]) -> None:
        kept = columns(
            (each.judgement.evidence_id, each.facts, _array(each.blobs)) for each in found
        )
        await connection.execute(sql("insert_kept_evidence"), *kept)
        blobs = {digest: blob for each in found for digest, blob in each.blobs.items()}
        if blobs:
            await connection.execute(sql("insert_blobs"), *columns(sorted(blobs.items())))


async def see_certificates(connection: Connection, rows: list[CertificateRow]) -> None:
    """Remember the latest passed signature of each certificate."""
    latest: dict[bytes, CertificateRow] = {}
    for row in rows:
        held = latest.get(row.certificate_sha256)
        if held is None or row.proof_at > held.proof_at:
            latest[row.certificate_sha256] = row
    if latest:
        ordered = [latest[certificate] for certificate in sorted(latest)]
        await connection.execute(sql("see_certificates"), *columns(ordered))


def _merged(held: JudgementRow, other: JudgementRow) -> JudgementRow:
    """Two sightings in one batch; where they disagree the evidence is due at once."""
    words = ("overall", "cause", "trust", "provisional")
    agree = all(getattr(held, word) == getattr(other, word) for word in words)
    return held._replace(
        receipt_at=min(held.receipt_at, other.receipt_at),
        by_receipt=held.by_receipt or other.by_receipt,
        due_at=held.due_at if agree else _earlier(held.due_at, other.judged_at),
    )


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def _array(digests: Iterable[bytes]) -> str:
    """SHA-256 digests as the text of a bytea[]."""
    return "{" + ",".join(f'"\\\\x{digest.hex()}"' for digest in digests) + "}"
