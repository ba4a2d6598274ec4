"""Verdicts that are judged again: what arrives, what moves, what stays and what is said of it."""

from datetime import date, timedelta
from itertools import pairwise

import asyncpg
import pytest

from monitor.model import (
    Cause,
    DocumentAttribution,
    Finding,
    Indication,
    Integrity,
    Kind,
    Overall,
    Verdict,
)
from monitor.record import queries
from tests.revalidate.scripted import (
    DAY,
    HOUR,
    Scene,
    passed,
    revoked,
    revoked_on,
    undecided,
)
from tests.support.outcomes import MONDAY, digest, document, filed, mail, signature, verdict
from tests.support.registers import entered, met

# -- data arrives -------------------------------------------------------------------------------


async def test_an_undecided_document_becomes_valid_when_its_list_arrives_and_the_figures_move(
    scene: Scene,
) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    assert await scene.figure() == (0, 0, 1)
    assert await scene.figure("mail_signed") == (0, 0, 1)
    await scene.lists("tuesday")
    done = await scene.revalidate()
    assert (done.judged, done.changed) == (1, 1)
    assert await scene.verdicts() == [("valid", False)]
    assert await scene.figure() == (1, 1, 0)
    assert await scene.figure("mail_signed") == (1, 1, 0)
    assert await scene.history() == [("indeterminate", "valid", "revocation_data")]
    assert await scene.sql("SELECT indication, signer_agency_id > 0 FROM signature") == [
        ("TOTAL-PASSED", True)
    ]


async def test_a_provisional_verdict_falls_to_a_revocation_from_before_its_receipt(
    scene: Scene,
) -> None:
    await scene.write(mail("1", [document("a", passed(provisional=True))]))
    assert await scene.verdicts() == [("valid", True)]
    assert await scene.figure() == (1, 1, 0)
    scene.children.scripts["a"] = revoked_on(MONDAY - DAY)
    await scene.lists("tuesday")
    await scene.revalidate()
    assert await scene.verdicts() == [("invalid", False)]
    assert await scene.figure() == (0, 1, 0)
    assert await scene.history() == [("valid", "invalid", "certificate_revoked")]
    assert [(c.owner, c.before, c.after) for c in scene.changes] == [
        ("document", "valid", "invalid")
    ]


async def test_a_revocation_from_after_the_receipt_settles_the_verdict_as_valid(
    scene: Scene,
) -> None:
    await scene.write(mail("1", [document("a", passed(provisional=True))]))
    scene.children.scripts["a"] = revoked_on(MONDAY + HOUR)
    await scene.lists("tuesday")
    await scene.revalidate()
    assert await scene.verdicts() == [("valid", False)]
    assert (await scene.states(), await scene.history()) == (["settled"], [])


async def test_a_settled_verdict_is_not_looked_at_again_but_for_its_certificates_latest(
    scene: Scene,
) -> None:
    """As long as the latest signature of a certificate passes, no revocation reaches further."""
    await scene.write(
        *(mail(f"{n}", [document(f"d{n}", passed(MONDAY + n * HOUR))], at=MONDAY + n * HOUR)
          for n in range(5))
    )  # fmt: skip
    scene.now = MONDAY + 40 * DAY
    for name in ("tuesday", "wednesday"):
        scene.children.asked.clear()
        await scene.lists(name)
        await scene.revalidate()
        assert scene.children.asked == ["d4"]
    scene.children.asked.clear()
    await scene.revalidate()
    assert scene.children.asked == []


