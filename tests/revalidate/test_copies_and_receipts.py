"""Further sightings: none takes a verdict back, an earlier receipt and a better copy count."""

from monitor.model import Finding, KeptEvidence, Overall
from tests.revalidate.scripted import DAY, HOUR, Scene, passed, revoked_on, undecided
from tests.support.outcomes import MONDAY, document, kept, mail, verdict


async def test_a_copy_judged_by_older_material_does_not_take_a_new_verdict_back(
    scene: Scene,
) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    await scene.lists("tuesday")
    await scene.revalidate()
    # The child that judged this copy had not yet been replaced.
    await scene.write(mail("2", [document("a", undecided())], at=MONDAY + HOUR), trust="monday")
    assert await scene.verdicts() == [("valid", False)]
    scene.children.asked.clear()
    await scene.revalidate()
    assert scene.children.asked == ["a"]
    assert await scene.verdicts() == [("valid", False)]
    assert [why for _, _, why in await scene.history()] == ["revocation_data"]
    assert await scene.figure("mail_signed") == (2, 2, 0)


async def test_a_copy_judged_by_newer_material_brings_every_sighting_up_to_date(
    scene: Scene,
) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    await scene.lists("tuesday")
    await scene.write(mail("2", [document("a", passed())], sender_agency="so-hai"))
    assert sorted(await scene.verdicts()) == [("indeterminate", False), ("valid", False)]
    await scene.revalidate()
    assert await scene.verdicts() == [("valid", False)] * 2
    assert await scene.history() == [("indeterminate", "valid", "revocation_data")]
    assert await scene.figure() == (1, 1, 0)


async def test_a_copy_that_agrees_asks_for_nothing(scene: Scene) -> None:
    await scene.write(mail("1", [document("a", passed())]))
    await scene.write(mail("2", [document("a", passed(MONDAY + HOUR))], at=MONDAY + HOUR))
    await scene.revalidate()
    assert scene.children.asked == []


async def test_an_earlier_receipt_recorded_later_is_the_time_of_proof(scene: Scene) -> None:
    """Two nodes, or an item put back from the quarantine: the first recorded is not the first."""
    scene.children.otherwise = revoked_on(MONDAY - HOUR)
    await scene.write(mail("1", [document("a", passed())]))
    scene.children.scripts["a"] = revoked_on(MONDAY)
    await scene.lists("tuesday")
    await scene.revalidate()
    assert await scene.verdicts() == [("invalid", False)]
    early = MONDAY - DAY
    await scene.write(mail("2", [document("a", passed(early))], at=early))
    await scene.revalidate()
    assert await scene.verdicts() == [("valid", False)]
    assert (await scene.history())[-1] == ("invalid", "valid", "earlier_receipt")
    assert await scene.sql("SELECT DISTINCT signing_time FROM signature") == [(early,)]


async def test_a_replay_proves_no_earlier_existence_than_its_import(scene: Scene) -> None:
    await scene.write(mail("1", [document("a", passed())]))
    replayed = mail("2", [document("a", passed())], at=MONDAY - 9 * DAY, live=False)
    await scene.write(replayed.model_copy(update={"decided_at": MONDAY + DAY}))
    assert await scene.sql("SELECT receipt_at FROM judgement") == [(MONDAY,)]


async def test_a_signature_that_comes_beside_a_known_file_proves_only_its_own_existence(
    scene: Scene,
) -> None:
    """The file was sent unsigned; that somebody signs it later does not change what was sent."""
    await scene.write(mail("1", [document("a")]))
    later = MONDAY + DAY
    await scene.write(mail("2", [document("a", passed(later))], at=later))
    assert await scene.verdicts() == [("unsigned", False)]
    await scene.lists("tuesday")
    await scene.revalidate()
    assert (await scene.verdicts(), scene.children.asked) == ([("unsigned", False)], [])
    # Another agency sends it with that signature: its receipt, not the bare file's.
    await scene.write(mail("3", [document("a", passed(later))], sender_agency="so-ba", at=later))
    assert await scene.sql("SELECT receipt_at FROM judgement") == [(later,)]


async def test_another_signature_beside_a_signed_file_is_not_what_it_is_judged_by(
    scene: Scene,
) -> None:
    await scene.write(mail("1", [document("a", undecided())]))
    other = document("a", passed())
    evidence: KeptEvidence = kept("a", b"another signature")
    judgement = other.judgement.model_copy(update={"kept": evidence})
    await scene.write(mail("2", [other.model_copy(update={"judgement": judgement})]))
    assert await scene.sql("SELECT count(*) FROM kept_evidence") == [(1,)]
    assert await scene.verdicts() == [("indeterminate", False)]


async def test_a_copy_that_can_be_judged_replaces_what_no_child_could(scene: Scene) -> None:
    lost = verdict(Overall.UNREADABLE).model_copy(update={"findings": (Finding.VERIFIER_TIMEOUT,)})
    await scene.write(mail("1", [document("a", lost), document("b", lost)]))
    await scene.write(mail("2", [document("a", lost)]))
    assert await scene.figure() == (0, 2, 0)
    await scene.write(mail("3", [document("a", passed()), document("b")]))
    assert sorted(await scene.verdicts()) == [("unsigned", False), ("valid", False)]
    assert sorted(await scene.history()) == [
        ("unreadable", "unsigned", "copy"), ("unreadable", "valid", "copy")
    ]  # fmt: skip
    await scene.revalidate()
    assert await scene.figure() == (1, 2, 0)
    counts = await scene.sql("SELECT formal_documents, formal_valid FROM message ORDER BY 1, 2")
    assert counts == [(1, 1), (2, 1), (2, 1)]


async def test_a_message_that_no_child_could_judge_is_replaced_by_its_copy(scene: Scene) -> None:
    lost = verdict(Overall.UNREADABLE).model_copy(update={"findings": (Finding.VERIFIER_CRASHED,)})
    await scene.write(mail("1", [document("a")], message=lost))
    judged = mail("1", [document("a")], message=passed())
    examined = judged.examined.model_copy(update={"kept": kept("message 1")})
    await scene.write(judged.model_copy(update={"examined": examined}))
    assert await scene.sql("SELECT overall, copies FROM message") == [("valid", 2)]
    assert await scene.sql("SELECT owner, reason FROM verdict_change") == [("message", "copy")]
    assert await scene.sql("SELECT owner FROM judgement") == [("message",)]


async def test_an_unjudged_copy_changes_nothing(scene: Scene) -> None:
    lost = verdict(Overall.UNREADABLE).model_copy(update={"findings": (Finding.VERIFIER_CRASHED,)})
    await scene.write(mail("1", [document("a", passed())]))
    await scene.write(mail("2", [document("a", lost)]))
    assert (await scene.verdicts(), await scene.history()) == ([("valid", False)], [])
