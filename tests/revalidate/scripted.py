"""Children that answer by a script, and the words to talk of re-validation."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from monitor.measure import Measure
from monitor.model import (
    Cause,
    DocumentAttribution,
    Finding,
    Indication,
    KeptEvidence,
    Moment,
    Outcome,
    Overall,
    TimeSource,
    Trust,
    Verdict,
)
from monitor.observe import Observer
from monitor.record import Database, Recorder, Rejudging
from monitor.record.rejudging import Attribute, Backlog, Changed, TrustNow
from monitor.revalidate import Progress, Revalidation
from tests.support.database import Server
from tests.support.outcomes import MONDAY, digest, signature, verdict

Script = Callable[[Moment], Verdict | Finding]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def passed(
    at: datetime = MONDAY, *, provisional: bool = False, who: str = "certificate"
) -> Verdict:
    """Valid by its receipt."""
    mark = signature(
        stamped=False,
        signing_time=at,
        signing_time_source=TimeSource.RECEIPT,
        provisional=provisional,
        certificate_sha256=digest(who),
    )
    return verdict(Overall.VALID, [mark])


def undecided(at: datetime = MONDAY) -> Verdict:
    mark = signature(
        Indication.INDETERMINATE, cause=Cause.OURS, stamped=False, signing_time=at,
        signing_time_source=TimeSource.RECEIPT,
    )  # fmt: skip
    return verdict(Overall.INDETERMINATE, [mark], cause=Cause.OURS)


def revoked(at: datetime = MONDAY) -> Verdict:
    mark = signature(
        Indication.TOTAL_FAILED, stamped=False, trust=Trust.REVOKED, signing_time=at,
        signing_time_source=TimeSource.RECEIPT, findings=(Finding.CERTIFICATE_REVOKED,),
    )  # fmt: skip
    found = verdict(Overall.INVALID, [mark])
    return found.model_copy(
        update={"trust": Trust.REVOKED, "findings": (Finding.CERTIFICATE_REVOKED,)}
    )


def revoked_on(day: datetime, who: str = "certificate") -> Script:
    """What a list says that revokes the certificate from then on: valid before, final after."""

    def judge(moment: Moment) -> Verdict:
        assert moment.receipt
        return revoked(moment.receipt) if day <= moment.receipt else passed(moment.receipt, who=who)

    return judge


class Children:
    """Answers by the content that the facts name; counts what was asked."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.otherwise: Script = lambda moment: passed(moment.receipt or moment.now)
        self.asked: list[str] = []

    async def rejudge(self, kept: KeptEvidence, name: str, moment: Moment) -> Verdict | Finding:
        content = json.loads(kept.facts)["content"]
        assert len(kept.blobs) == len(json.loads(kept.facts)["blobs"])
        self.asked.append(content)
        return self.scripts.get(content, self.otherwise)(moment)


def own_signers(
    judged: Verdict, issuer: str | None, day: date
) -> tuple[DocumentAttribution, tuple[Finding, ...]]:
    """Every signer is the issuer's."""
    signers = tuple(issuer for _ in judged.signatures)
    return DocumentAttribution(issuer=issuer, signer_agencies=signers), ()


class Scene:
    """A database with its writer, and a daemon's re-validation on it."""

    def __init__(self, database: Database, recorder: Recorder, server: Server) -> None:
        self.database, self.recorder, self.server = database, recorder, server
        self.children = Children()
        self.now = MONDAY + HOUR
        self.busy = False
        self.changes: list[Changed] = []
        self.backlogs: list[Backlog] = []
        self.store = Rejudging(database, server.state_dir)
        self.trust = TrustNow("", 0, 0)

    async def lists(self, name: str, basis: str = "anchors") -> None:
        """Revocation lists of that name are in force from now on."""
        self.trust = await self.store.trust(name, basis)

    def another_daemon(self, attribute: Attribute = own_signers) -> Revalidation:
        return Revalidation(
            Rejudging(self.database, self.server.state_dir),
            self.children,
            attribute,
            lambda: self.busy,
            Observer(),
            lambda: self.now,
            self.changes.append,
            self.backlogs.append,
            width=4,
        )

    async def write(self, *outcomes: Outcome, trust: str | None = None) -> None:
        by = self.trust.fingerprint if trust is None else trust
        await self.recorder.write(
            [each.model_copy(update={"trust_material": by}) for each in outcomes]
        )

    async def revalidate(self) -> Progress:
        return await self.another_daemon().catch_up(self.trust)

    async def sql(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        async with self.database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(query, *arguments)]

    async def verdicts(self) -> list[tuple[str, bool]]:
        """Overall and provisional of the documents, in the order of their recording."""
        return [
            (row[0], row[1])
            for row in await self.sql(
                "SELECT overall, provisional FROM document ORDER BY first_at, document_uid"
            )
        ]

    async def history(self) -> list[tuple[str, str, str]]:
        found = await self.sql(
            "SELECT old_overall, new_overall, reason FROM verdict_change ORDER BY change_id"
        )
        return [(old, new, why) for old, new, why in found]

    async def states(self) -> list[str]:
        return [row[0] for row in await self.sql("SELECT state FROM judgement ORDER BY receipt_at")]

    async def figure(self, indicator: str = "document_signed") -> tuple[int, int, int]:
        """Numerator, denominator and undecided of the agency so-mot in the month of MONDAY."""
        figures = await Measure(self.database, lambda: MONDAY + 3 * DAY).refresh()
        (found,) = [
            each for each in figures
            if (each.indicator, each.code, each.window, each.channel, each.document_class)
            == (indicator, "so-mot", "period", "mail", "formal")
        ]  # fmt: skip
        return found.numerator, found.denominator, found.undecided