async def test_a_revocation_that_reaches_back_reopens_everything_of_its_certificate(
    scene: Scene,
) -> None:
    at = [MONDAY + n * HOUR for n in range(4)]
    await scene.write(*(mail(f"{n}", [document(f"d{n}", passed(t))], at=t)
                        for n, t in enumerate(at)))  # fmt: skip
    await scene.write(mail("other", [document("other", passed(who="another certificate"))]))
    scene.children.otherwise = revoked_on(at[2])
    scene.children.scripts["other"] = lambda _: passed(who="another certificate")
    await scene.lists("tuesday")
    await scene.revalidate()
    found = dict(await scene.sql("SELECT encode(content_hash, 'hex'), overall FROM document"))
    assert {n: found[digest(f"d{n}")] for n in range(4)} == {
        0: "valid", 1: "valid", 2: "invalid", 3: "invalid"
    }  # fmt: skip
    assert found[digest("other")] == "valid"
    assert await scene.figure() == (3, 5, 0)


async def test_new_anchors_reopen_all_but_what_cryptography_decided(scene: Scene) -> None:
    stranger = verdict(
        Overall.INDETERMINATE, [signature(Indication.INDETERMINATE, cause=Cause.SIGNER)],
        cause=Cause.SIGNER,
    )  # fmt: skip
    broken = verdict(
        Overall.INVALID, [signature(Indication.TOTAL_FAILED, integrity=Integrity.MODIFIED)]
    )
    await scene.write(
        mail("1", [document("stranger", stranger)]), mail("2", [document("broken", broken)])
    )
    await scene.lists("tuesday")
    await scene.revalidate()
    assert scene.children.asked == []
    await scene.lists("wednesday", basis="another root")
    await scene.revalidate()
    assert scene.children.asked == ["stranger"]
    assert await scene.history() == [("indeterminate", "valid", "trust_changed")]
    assert sorted(await scene.states()) == ["final", "settled"]


async def test_what_is_open_is_looked_at_again_as_time_passes_ever_more_rarely(
    scene: Scene,
) -> None:
    scene.children.otherwise = lambda _: undecided()
    await scene.write(mail("1", [document("a", undecided())]))
    looks = []
    while scene.now < MONDAY + 90 * DAY:
        if (await scene.revalidate()).judged:
            looks.append(scene.now)
        scene.now += 6 * HOUR
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert gaps == sorted(gaps)
    assert (gaps[0], gaps[-1]) == (6 * HOUR, 7 * DAY)
    assert await scene.history() == []


# -- messages, findings, evidence ---------------------------------------------------------------


async def test_a_signed_message_is_judged_again_like_a_document(scene: Scene) -> None:
    outcome = mail("1", [document("letter")], message=undecided().model_copy(
        update={"kind": Kind.SMIME, "findings": (Finding.REVOCATION_STALE,)}),
        findings=[Finding.SENDER_UNVERIFIED])  # fmt: skip
    kept = document("mail", undecided()).judgement.kept
    examined = outcome.examined.model_copy(update={"kept": kept})
    await scene.write(outcome.model_copy(update={"examined": examined}))
    assert await scene.figure("mail_signed") == (0, 0, 1)
    await scene.lists("tuesday")
    await scene.revalidate()
    assert await scene.sql("SELECT overall, findings FROM message") == [
        ("valid", ["sender_unverified"])
    ]
    assert await scene.figure("mail_signed") == (1, 1, 0)
    assert await scene.sql("SELECT owner, new_overall FROM verdict_change") == [
        ("message", "valid")
    ]


async def test_remarks_on_a_documents_origin_outlive_its_verdict(scene: Scene) -> None:
    outcome = filed(document("a", undecided()), agency=None)
    await scene.write(outcome)
    scene.children.otherwise = lambda _: revoked()
    await scene.lists("tuesday")
    await scene.revalidate()
    assert await scene.sql("SELECT overall, findings FROM document") == [
        ("invalid", ["certificate_revoked", "agency_unknown"])
    ]


async def test_evidence_is_kept_once_and_a_thousand_documents_share_a_certificate(
    scene: Scene,
) -> None:
    await scene.write(*(mail(f"{n}", [document(f"d{n}", passed())]) for n in range(60)))
    await scene.write(mail("again", [document("d1", passed())], sender_agency="so-ba"))
    [[evidence], [blobs]] = await scene.sql(
        "SELECT count(*) FROM kept_evidence UNION ALL SELECT count(*) FROM evidence_blob"
    )
    assert (evidence, blobs) == (60, 61)


async def test_without_evidence_a_verdict_stays_and_that_is_said(scene: Scene) -> None:
    facts = document("a", undecided())
    bare = facts.model_copy(update={"judgement": facts.judgement.model_copy(update={"kept": None})})
    await scene.write(mail("1", [bare]))
    await scene.lists("wednesday", basis="another root")
    assert (await scene.revalidate()).judged == 0
    (found,) = await queries.explain(scene.database, digest("a"))
    assert (found.document.overall, found.standing) == ("indeterminate", None)
    # A copy brings the evidence: from then on it is judged like any other.
    await scene.write(mail("2", [facts]), trust="monday")
    await scene.revalidate()
    (found,) = await queries.explain(scene.database, digest("a"))
    assert (found.document.overall, len(found.sendings)) == ("valid", 2)
    assert [change.reason for change in found.changes] == ["trust_changed"]
    assert found.standing
    assert found.standing.state == "settled"


async def test_an_explanation_shows_every_change_and_how_the_verdict_stands(scene: Scene) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    scene.children.otherwise = lambda _: passed(provisional=True)
    await scene.lists("tuesday")
    await scene.revalidate()
    scene.children.otherwise = lambda _: revoked()
    await scene.lists("wednesday")
    await scene.revalidate()
    (found,) = await queries.explain(scene.database, digest("a"))
    assert [(c.old_overall, c.old_cause, c.new_overall, c.new_trust) for c in found.changes] == [
        ("indeterminate", "ours", "valid", "trusted"), ("valid", None, "invalid", "revoked")
    ]  # fmt: skip
    assert found.standing
    assert (found.standing.epoch, found.standing.receipt_at) == (3, MONDAY)


@pytest.mark.parametrize("statement", ["DELETE FROM", "TRUNCATE"])
async def test_the_history_is_never_changed(scene: Scene, statement: str) -> None:
    async with scene.database.pool.acquire() as connection:
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await connection.execute(f"{statement} verdict_change")


async def test_a_relayed_document_that_is_judged_again_stays_out_of_the_ratios(
    scene: Scene,
) -> None:
    """The counts of its message follow when a document turns out to be another agency's."""
    await scene.write(mail("1", [document("a", undecided())]))
    [[formal]] = await scene.sql("SELECT formal_documents FROM message")
    assert formal == 1
    of_register = date(2026, 1, 5)  # of an entry that the document met, weeks before it
    await met(scene.database, await entered(scene.database, 1, of_register), "a", "mail")
    await scene.sql("DELETE FROM changed_day")
    await scene.lists("tuesday")
    await scene.another_daemon(relayed_from).catch_up(scene.trust)
    assert await scene.sql(
        "SELECT d.relayed, d.signed_by_issuer, m.formal_documents, m.formal_valid"
        " FROM document d, message m"
    ) == [(True, False, 0, 0)]
    assert (of_register,) in await scene.sql("SELECT day FROM changed_day")
    assert await scene.figure() == (0, 0, 0)


def relayed_from(
    judged: Verdict, issuer: str | None, day: date
) -> tuple[DocumentAttribution, tuple[Finding, ...]]:
    signers = tuple("so-ba" for _ in judged.signatures)
    return DocumentAttribution(issuer=issuer, signer_agencies=signers, relayed=True), ()


async def test_times_of_proof_are_never_later_than_the_first_receipt(scene: Scene) -> None:
    late = MONDAY + timedelta(days=3)
    await scene.write(mail("1", [document("a", passed())]))
    await scene.write(mail("2", [document("a", revoked(late))], sender_agency="so-hai", at=late))
    scene.children.scripts["a"] = revoked_on(MONDAY + DAY)
    scene.now = late + HOUR
    await scene.revalidate()
    assert [overall for overall, _ in await scene.verdicts()] == ["valid", "valid"]
    assert await scene.history() == [("invalid", "valid", "earlier_receipt")]
